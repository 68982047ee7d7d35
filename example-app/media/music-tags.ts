/** Most values of one kind that are kept of a file, and most characters of each. No honest file has as many. */
const MOST_VALUES = 50
const LONGEST_VALUE = 500

/** What a music file says of itself, word for word. */
export interface MusicTags {
  genres: string[]
  moods: string[]
  /** Of the piece itself. */
  artists: string[]
  albumArtists: string[]
  /** When it came out: the original first, then this edition. */
  dates: string[]
}

const options = { skipCovers: true }

/** Names that the library for tags leaves alone in some formats, without the prefixes of ID3 and iTunes. */
const further = { moods: /^(tmoo|(wm\/)?mood)$/, dates: /^(original)?(date|year)$/ }

/** How the library for tags calls it that it does not know a format, such as AC-3. */
const unknownFormat = /^(UnsupportedFileTypeError|CouldNotDetermineFileTypeError)$/

/** How it says that something else follows the last chunk of an AIFF, such as a tag of another format. */
const rubbishBehind = /^FourCC contains invalid characters/

/**
 * Reads the tags of a music file; none where the format is not known. A job for a thread: a tag may have megabytes. Pictures are
 * passed over.
 */
export async function readMusicTags(file: string): Promise<MusicTags> {
  const parsed = await parse(file).catch((cause: Error) => {
    if (unknownFormat.test(cause.name) || rubbishBehind.test(cause.message)) return undefined
    throw new Error(`its tags cannot be read: ${cause.message}`, { cause })
  })
  if (!parsed) return { genres: [], moods: [], artists: [], albumArtists: [], dates: [] }
  const { common, native, quality } = parsed
  const all = Object.values(native).flat()
  const named = (pattern: RegExp) => all.filter(({ id }) => pattern.test(bareName(id))).map(({ value }) => value)
  const artistFrame = new OldFrame(native, quality.warnings)
  return {
    genres: texts(common.genre ?? []),
    moods: texts(named(further.moods)),
    artists: texts(artistFrame.wholeOf('TPE1', 'TP1') ?? common.artists ?? [common.artist]),
    albumArtists: texts(artistFrame.wholeOf('TPE2', 'TP2') ?? common.albumartists ?? [common.albumartist]),
    dates: texts([
      common.originaldate,
      common.originalyear,
      common.date,
      common.year,
      ...named(further.dates).sort().reverse(),
    ]),
  }
}

/** Goes by what a file is; by its name only where that cannot be told. */
async function parse(file: string) {
  // ES modules only, which a CommonJS program reaches in this way alone.
  const [{ fromFile }, { parseFile, parseFromTokenizer }] = await Promise.all([
    import('strtok3'),
    import('music-metadata'),
  ])
  const tokenizer = await fromFile(file)
  try {
    tokenizer.fileInfo.path = undefined
    return await parseFromTokenizer(tokenizer, options)
  } catch (error) {
    if ((error as Error).name !== 'CouldNotDetermineFileTypeError') throw error
    return await parseFile(file, options)
  } finally {
    await tokenizer.close()
  }
}

function bareName(id: string): string {
  return id.replace(/^(TXXX|----:com\.apple\.iTunes):/i, '').toLowerCase()
}

interface Tag {
  id: string
  value: unknown
}

/**
 * ID3v2.3 and older ask for several artists to be separated by `/`, which nobody told AC/DC. The library for tags takes them apart;
 * here they come together again.
 */
class OldFrame {
  readonly #tags: Tag[]
  readonly #warnings: string[]

  constructor(native: Record<string, Tag[]>, warnings: { message: string }[]) {
    this.#tags = ['ID3v2.3', 'ID3v2.2'].flatMap((version) => native[version] ?? [])
    this.#warnings = warnings.map(({ message }) => message)
  }

  /** `undefined`: the file has no such frame, or its values stand apart without a doubt. */
  wholeOf(...frames: string[]): string[] | undefined {
    const parts = this.#tags.filter(({ id }) => frames.includes(id)).map(({ value }) => value)
    const areApart = this.#warnings.some(
      (told) => /null-separator/.test(told) && frames.some((id) => told.includes(id)),
    )
    return parts.length === 0 || areApart ? undefined : [parts.join('/')]
  }
}

function texts(values: readonly unknown[]): string[] {
  const known = values.filter((value) => typeof value === 'string' || Number.isFinite(value))
  return [...new Set(known.map((value) => mended(cut(String(value)))))].slice(0, MOST_VALUES)
}

/** Half an emoji is no text: a database would keep another sign in its place. */
function cut(text: string): string {
  return Buffer.from(text.slice(0, LONGEST_VALUE)).toString()
}

/** Many programs write UTF-8 where Latin-1 is meant to be, which then reads like `BjÃ¶rk`. No other text looks like that. */
function mended(text: string): string {
  if (!/^[\0-\xff]*[\x80-\xff]/.test(text) || /[^\0-\xff]/.test(text)) return text
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'))
  } catch {
    return text
  }
}
