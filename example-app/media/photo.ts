import type { Sharp } from 'sharp'

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
  /** Red, green and blue of a small copy, one byte each. */
  pixels: Uint8Array
  /** Word for word. */
  exif: Record<string, unknown>
}

export interface PhotoQuestion {
  /** The photo itself: its EXIF is read from it. */
  file: string
  /** A copy in a format that can be decoded, or the photo itself. */
  picture: string
}

/** A format that the library for pictures does not know. */
export const UNKNOWN_FORMAT = 'cannot be decoded here'

/** Looks at a photo. A job for a thread: decoding takes long, and much memory. */
export async function lookAtPhoto({ file, picture }: PhotoQuestion): Promise<Photo> {
  const { default: sharp } = await import('sharp')
  sharp.concurrency(1)
  sharp.cache(false)
  // Cameras write many a picture that is odd, and whole all the same. One that is cut off is not.
  const open = sharp(picture, { limitInputPixels: MOST_PIXELS, failOn: 'truncated', sequentialRead: true })
  const { autoOrient, exif } = await open.metadata().catch((error: Error) => {
    throw explained(error)
  })
  const pixels = await shrink(open).catch((error: Error) => {
    throw explained(error)
  })
  return { width: autoOrient.width, height: autoOrient.height, pixels, exif: await exifOf(exif ?? file) }
}

/** Transparent parts are white, as on paper. */
async function shrink(picture: Sharp): Promise<Uint8Array> {
  const small = picture.timeout({ seconds: LONGEST_S }).resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
  return small.flatten({ background: 'white' }).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer()
}

function explained(cause: Error): Error {
  const [first = ''] = cause.message.split('\n')
  if (/pixel limit/.test(first)) return new Error(`has more than ${MOST_PIXELS / 1e6} megapixels`, { cause })
  const isUnknown = /unsupported|not support|no decoding plugin|compression format/i.test(cause.message)
  return new Error(isUnknown ? `${UNKNOWN_FORMAT}: ${first}` : `its picture is damaged: ${first}`, { cause })
}

const wanted = ['Make', 'Model', 'LensModel', 'DateTimeOriginal', 'CreateDate']
const position = ['GPSLatitude', 'GPSLatitudeRef', 'GPSLongitude', 'GPSLongitudeRef']

/** From the block that the library for pictures has found, which may have a heading, or from a whole file. Damaged EXIF is none. */
async function exifOf(source: Buffer | string): Promise<Photo['exif']> {
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
