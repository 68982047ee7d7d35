import { extname } from 'node:path'

export type Kind = 'video' | 'music' | 'photo'

const extensions: Record<Kind, string> = {
  video: 'avi m2ts m4v mkv mov mp4 mpeg mpg ts webm wmv',
  music: 'aac flac m4a mp3 oga ogg opus wav wma',
  photo: 'bmp gif heic jpeg jpg png tif tiff webp',
}

const kinds = new Map(
  Object.entries(extensions).flatMap(([kind, list]) => list.split(' ').map((extension) => [extension, kind as Kind])),
)

/** What a file claims to be by its name; `undefined`: no media at all. */
export function kindOf(path: string): Kind | undefined {
  return kinds.get(extname(path).slice(1).toLowerCase())
}
