import { readdir, readFile, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { episodeOf } from '../media/episode'
import { LARGEST_NFO, type Nfo } from '../media/nfo'
import { probe } from '../media/probe'
import { bundleOf } from './bundles'
import { type Item, itemsOf, musicBy } from './items'
import type { Library } from './library'
import type { Metadata, MetadataProvider, Subject } from './metadata-provider'

/** Longest look at the files of one artist or show, in milliseconds. */
const LONGEST_LOOK = 60_000

/** Knows what the files themselves say: their tags, and `artist.nfo` or `tvshow.nfo` beside them. Asks nobody outside. */
export function localProvider(library: Library): MetadataProvider {
  return {
    name: 'local files',
    spacingMs: 0,
    timeLimitMs: LONGEST_LOOK,
    fetch: (subject, signal) =>
      subject.kind === 'artist' ? artist(library, subject, signal) : show(library, subject, signal),
  }
}

async function artist(library: Library, { name }: Subject, signal: AbortSignal): Promise<Metadata> {
  const items = musicBy(library.database, name)
  const tags = await tagsOf(library, items, signal)
  const folders = items.flatMap(({ path }) => [posix.dirname(posix.dirname(path)), posix.dirname(path)])
  const nfo = await nfoIn(library, folders, 'artist', signal)
  return {
    ...merge(nfo, tags),
    title: nfo?.title ?? name,
    parts: distinct(tags.map((tag) => tag.get('album'))),
    items: items.length,
  }
}

async function show(library: Library, { name }: Subject, signal: AbortSignal): Promise<Metadata> {
  const episodes = (await itemsOf(library.database, ['video'])).flatMap((item) => {
    const episode = episodeOf(item.path)
    return episode?.show === name ? [{ item, episode }] : []
  })
  const tags = await tagsOf(
    library,
    episodes.map(({ item }) => item),
    signal,
  )
  const nfo = await nfoIn(
    library,
    episodes.map(({ episode }) => episode.folder),
    'tvshow',
    signal,
  )
  const [, title = name, year] = /^(.*\S)\s*\((\d{4})\)$/.exec(name) ?? []
  const merged = merge(nfo, tags)
  return {
    ...merged,
    title: nfo?.title ?? title,
    year: nfo?.year ?? (year === undefined ? merged.year : Number(year)),
    parts: distinct(episodes.map(({ episode }) => `Season ${episode.season}`)),
    items: episodes.length,
  }
}

type Tags = Map<string, string>

/** What somebody wrote in a .nfo comes before what tags say; the year is the earliest. */
function merge(nfo: Nfo | null, tags: readonly Tags[]) {
  const genres = nfo?.genres.length ? nfo.genres : tags.flatMap((tag) => tag.get('genre')?.split(/\s*[;/,]\s*/) ?? [])
  const years = tags.flatMap((tag) => /\d{4}/.exec(tag.get('date') ?? '')?.map(Number) ?? [])
  const year = nfo?.year ?? years.sort((one, other) => one - other)[0] ?? null
  return { plot: nfo?.plot ?? null, year, genres: distinct(genres), ids: nfo?.ids ?? {} }
}

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value): value is string => value !== undefined && value !== ''))].sort()
}

async function tagsOf(library: Library, items: readonly Item[], signal: AbortSignal): Promise<Tags[]> {
  const all: Tags[] = []
  for (const item of items) {
    signal.throwIfAborted()
    const { format, streams = [] } = JSON.parse(await reportOf(library, item, signal)) as Report
    const tags = Object.assign({}, ...streams.map((stream) => stream.tags ?? {}), format?.tags ?? {})
    all.push(new Map(Object.entries<string>(tags).map(([name, value]) => [name.toLowerCase(), value])))
  }
  return all
}

interface Report {
  format?: { tags?: Record<string, string> }
  streams?: { tags?: Record<string, string> }[]
}

/** What the scan kept of a file; where that has gone, the file is looked at again. */
async function reportOf({ folders, tools }: Library, { path, kind }: Item, signal: AbortSignal): Promise<string> {
  const kept = await readFile(join(folders.metadata, bundleOf(path), 'probe.json'), 'utf8').catch(() => undefined)
  return kept ?? (await probe(tools, join(folders.media, path), kind, signal)).report
}

/** The first .nfo of that name in some folders. Rejects with what is wrong with it, and when a folder is away: its disk may be. The media folder itself holds nobody's. */
async function nfoIn(
  library: Library,
  folders: readonly string[],
  name: string,
  signal: AbortSignal,
): Promise<Nfo | null> {
  const wanted = `${name}.nfo`
  for (const folder of distinct(folders).filter((one) => one !== '.')) {
    const names = await readdir(join(library.folders.media, folder))
    const found = names.find((one) => one.toLowerCase() === wanted)
    if (found === undefined) continue
    const nfo = await readOne(library, posix.join(folder, found), signal)
    if (nfo.about === name) return nfo
  }
  return null
}

async function readOne({ folders, workers }: Library, path: string, signal: AbortSignal): Promise<Nfo> {
  const file = join(folders.media, path)
  try {
    const found = await stat(file)
    // Reading a pipe would wait for somebody who writes.
    if (!found.isFile()) throw new Error('is no file')
    if (found.size > LARGEST_NFO) throw new Error(`larger than ${LARGEST_NFO} bytes`)
    return await workers.run('readNfo', await readFile(file, { signal }), signal)
  } catch (cause) {
    signal.throwIfAborted()
    throw new Error(`${path}: ${(cause as Error).message}`, { cause })
  }
}
