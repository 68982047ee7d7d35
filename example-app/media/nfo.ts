import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** Largest .nfo that is read, in bytes: Kodi's own have some thousand. */
export const LARGEST_NFO = 1_000_000

/** What a .nfo file says, as Kodi writes them: https://kodi.wiki/view/NFO_files. Empty or `null`: nothing. */
export interface Nfo {
  /** Its first tag: movie, episodedetails, tvshow, artist, album, musicvideo. */
  about: string
  title: string | null
  originalTitle: string | null
  plot: string | null
  year: number | null
  genres: string[]
  people: string[]
  /** By the name of who gave them, such as `imdb`. */
  ids: Record<string, string>
}

const known: ReadonlySet<string> = new Set(['movie', 'episodedetails', 'tvshow', 'artist', 'album', 'musicvideo'])

// Values stay text: a film may be called 1917. Nothing is nested deeper than the parser's limit of 100.
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  htmlEntities: true,
})

/** Understands a .nfo file. A job for a thread. Throws with what is wrong with it. */
export function readNfo(content: Uint8Array): Nfo {
  if (content.length > LARGEST_NFO) throw new Error(`larger than ${LARGEST_NFO} bytes`)
  const whole = decode(content)
  if (isAddress(whole)) throw new Error('is nothing but an address, and nobody is asked there')
  const text = firstEpisode(withoutAddress(whole))
  // Only a DOCTYPE can define entities that grow, or that name other files.
  if (/<!DOCTYPE/i.test(text)) throw new Error('holds a DOCTYPE, which is not read')
  const verdict = XMLValidator.validate(text)
  if (verdict !== true) throw new Error(`broken XML in line ${verdict.err.line}: ${verdict.err.msg}`)
  const roots = Object.entries(parser.parse(text) as Tags).filter(([name]) => !name.startsWith('?'))
  const [about = '', value] = roots[0] ?? []
  if (roots.length > 1 || Array.isArray(value)) throw new Error('broken XML: several root tags')
  if (!known.has(about)) throw new Error(`is about <${about}>; expected one of ${[...known].join(', ')}`)
  return understand(about, tagsOf(value))
}

/** Without the address of a web page, which Kodi allows behind the XML. */
function withoutAddress(text: string): string {
  const end = text.lastIndexOf('>') + 1
  return isAddress(text.slice(end)) ? text.slice(0, end) : text
}

function isAddress(text: string): boolean {
  return /^\s*https?:\/\/\S+\s*$/.test(text)
}

/** A file of several episodes has several root tags, as Kodi writes it: the first counts. */
function firstEpisode(text: string): string {
  const end = /<\/episodedetails\s*>(?=\s*<episodedetails[\s>])/.exec(text)
  return end ? text.slice(0, end.index + end[0].length) : text
}

/** The text, in the encoding that the file names; UTF-8 where it names none. */
function decode(content: Uint8Array): string {
  const encoding = byMark(content) ?? byDeclaration(content) ?? 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_NOT_SUPPORTED')
      throw new Error(`its encoding ${JSON.stringify(encoding)} is not known`)
    throw new Error(`is not written in ${encoding}`)
  }
}

function byMark([first, second]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return first === 0xef && second === 0xbb ? 'utf-8' : null
}

function byDeclaration(content: Uint8Array): string | null {
  const start = Buffer.from(content.subarray(0, 200)).toString('latin1')
  return /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']{1,40})["']/.exec(start)?.[1] ?? null
}

type Tags = Record<string, unknown>

function understand(about: string, tags: Tags): Nfo {
  const first = (...names: string[]) => names.flatMap((name) => textsOf(tags[name]))[0] ?? null
  const year = /\d{4}/.exec(first('year', 'premiered', 'releasedate', 'aired', 'formed') ?? '')
  return {
    about,
    title: first('title', 'name'),
    originalTitle: first('originaltitle'),
    plot: first('plot', 'biography', 'review', 'outline'),
    year: year && Number(year[0]),
    genres: textsOf(tags.genre),
    people: ['director', 'credits', 'actor', 'artist'].flatMap((name) => textsOf(tags[name])),
    ids: idsOf(tags.uniqueid),
  }
}

/** The texts of a tag that may come once, several times, with attributes, or with a `name` in it. */
function textsOf(value: unknown): string[] {
  const texts = listOf(value).map((one) => (typeof one === 'string' ? one : (tagsOf(one)['#text'] ?? tagsOf(one).name)))
  return texts.filter((text): text is string => typeof text === 'string' && text !== '')
}

function idsOf(value: unknown): Record<string, string> {
  const pairs = listOf(value).map((one) => [String(tagsOf(one)['@type'] ?? 'unknown'), textsOf(one)[0] ?? ''])
  return Object.fromEntries(pairs.filter(([, id]) => id !== ''))
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

function tagsOf(value: unknown): Tags {
  return typeof value === 'object' && value !== null ? (value as Tags) : {}
}
