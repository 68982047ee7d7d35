import { type FileHandle, open } from 'node:fs/promises'
import { cr3Parts } from './cr3-parts'
import type { Parts, Piece, Size } from './parts'
import { rafParts } from './raf-parts'
import type { Directory, ReadBytes, Value } from './tiff'
import { tiffParts } from './tiff-parts'

/** What can be learned from a raw file without developing it. */
export interface Raw {
  /** Of the whole photo, not turned. `null`: the preview is the only one who knows. */
  size: Size | null
  /** How it is to be turned, as EXIF has it, from 1 to 8. `null`: as the preview says. */
  orientation: number | null
  /** What the camera wrote, word for word, under the names that `exifr` gives it. */
  exif: Record<string, string | number>
  /** The largest JPEG that the camera put beside what its sensor saw. `null`: none. */
  preview: Buffer | null
  /** Whether the file begins with a picture that any reader of TIFF can show. */
  hasThumbnail: boolean
  isCutOff: boolean
}

/** Longest preview that is read, in bytes. Cameras write a tenth of that. */
const LONGEST_PREVIEW = 100_000_000
/** Most places at which a preview is looked for. Cameras write three. */
const MOST_PREVIEWS = 50
/** Most bytes that are read to find its way about in a file. Cameras write a tenth of that; a number takes eight times its room in memory. */
const MOST_BYTES = 4_000_000

const CUT_OFF = 'it is cut off'

/** How files begin, and who knows his way about in them. Olympus and Panasonic have numbers of their own where a TIFF has 42. */
const formats: readonly [begins: RegExp, parts: (read: ReadBytes, size: number) => Promise<Parts>][] = [
  [/^(?:II(?:\x2a\0|U\0|RO|RS)|MM(?:\0\x2a|OR))/, tiffParts],
  [/^FUJIFILMCCD-RAW /, rafParts],
  [/^....ftypcrx /s, cr3Parts],
]

/** Reads a raw file. Resolves with `null` when it is none, whatever it is called. Rejects when it is one, and damaged. */
export async function readRaw(path: string): Promise<Raw | null> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const read = reader(file, size)
    const start = (await read(0, Math.min(size, 16))).toString('latin1')
    const [, partsOf] = formats.find(([begins]) => begins.test(start)) ?? []
    return partsOf ? await understand(await partsOf(atMost(MOST_BYTES, read), size), read, size) : null
  } finally {
    await file.close()
  }
}

function reader(file: FileHandle, size: number): ReadBytes {
  return async (at, length) => {
    // Places are what the file says, and may be anything.
    if (!(Number.isSafeInteger(at) && Number.isSafeInteger(length) && at + length <= size)) throw new Error(CUT_OFF)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at)
    if (bytesRead < length) throw new Error(CUT_OFF)
    return buffer
  }
}

/** Reads so many bytes in all, and rejects what is asked for after that. */
function atMost(bytes: number, read: ReadBytes): ReadBytes {
  let left = bytes
  return async (at, length) => {
    left -= length
    if (left < 0) throw new Error(`its directories have more than ${bytes} bytes`)
    return read(at, length)
  }
}

async function understand(parts: Parts, read: ReadBytes, size: number): Promise<Raw> {
  const { hasThumbnail, end } = parts
  const [said = 1] = parts.main?.tags.get(0x112)?.numbers ?? []
  const orientation = said >= 1 && said <= 8 ? said : 1
  return {
    size: largest(parts.sizes),
    orientation: parts.main ? orientation : null,
    exif: exifOf(parts),
    preview: await largestJpeg(parts.previews, read, size),
    hasThumbnail,
    isCutOff: end > size,
  }
}

function largest(sizes: readonly Size[]): Size | null {
  const whole = sizes.filter(({ width, height }) => width > 0 && height > 0)
  return whole.sort((a, b) => b.width * b.height - a.width * a.height)[0] ?? null
}

/** What lies outside the file, or does not begin as a JPEG does, is none. */
async function largestJpeg(pieces: readonly Piece[], read: ReadBytes, size: number): Promise<Buffer | null> {
  const inside = pieces.filter(({ at, length }) => length > 2 && length <= LONGEST_PREVIEW && at + length <= size)
  for (const { at, length } of inside.sort((a, b) => b.length - a.length).slice(0, MOST_PREVIEWS)) {
    if ((await read(at, 2)).readUInt16BE() === 0xffd8) return read(at, length)
  }
  return null
}

const texts: [of: 'main' | 'exif' | 'gps', tag: number, name: string][] = [
  ['main', 0x10f, 'Make'],
  ['main', 0x110, 'Model'],
  ['exif', 0xa434, 'LensModel'],
  ['exif', 0x9003, 'DateTimeOriginal'],
  ['exif', 0x9004, 'CreateDate'],
  ['gps', 1, 'GPSLatitudeRef'],
  ['gps', 3, 'GPSLongitudeRef'],
]

function exifOf(parts: Parts): Raw['exif'] {
  const found = texts.flatMap(([of, tag, name]) => {
    const value = parts[of]?.tags.get(tag)
    return value ? [[name, textOf(value)] as const] : []
  })
  return { ...Object.fromEntries(found), ...positionOf(parts.gps) }
}

function textOf({ numbers }: Value): string {
  return Buffer.from(numbers).toString('utf8')
}

/** Degrees, minutes and seconds, and in a tag before each of which side of nought they are. */
function positionOf(gps: Directory | undefined): Raw['exif'] {
  const degrees = (tag: number, behind: string) => {
    const [whole = Number.NaN, minutes = 0, seconds = 0] = gps?.tags.get(tag)?.numbers ?? []
    const side = gps?.tags.get(tag - 1)
    const value = whole + minutes / 60 + seconds / 3_600
    return side && textOf(side).startsWith(behind) ? -value : value
  }
  return gps ? { latitude: degrees(2, 'S'), longitude: degrees(4, 'W') } : {}
}
