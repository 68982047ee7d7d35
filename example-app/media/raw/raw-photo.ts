import { damaged } from '../damage'
import { extensionOf } from '../kind'
import { lookAtPhoto, MOST_PIXELS, type Photo } from '../photo'
import { type Probe, unsaid } from '../probe'
import type { Size } from './parts'
import { type Raw, readRaw } from './raw'

/** What a raw photo says of itself. Resolves with `null` when it is none, whatever it is called. A job for a thread. */
export async function probeRaw(file: string): Promise<Probe | null> {
  const raw = await read(file)
  if (!raw) return null
  const { preview, ...said } = raw
  const size = raw.size ?? (preview && (await sizeOfPreview(preview)))
  if (!size) throw new Error('holds no picture')
  const report = JSON.stringify({ ...said, size, previewBytes: preview?.length ?? 0 })
  return { ...unsaid, ...size, container: extensionOf(file), report }
}

async function sizeOfPreview(preview: Buffer): Promise<Size> {
  const { default: sharp } = await import('sharp')
  const { width, height } = await sharp(preview, { limitInputPixels: MOST_PIXELS }).metadata()
  return { width, height }
}

/**
 * Looks at a raw photo: at the picture that the camera put beside what its sensor saw, which is not developed. Resolves with `null`
 * when it is none, whatever it is called.
 */
export async function lookAtRaw(file: string): Promise<Photo | null> {
  const raw = await read(file)
  if (!raw) return null
  if (raw.isCutOff) throw new Error(damaged('it is cut off'))
  const picture = raw.preview ?? (raw.hasThumbnail ? file : null)
  const seen = picture === null ? null : await lookAtPhoto({ file: picture, picture })
  const size = sizeAsSeen(raw, seen)
  if (!size) throw new Error('holds no picture')
  const { width, height } = size
  return { width, height, pixels: seen?.pixels ?? null, exif: { ...seen?.exif, ...raw.exif } }
}

/** Turned as the file says; where it does not, as its preview does. */
function sizeAsSeen({ size, orientation }: Raw, seen: Photo | null): Size | null {
  if (!size || orientation === null) return seen ?? size
  const isOnItsSide = orientation > 4
  return isOnItsSide ? { width: size.height, height: size.width } : size
}

async function read(file: string): Promise<Raw | null> {
  return readRaw(file).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === undefined ? new Error(damaged(cause.message), { cause }) : cause
  })
}
