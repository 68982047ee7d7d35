import { measurePixels } from './colours'
import { type Exif, understandExif } from './exif'
import { isRaw } from './kind'
import { lookAtPhoto, type PhotoQuestion } from './photo'
import { exifTags, measuredTags, type PhotoTag } from './photo-tags'
import { lookAtRaw } from './raw/raw-photo'

export interface TagQuestion extends PhotoQuestion {
  file: string
  now: Date
}

/** All tags of a photo. A job for a thread. */
export async function tagPhoto({ now, ...question }: TagQuestion): Promise<PhotoTag[]> {
  const raw = isRaw(question.file) ? await lookAtRaw(question.file) : null
  const { width, height, pixels, exif: written } = raw ?? (await lookAtPhoto(question))
  const exif = understandExif(written, now)
  return [
    ...exifTags(exif, await countryOf(exif.position)),
    ...measuredTags(pixels && measurePixels(pixels), width, height),
  ]
}

/** By borders that come with a library, drawn coarsely: nobody is asked where somebody has been. */
async function countryOf(position: Exif['position']): Promise<string | null> {
  if (position === null) return null
  const { feature } = await import('@rapideditor/country-coder')
  return feature([position.longitude, position.latitude])?.properties.nameEn ?? null
}
