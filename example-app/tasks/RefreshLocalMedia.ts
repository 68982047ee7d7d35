import { readFile, rm, stat } from 'node:fs/promises'
import { extname, join, posix } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { TaskFunction } from 'express-butler'
import { bundleOf, writeInBundle } from '../library/bundles'
import { type Item, itemsOf } from '../library/items'
import type { Library } from '../library/library'
import {
  compareAssets,
  countLocalAssets,
  type LocalAsset,
  localAssetsOf,
  saveLocalAssets,
} from '../library/local-assets'
import { attachedPicture, LARGEST_PICTURE } from '../media/attached-picture'
import { LARGEST_NFO } from '../media/nfo'
import { type Role, type Sidecar, sidecarsOf } from '../media/sidecars'
import { reasonOf } from '../media/walk'
import { MediaFolders } from './media-folders'
import { expectUnchanged } from './once-per-file'
import { addProblem, conclude, isOurs, workThrough } from './work-list'

/** Largest text that is taken, in bytes. */
const LARGEST_TEXT = 20_000_000

/**
 * Takes what lies beside films and music, and in them. What has not changed is not read again; what is no longer there is forgotten.
 * A bad file is named, and tried again each time; until it is mended, the next best takes its place, or what was there before stays.
 */
export function refreshLocalMedia(library: Library): TaskFunction {
  return async (context) => {
    const { database, folders } = library
    const mediaFolders = await MediaFolders.of(library)
    const bad = new Map<string, string>()
    const tally = { found: 0, gone: 0 }
    const report = await workThrough(context, await itemsOf(database, ['video', 'music']), {
      nameOf: ({ path }) => path,
      work: async (item) => {
        await expectUnchanged(join(folders.media, item.path), item)
        const sidecars = sidecarsOf(posix.basename(item.path), item.kind, await mediaFolders.of(item.path))
        return refresh({ library, item, signal: context.signal, known: [], bad, tally }, sidecars)
      },
    })
    for (const [item, reason] of bad) addProblem(report, { item, reason }, context.log)
    const assets = countLocalAssets(database)
    const { changed, unchanged, failed } = report
    const news = `${tally.found} pictures and texts found beside and inside them, ${tally.gone} gone, ${assets} known`
    const summary = `${changed} changed: films and music looked into; ${news}; ${unchanged} unchanged, ${failed} failed`
    return conclude(context, summary, { ...report, ...tally, assets })
  }
}

/** An item whose files are looked at. */
interface Look {
  library: Library
  item: Item
  signal: AbortSignal
  /** What was found before, as far as its copies are still there. */
  known: LocalAsset[]
  /** Bad files, and what is wrong with them. */
  bad: Map<string, string>
  /** Of all items so far. */
  tally: { found: number; gone: number }
}

/** Resolves with whether anything was new. */
async function refresh(look: Look, sidecars: readonly Sidecar[]): Promise<boolean> {
  const { library, item, signal, known } = look
  const before = localAssetsOf(library.database, item.id)
  for (const asset of before) if (await isWhole(look, asset)) known.push(asset)
  const all = [await embeddedIn(look), ...(await assetsBeside(look, sidecars))]
  const assets = all.filter((asset) => asset !== undefined).sort(byRoleAndPath)
  if (isDeepStrictEqual(assets, known.sort(byRoleAndPath)) && known.length === before.length) return false
  await saveLocalAssets(library.database, signal, item.id, assets)
  const { found, gone } = compareAssets(before, assets)
  look.tally.found += found
  look.tally.gone += gone
  const copies = new Set(assets.map(({ copy }) => copy))
  for (const { copy } of before) if (copy !== null && !copies.has(copy)) await rm(inBundle(look, copy), { force: true })
  return true
}

async function isWhole(look: Look, { copy }: LocalAsset): Promise<boolean> {
  if (copy === null) return true
  return stat(inBundle(look, copy)).then(
    () => true,
    () => false,
  )
}

function inBundle({ library, item }: Look, name: string): string {
  return join(library.folders.metadata, bundleOf(item.path), name)
}

/** All subtitles, and of the rest the best that is any good. */
async function assetsBeside(look: Look, sidecars: readonly Sidecar[]): Promise<(LocalAsset | undefined)[]> {
  const subtitles = sidecars.filter(({ role }) => role === 'subtitle').map((subtitle) => [subtitle])
  const roles = new Set(sidecars.map(({ role }) => role).filter((role) => role !== 'subtitle'))
  const others = [...roles].map((wanted) => sidecars.filter(({ role }) => role === wanted))
  const assets: (LocalAsset | undefined)[] = []
  for (const candidates of [...others, ...subtitles]) assets.push(await bestOf(look, candidates))
  return assets
}

