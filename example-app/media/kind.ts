import { extname } from 'node:path'

export type Kind = 'video' | 'music' | 'photo'

const extensions: Record<Kind, string> = {
  video: '3g2 3gp asf avi divx f4v flv m2ts m2v m4v mkv mov mp4 mpeg mpg mts mxf ogm ogv ts vob webm wmv',
  music: 'aac ac3 aif aiff alac ape caf dts flac m4a m4b mka mp2 mp3 oga ogg opus tta wav wma wv',
  photo: 'avif bmp gif heic heif jfif jpeg jpg png tif tiff webp',
}

const kinds = new Map(
  Object.entries(extensions).flatMap(([kind, list]) => list.split(' ').map((extension) => [extension, kind as Kind])),
)

/** What a file claims to be by its name; `undefined`: no media at all. */
export function kindOf(path: string): Kind | undefined {
  return kinds.get(extname(path).slice(1).toLowerCase())
}
