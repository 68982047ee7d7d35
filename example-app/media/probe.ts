import { stat } from 'node:fs/promises'
import { ProgramFailed } from '../programs/failure'
import { type ProgramOptions, runProgram } from '../programs/program'
import type { Kind } from './kind'
import { lengthOf, numberOf } from './length'
import type { MediaTools } from './tools'

/** Longest look at one file, in milliseconds. ffprobe takes a tenth of a second; a hostile file may hold it up for ever. */
const LONGEST_LOOK = 60_000

/** What a look at a file yields today. Counts up when `Probe` learns something; UpgradeMediaAnalysis then looks at all files again. */
export const probeVersion = 2

/** What a media file says of itself. `null`: it does not say. */
export interface Probe {
  title: string | null
  artist: string | null
  album: string | null
  durationS: number | null
  width: number | null
  height: number | null
  /** As ffprobe calls it, such as `matroska,webm`. */
  container: string | null
  videoCodec: string | null
  audioCodec: string | null
  /** Of the whole file, in bits per second. */
  bitRate: number | null
  /** Pictures per second, on average. */
  frameRate: number | null
  channels: number | null
  chapters: number
  /** Everything that ffprobe said, as JSON. */
  report: string
}

/** What a file says that says nothing. */
export const unsaid: Omit<Probe, 'report'> = {
  title: null,
  artist: null,
  album: null,
  durationS: null,
  width: null,
  height: null,
  container: null,
  videoCodec: null,
  audioCodec: null,
  bitRate: null,
  frameRate: null,
  channels: null,
  chapters: 0,
}

interface Stream {
  codec_type?: string
  codec_name?: string
  avg_frame_rate?: string
  channels?: number
  sample_rate?: string
  width?: number
  height?: number
  tags?: Record<string, string>
  disposition?: { attached_pic?: number }
  start_time?: string
  duration?: string
}

interface Format {
  format_name?: string
  start_time?: string
  duration?: string
  bit_rate?: string
  tags?: Record<string, string>
}

interface Report {
  streams?: Stream[]
  format?: Format
  chapters?: unknown[]
}

/** A file that is not what its name claims. The message says what is wrong with it. */
export class BadMedia extends Error {
  override readonly name = 'BadMedia'
}

/** Asks ffprobe about a file. Rejects with `BadMedia`, or with the system's error when the file cannot be read at all. */
export async function probe(tools: MediaTools, file: string, kind: Kind, signal: AbortSignal): Promise<Probe> {
  const { size } = await stat(file)
  if (size === 0) throw new BadMedia('an empty file')
  const asked = ['-show_format', '-show_streams', '-show_chapters', '-of', 'json']
  const options = { signal, timeoutMs: LONGEST_LOOK }
  const report = await runOnFile(file, tools.ffprobe, ['-v', 'error', ...asked, ...inputOf(file, kind)], options)
  return understand(JSON.parse(report), report, kind)
}

/** Runs ffmpeg or ffprobe on a file. What they complain of is wrong with the file: rejects with `BadMedia` then. */
export async function runOnFile(
  file: string,
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<string> {
  try {
    return await runProgram(program, args, options)
  } catch (error) {
    if (error instanceof ProgramFailed) throw await badMedia(file, error)
    throw error
  }
}

/**
 * ffprobe repeats the file's name, which may contain anything; and what it says of a file that has gone is of no use. Its last word
 * fits many a file. Which part of it found what, it says before: `[mov,mp4 @ 0x55bc] moov atom not found`.
 */
async function badMedia(file: string, { message, earlier }: ProgramFailed): Promise<BadMedia> {
  await stat(file)
  const said = message.replace(`${file}: `, '')
  const [, found] = earlier.map((line) => /^\[[\w, ]+ @ 0x[0-9a-f]+\] (.{1,100})/.exec(line)).find((line) => line) ?? []
  return new BadMedia(found === undefined ? said : `${found} (${said})`)
}

/**
 * A file as ffmpeg and ffprobe must be told of it: nothing but a file, whatever it is called and whatever addresses it contains.
 * A `%` in the name of a picture would be taken for a numbered series of pictures.
 */
export function inputOf(file: string, kind: Kind): string[] {
  const asOnePicture = kind === 'photo' && file.includes('%') ? ['-f', 'image2', '-pattern_type', 'none'] : []
  return ['-protocol_whitelist', 'file,pipe', ...asOnePicture, '-i', file]
}

function understand({ streams = [], format = {}, chapters = [] }: Report, report: string, kind: Kind): Probe {
  const picture = streams.find((stream) => stream.codec_type === 'video' && !stream.disposition?.attached_pic)
  const sound = streams.find((stream) => stream.codec_type === 'audio')
  expectKind(kind, format, picture, sound)
  const tags = lowerCased({ ...sound?.tags, ...format.tags })
  return {
    title: tags.get('title') ?? null,
    artist: tags.get('artist') ?? null,
    album: tags.get('album') ?? null,
    durationS: durationOf(kind, { streams, format }),
    ...ofPicture(picture, kind),
    ...ofSound(sound),
    container: format.format_name ?? null,
    bitRate: kind === 'photo' ? null : numberOf(format.bit_rate),
    chapters: chapters.length,
    report,
  }
}

function durationOf(kind: Kind, report: Report): number | null {
  if (kind === 'photo') return null
  return kind === 'video' ? lengthOf(report) : numberOf(report.format?.duration)
}

/** ffprobe goes by the name alone where it knows no better, and then finds a sound without pitch, or a picture without size. */
function expectKind(kind: Kind, { format_name = '', duration }: Format, picture?: Stream, sound?: Stream): void {
  if (kind === 'music' && !(Number(sound?.sample_rate) > 0)) throw new BadMedia('holds no sound')
  if (kind !== 'music' && !picture?.width) throw new BadMedia('holds no picture')
  const isStill = /^image2|_pipe$/.test(format_name)
  if (kind === 'video' && isStill) throw new BadMedia(`a picture (${picture?.codec_name}), and no film`)
  const isFilm = duration !== undefined && !isStill && !/^(gif|apng|webp)/.test(format_name)
  if (kind === 'photo' && isFilm) throw new BadMedia(`a film (${format_name}), and no picture`)
}

function ofPicture({ width, height, codec_name, avg_frame_rate }: Stream = {}, kind: Kind) {
  return {
    width: width ?? null,
    height: height ?? null,
    videoCodec: codec_name ?? null,
    frameRate: kind === 'video' ? ratio(avg_frame_rate) : null,
  }
}

function ofSound({ codec_name, channels }: Stream = {}) {
  return { audioCodec: codec_name ?? null, channels: channels ?? null }
}

/** FLAC and Ogg write `TITLE`, others `title`; Ogg keeps it with the sound, others with the file. */
function lowerCased(tags: Record<string, string>): Map<string, string> {
  return new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]))
}

/** `30000/1001` as a number; `null` for `0/0`, which is how ffprobe says that it does not know. */
function ratio(text = ''): number | null {
  const [above = 0, below = 0] = text.split('/').map(Number)
  return above > 0 && below > 0 ? above / below : null
}
