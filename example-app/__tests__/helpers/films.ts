import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import type { Library } from '../../library/library'

/** What the films of the tests show, a colour at a time. */
export const colours = ['red', 'lime', 'blue', 'white', 'yellow', 'cyan', 'magenta', 'black'] as const
export type Colour = (typeof colours)[number]

const rgb: Record<Colour, readonly number[]> = {
  red: [255, 0, 0],
  lime: [0, 255, 0],
  blue: [0, 0, 255],
  white: [255, 255, 255],
  yellow: [255, 255, 0],
  cyan: [0, 255, 255],
  magenta: [255, 0, 255],
  black: [0, 0, 0],
}

export interface ChapterOf {
  startS: number
  endS: number
  title?: string
}

export interface FilmOf {
  /** Each is shown for `eachS` seconds. Default: four of two seconds. */
  shown?: readonly Colour[]
  eachS?: number
  size?: string
  chapters?: readonly ChapterOf[]
  /** How long a tone is heard, in seconds. Default: it is a silent film. */
  soundS?: number
  /** Whether a player is told to turn it by a quarter; MP4 only. */
  isTurned?: boolean
  /** More arguments of ffmpeg's for the film that is written. */
  how?: readonly string[]
}

/** Makes a film in the media folder with the library's ffmpeg, and resolves with where it lies. */
export function makeFilm({ folders, tools }: Library, path: string, film: FilmOf = {}): string {
  const { shown = colours.slice(0, 4), eachS = 2, size = '160x90', chapters = [], soundS = 0, how = [] } = film
  const file = join(folders.media, path)
  mkdirSync(dirname(file), { recursive: true })
  const parts = shown.map((colour, index) => `color=${colour}:s=${size}:r=10:d=${eachS}[c${index}]`)
  const picture = `${parts.join(';')};${shown.map((_, index) => `[c${index}]`).join('')}concat=n=${shown.length}`
  const input = ['-f', 'lavfi', '-i', picture, '-f', 'ffmetadata', '-i', metadataOf(chapters)]
  // A key frame wherever the colour changes, unless a test says otherwise.
  const keys = ['-force_key_frames', `expr:gte(t,n_forced*${eachS})`]
  const sound = soundS > 0 ? ['-f', 'lavfi', '-i', `sine=d=${soundS}`, '-map', '2:a'] : []
  const args = [...sound, '-map', '0:v', '-map_chapters', '1', '-pix_fmt', 'yuv420p', ...keys, ...how]
  execFileSync(tools.ffmpeg, ['-v', 'error', '-nostdin', '-y', ...input, ...args, file])
  if (film.isTurned) turn(file)
  return file
}

/** A recording of a broadcast, from films of colours that follow each other on one clock. */
export function makeRecording(library: Library, path: string, films: readonly FilmOf[]): void {
  let atS = 0
  const parts = films.map((film) => {
    const { shown = [], eachS = 2, how = [] } = film
    const codecs = ['-c:v', 'mpeg2video', '-c:a', 'ac3', '-output_ts_offset', String(atS)]
    atS += shown.length * eachS
    const file = makeFilm(library, path, { ...film, how: [...codecs, ...how] })
    return readFileSync(file)
  })
  writeFileSync(join(library.folders.media, path), Buffer.concat(parts))
}

/** By hand: every version of ffmpeg has another option for it. */
function turn(file: string): void {
  const matrix = (numbers: readonly number[]) => {
    const bytes = Buffer.alloc(36)
    for (const [index, number] of numbers.entries()) bytes.writeInt32BE(number, index * 4)
    return bytes
  }
  const [one, last] = [0x1_0000, 0x4000_0000]
  const bytes = readFileSync(file)
  const at = bytes.indexOf(matrix([one, 0, 0, 0, one, 0, 0, 0, last]), bytes.indexOf('tkhd'))
  if (at < 0) throw new Error(`${file} has no picture to turn`)
  matrix([0, one, 0, -one, 0, 0, 0, 0, last]).copy(bytes, at)
  writeFileSync(file, bytes)
}

function metadataOf(chapters: readonly ChapterOf[]): string {
  const sections = chapters.map(({ startS, endS, title }) => {
    const times = `TIMEBASE=1/1000\nSTART=${startS * 1_000}\nEND=${endS * 1_000}\n`
    return `[CHAPTER]\n${times}${title === undefined ? '' : `title=${title}\n`}`
  })
  return `data:text/plain;base64,${Buffer.from(`;FFMETADATA1\n${sections.join('')}`).toString('base64')}`
}

/** What a picture shows: the nearest of our colours at a place, by default in the middle. Fails when it is no whole JPEG. */
export async function colourOf(picture: Buffer | string, place = { x: 0.5, y: 0.5 }): Promise<Colour> {
  const image = sharp(picture, { failOn: 'warning' })
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  const at = (Math.floor(place.y * info.height) * info.width + Math.floor(place.x * info.width)) * info.channels
  const pixel = [...data.subarray(at, at + 3)]
  const distance = (colour: Colour) =>
    rgb[colour].reduce((sum, part, index) => sum + Math.abs(part - (pixel[index] ?? 0)), 0)
  const nearest = [...colours].sort((one, other) => distance(one) - distance(other))[0] ?? 'black'
  if (distance(nearest) > 60) throw new Error(`${pixel} is none of our colours`)
  return nearest
}

export async function sizeOfPicture(picture: Buffer | string): Promise<[number, number]> {
  const { width, height, format } = await sharp(picture).metadata()
  if (format !== 'jpeg') throw new Error(`${format} is no JPEG`)
  return [width, height]
}
