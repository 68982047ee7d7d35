import { extname } from 'node:path'

export type Kind = 'video' | 'music' | 'photo'

/** Of cameras of many makers: what the sensor saw, and beside it a picture to be looked at. */
const raw = '3fr arw cr2 cr3 dng erf fff gpr iiq mef mos nef nrw orf pef raf rw2 rwl sr2 srw'

const extensions: Record<Kind, string> = {
  video: '3g2 3gp asf avi divx f4v flv m2ts m2v m4v mkv mov mp4 mpeg mpg mts mxf ogm ogv ts vob webm wmv',
  music: 'aac ac3 aif aiff alac ape caf dts flac m4a m4b mka mp2 mp3 oga ogg opus tta wav wma wv',
  photo: `avif bmp gif heic heif jfif jpeg jpg png tif tiff webp ${raw}`,
}

const kinds = new Map(
  Object.entries(extensions).flatMap(([kind, list]) => list.split(' ').map((extension) => [extension, kind as Kind])),
)

/** What a file claims to be by its name; `undefined`: no media at all. */
export function kindOf(path: string): Kind | undefined {
  return kinds.get(extensionOf(path))
}

const raws = new Set(raw.split(' '))

/** Whether a file claims to be a photo as the camera's sensor saw it. */
export function isRaw(path: string): boolean {
  return raws.has(extensionOf(path))
}

export function extensionOf(path: string): string {
  return extname(path).slice(1).toLowerCase()
}