/** The first that is good; else what was found before, while its file is there; else none. */
async function bestOf(look: Look, candidates: readonly Sidecar[]): Promise<LocalAsset | undefined> {
  for (const candidate of candidates) {
    const asset = await attempt(look, candidate.path, () => take(look, candidate))
    if (asset) return asset
  }
  return look.known.find(({ path, role }) => candidates.some((one) => one.path === path && one.role === role))
}

/** What `work` resolves with; `undefined`, and a note, when the file is bad. */
async function attempt<Result>({ bad, signal }: Look, path: string, work: () => Promise<Result>) {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    if (isOurs(error)) throw error
    bad.set(path, reasonOf(error))
    return undefined
  }
}

async function take(look: Look, { path, role, named }: Sidecar): Promise<LocalAsset> {
  const { library, known } = look
  const file = join(library.folders.media, path)
  const found = await stat(file)
  if (!found.isFile()) throw new Error('is no file')
  const [size, mtimeMs] = [found.size, Math.floor(found.mtimeMs)]
  const old = known.find((asset) => asset.path === path && asset.role === role)
  if (old?.size === size && old.mtimeMs === mtimeMs) return old
  const { language = null, forced = false, sdh = false } = named ?? {}
  return { path, role, size, mtimeMs, language, forced, sdh, ...(await contentOf(look, file, role, size)) }
}

/** What is kept of a file: a copy of a picture, what a .nfo says; of a text, nothing but that it is one. */
async function contentOf(
  look: Look,
  file: string,
  role: Role,
  size: number,
): Promise<Pick<LocalAsset, 'copy' | 'nfo'>> {
  const { library, signal } = look
  const largest = role === 'nfo' ? LARGEST_NFO : isText(role) ? LARGEST_TEXT : LARGEST_PICTURE
  if (size === 0) throw new Error('an empty file')
  if (size > largest) throw new Error(`larger than ${largest} bytes`)
  const content = await readFile(file, { signal })
  if (role === 'nfo') return { copy: null, nfo: await library.workers.run('readNfo', content, signal) }
  if (!isText(role)) return { copy: await keepPicture(look, role, content), nfo: null }
  // VobSub's .sub holds pictures.
  if (extname(file).toLowerCase() !== '.sub' && isBinary(content)) throw new Error('is no text')
  return { copy: null, nfo: null }
}

function isText(role: Role): boolean {
  return role === 'subtitle' || role === 'lyrics'
}

/** Text in UTF-16 holds zeros too, but says so at its beginning. */
function isBinary(content: Buffer): boolean {
  const mark = content.subarray(0, 2).toString('hex')
  return mark !== 'fffe' && mark !== 'feff' && content.includes(0)
}

/** Resolves with the name of the copy. */
async function keepPicture(look: Look, role: string, content: Buffer): Promise<string> {
  const { library, item, signal } = look
  const { extension } = await library.workers.run('checkPicture', content, signal)
  const copy = `local/${role}.${extension}`
  await writeInBundle(library.folders, bundleOf(item.path), copy, content)
  return copy
}

/** The picture in a film or a piece of music. Where there is none, that is remembered too. */
async function embeddedIn(look: Look): Promise<LocalAsset | undefined> {
  const { library, item, known, signal } = look
  const { path, size, mtimeMs } = item
  const old = known.find(({ role }) => role === 'embedded')
  if (old?.size === size && old.mtimeMs === mtimeMs) return old
  const none = { path, role: 'embedded' as const, size, mtimeMs, language: null, forced: false, sdh: false, nfo: null }
  const taken = await attempt(look, path, async () => {
    const file = join(library.folders.media, path)
    const content = await library.places.use(signal, () => attachedPicture(library.tools, file, item.kind, signal))
    return { ...none, copy: content && (await keepPicture(look, 'embedded', content)) }
  })
  return taken ?? old
}

function byRoleAndPath(one: LocalAsset, other: LocalAsset): number {
  const [first, second] = [`${one.role} ${one.path}`, `${other.role} ${other.path}`]
  return first < second ? -1 : Number(first > second)
}
