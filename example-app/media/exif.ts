import type { Photo } from './photo'

/** The first photograph. An earlier date is a mistake. */
const FIRST_YEAR = 1826
const LONGEST_NAME = 100

/** What a camera wrote, as far as it makes sense. `null`: it did not say, or said nonsense. */
export interface Exif {
  camera: string | null
  lens: string | null
  taken: { year: number; month: number; day: number } | null
  /** In degrees, north and east of nought. */
  position: { latitude: number; longitude: number } | null
}

export function understandExif(raw: Photo['exif'], now: Date): Exif {
  return {
    camera: cameraOf(nameOf(raw.Make), nameOf(raw.Model)),
    lens: nameOf(raw.LensModel),
    taken: dateOf(raw.DateTimeOriginal, now) ?? dateOf(raw.CreateDate, now),
    position: positionOf(raw),
  }
}

/** Most models name their maker again, not always by the first word: `EASTMAN KODAK COMPANY` makes a `KODAK EASYSHARE`. */
function cameraOf(make: string | null, model: string | null): string | null {
  if (make === null || model === null) return model ?? make
  const [maker = '', ...others] = make.toLowerCase().split(' ')
  const named = model.toLowerCase()
  const isNamed = named.startsWith(maker) || others.some((word) => named.startsWith(`${word} `))
  return isNamed ? model : `${make} ${model}`
}

/** Cameras pad names with NULs and spaces; what comes after the first NUL is not part of it. */
function nameOf(value: unknown): string | null {
  const [text = ''] = typeof value === 'string' ? value.split('\0') : []
  const name = text
    .normalize('NFC')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return name === '' || name.length > LONGEST_NAME ? null : name
}

/** What cameras say whose clock nobody has set. */
const unset = /^(1970|1980|2000):01:01 00:00:00/

/** The date by the camera's own clock, wherever it was. */
function dateOf(value: unknown, now: Date): Exif['taken'] {
  const [text, ...parts] = /^(\d{4}):(\d\d):(\d\d)\b/.exec(String(value)) ?? []
  if (text === undefined || unset.test(String(value))) return null
  const [year = 0, month = 0, day = 0] = parts.map(Number)
  const date = new Date(Date.UTC(year, month - 1, day))
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  const tomorrow = now.getTime() + 24 * 60 * 60 * 1_000
  return exists && year >= FIRST_YEAR && date.getTime() <= tomorrow ? { year, month, day } : null
}

/** Nought and nought is what devices write that did not know. */
function positionOf({ latitude, longitude, GPSLatitudeRef, GPSLongitudeRef }: Photo['exif']): Exif['position'] {
  if (!isWithin(latitude, 90) || !isWithin(longitude, 180) || (latitude === 0 && longitude === 0)) return null
  const isWhole = /^[NS]/.test(String(GPSLatitudeRef)) && /^[EW]/.test(String(GPSLongitudeRef))
  return isWhole ? { latitude, longitude } : null
}

function isWithin(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= limit
}
