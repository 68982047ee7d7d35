import type { PixelMeasures } from './colours'
import type { Exif } from './exif'

export interface PhotoTag {
  /** What the camera wrote, or what was measured in the picture. */
  source: 'exif' | 'measured'
  kind: 'camera' | 'lens' | 'date' | 'season' | 'place' | 'colour' | 'light' | 'shape'
  name: string
}

/** Between the tropics there are no four seasons, in degrees. */
const TROPIC = 23.5
/** How much longer one side is than the other before nobody calls it a square. */
const SQUARE = 1.05

/** The tags of a photo by what its camera wrote. `country`: where that is, in English; `null`: no country's land. */
export function exifTags({ camera, lens, taken, position }: Exif, country: string | null): PhotoTag[] {
  const tag = (kind: PhotoTag['kind'], name: string | null): PhotoTag[] =>
    name === null ? [] : [{ source: 'exif', kind, name }]
  return [
    ...tag('camera', camera),
    ...tag('lens', lens),
    ...tag('date', taken && [taken.year, two(taken.month), two(taken.day)].join('-')),
    ...tag('season', taken && position && seasonOf(taken.month, position.latitude)),
    ...tag('place', position && (country ?? squareOf(position))),
  ]
}

/** The tags of a photo by what can be seen. `measures`: `null` where its pixels cannot be. */
export function measuredTags(measures: PixelMeasures | null, width: number, height: number): PhotoTag[] {
  const tag = (kind: PhotoTag['kind'], name: string): PhotoTag => ({ source: 'measured', kind, name })
  const ratio = width / height
  const shape = ratio > SQUARE ? 'landscape' : ratio < 1 / SQUARE ? 'portrait' : 'square'
  return [
    ...coloursOf(measures).map((name) => tag('colour', name)),
    ...(measures?.brightness ? [tag('light', measures.brightness)] : []),
    tag('shape', shape),
  ]
}

function coloursOf(measures: PixelMeasures | null): string[] {
  return measures?.isBlackAndWhite ? ['black and white'] : (measures?.colours ?? [])
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

/** As meteorologists have it, by whole months. `null` in the tropics. */
export function seasonOf(month: number, latitude: number): string | null {
  if (Math.abs(latitude) < TROPIC) return null
  const inTheNorth = ['winter', 'spring', 'summer', 'autumn']
  const quarter = Math.floor((month % 12) / 3)
  return inTheNorth[latitude > 0 ? quarter : (quarter + 2) % 4] ?? null
}

/** Where there is no country: the nearest crossing of whole degrees. */
function squareOf({ latitude, longitude }: { latitude: number; longitude: number }): string {
  const degrees = (value: number, names: string) => `${Math.abs(Math.round(value))}° ${names[value < 0 ? 1 : 0]}`
  return `${degrees(latitude, 'NS')}, ${degrees(longitude, 'EW')}`
}
