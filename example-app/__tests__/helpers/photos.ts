import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp, { type Exif } from 'sharp'
import type { Library } from '../../library/library'

export interface PhotoOptions {
  width?: number
  height?: number
  colour?: string
  exif?: Exif
  orientation?: number
}

/** A photo of one colour, in the format of its extension. */
export async function makePhoto({ folders }: Library, path: string, options: PhotoOptions = {}): Promise<string> {
  const { width = 60, height = 40, colour = '#c03020', exif = {}, orientation } = options
  const file = join(folders.media, path)
  mkdirSync(dirname(file), { recursive: true })
  const picture = sharp({ create: { width, height, channels: 3, background: colour } })
  await picture
    .withExif(exif)
    .withMetadata(orientation === undefined ? {} : { orientation })
    .toFile(file)
  return file
}

/** Degrees and minutes as EXIF has them. */
export function gps(latitude: string, latitudeRef: string, longitude: string, longitudeRef: string): Exif['IFD3'] {
  return {
    GPSLatitude: latitude,
    GPSLatitudeRef: latitudeRef,
    GPSLongitude: longitude,
    GPSLongitudeRef: longitudeRef,
  }
}
