import { readFile } from 'node:fs/promises'
import type { Sharp } from 'sharp'
import { damaged } from './damage'
import { decodeHeic } from './heic'
import { type Probe, unsaid } from './probe'

/** Larger pictures are refused: 300 megapixels are more than any camera takes, and a gigabyte in memory. */
export const MOST_PIXELS = 300_000_000
/** Longest work on one photo, in seconds. */
const LONGEST_S = 60
/** What is measured is measured on so many pixels a side at most. */
const SIDE = 64

/** One photo as a thread finds it. */
export interface Photo {
  /** As it is to be looked at, turned by its EXIF orientation. */
  width: number
  height: number
  /** Red, green and blue of a small copy, one byte each. `null`: nobody here could decode it. */
  pixels: Uint8Array | null
  /** Word for word. */
  exif: Record<string, unknown>
}

/** What a photo says of itself that ffprobe cannot read, such as HEIC. A job for a thread. */
export async function probePhoto(file: string): Promise<Probe> {
  const { default: sharp } = await import('sharp')
  const { format, compression, width, height, orientation } = await sharp(file, {
    limitInputPixels: MOST_PIXELS,
  }).metadata()
  const report = JSON.stringify({ format, compression, width, height, orientation })
  return { ...unsaid, container: format, videoCodec: compression ?? format, width, height, report }
}

/** The path of a file, or what is in one. */
export type Content = string | Buffer

export interface PhotoQuestion {
  /** The photo itself: its EXIF is read from it. */
  file: Content
  /** A copy in a format that can be decoded, or the photo itself. `null`: there is none, and only what the camera wrote is read. */
  picture: Content | null
}

/** A format that the library for pictures does not know. */
export const UNKNOWN_FORMAT = 'cannot be decoded here'

/** Looks at a photo. A job for a thread: decoding takes long, and much memory. */
export async function lookAtPhoto({ file, picture }: PhotoQuestion): Promise<Photo> {
  const { default: sharp } = await import('sharp')
  sharp.concurrency(1)
  sharp.cache(false)
  // Cameras write many a picture that is odd, and whole all the same. One that is cut off is not.
  const source = picture ?? file
  const open = sharp(source, { limitInputPixels: MOST_PIXELS, failOn: 'truncated', sequentialRead: true })
  let mayBeUnknown = true
  try {
    const { format, autoOrient, exif, compression } = await open.metadata()
    // Boxes may hold a picture of any kind; all other formats are decoded by whoever finds his way about in them.
    mayBeUnknown = format === 'heif'
    const decoded = picture !== null && compression === 'hevc' ? await openHeic(picture) : open
    const pixels = picture === null ? null : await shrink(decoded)
    return { width: autoOrient.width, height: autoOrient.height, pixels, exif: await exifOf(exif ?? file) }
  } catch (error) {
    throw explained(error as Error, source, mayBeUnknown)
  }
}

/** The library for pictures finds its way about HEIC, but has no decoder for what is in it. */
async function openHeic(file: Content): Promise<Sharp> {
  const { default: sharp } = await import('sharp')
  const { pixels, width, height, rowLength } = decodeHeic(typeof file === 'string' ? await readFile(file) : file, SIDE)
  const rows = sharp(pixels, { raw: { width: rowLength, height, channels: 4 }, limitInputPixels: MOST_PIXELS })
  return rows.extract({ left: 0, top: 0, width, height })
}

/** Transparent parts are white, as on paper. */
async function shrink(picture: Sharp): Promise<Uint8Array> {
  const small = picture.timeout({ seconds: LONGEST_S }).resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
  return small.flatten({ background: 'white' }).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer()
}

function explained(cause: Error, source: Content, mayBeUnknown: boolean): Error {
  // Some complaints begin with the name of the file, which may contain anything.
  const message = typeof source === 'string' ? cause.message.replaceAll(`${source}: `, '') : cause.message
  const lines = message.split('\n')
  if (/pixel limit/.test(lines[0] ?? '')) return new Error(`has more than ${MOST_PIXELS / 1e6} megapixels`, { cause })
  // Before it says so, it tells the steps of its search.
  const unknown =
    mayBeUnknown && lines.find((line) => /unsupported|not support|no decoding plugin|compression format/i.test(line))
  return new Error(unknown ? `${UNKNOWN_FORMAT}: ${unknown}` : damaged(message), { cause })
}

const wanted = ['Make', 'Model', 'LensModel', 'DateTimeOriginal', 'CreateDate']
const position = ['GPSLatitude', 'GPSLatitudeRef', 'GPSLongitude', 'GPSLongitudeRef']

/** From the block that the library for pictures has found, which may have a heading, or from a whole file. Damaged EXIF is none. */
async function exifOf(source: Content): Promise<Photo['exif']> {
  const { default: exifr } = await import('exifr')
  const hasHeading = typeof source !== 'string' && source.subarray(0, 4).toString('latin1') === 'Exif'
  const options = { pick: [...wanted, ...position], reviveValues: false, translateValues: false }
  const found = await exifr.parse(hasHeading ? source.subarray(6) : source, options).catch(() => undefined)
  return plain(found ?? {})
}

/** Nothing but texts and numbers. */
function plain(found: Record<string, unknown>): Photo['exif'] {
  const simple = (value: unknown) => typeof value === 'string' || typeof value === 'number'
  return Object.fromEntries(Object.entries(found).filter(([, value]) => simple(value)))
}
