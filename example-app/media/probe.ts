import { stat } from 'node:fs/promises'
import type { Kind } from './kind'
import { ProgramFailed, runProgram } from './program'
import type { MediaTools } from './tools'

/** Longest look at one file, in milliseconds. ffprobe takes a tenth of a second; a hostile file may hold it up for ever. */
const LONGEST_LOOK = 60_000

/** What a media file says of itself. `null`: it does not say. */
export interface Probe {
  title: string | null
  artist: string | null
  album: string | null
  durationS: number | null
  width: number | null
  height: number | null
  /** Everything that ffprobe said, as JSON. */
  report: string
}

interface Stream {
  codec_type?: string
  width?: number
  height?: number
  tags?: Record<string, string>
  disposition?: { attached_pic?: number }
}

interface Report {
  streams?: Stream[]
  format?: { duration?: string; tags?: Record<string, string> }
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
  try {
    const report = await runProgram(tools.ffprobe, ['-v', 'error', ...asked, ...inputOf(file, kind)], options)
    return understand(JSON.parse(report), report, kind)
  } catch (error) {
    if (error instanceof ProgramFailed) throw await badMedia(file, error)
    throw error
  }
}

/** ffprobe repeats the file's name, which may contain anything; and what it says of a file that has gone is of no use. */
async function badMedia(file: string, { message }: ProgramFailed): Promise<BadMedia> {
  await stat(file)
  return new BadMedia(message.replace(`${file}: `, ''))
}

/**
 * A file as ffmpeg and ffprobe must be told of it: nothing but a file, whatever it is called and whatever addresses it contains.
 * A `%` in the name of a picture would be taken for a numbered series of pictures.
 */
export function inputOf(file: string, kind: Kind): string[] {
  const asOnePicture = kind === 'photo' && file.includes('%') ? ['-f', 'image2', '-pattern_type', 'none'] : []
  return ['-protocol_whitelist', 'file,pipe', ...asOnePicture, '-i', file]
}

function understand({ streams = [], format = {} }: Report, report: string, kind: Kind): Probe {
  const picture = streams.find((stream) => stream.codec_type === 'video' && !stream.disposition?.attached_pic)
  const sound = streams.find((stream) => stream.codec_type === 'audio')
  if (kind === 'music' && !sound) throw new BadMedia('holds no sound')
  if (kind !== 'music' && !picture?.width) throw new BadMedia('holds no picture')
  const tags = lowerCased({ ...sound?.tags, ...format.tags })
  return {
    title: tags.get('title') ?? null,
    artist: tags.get('artist') ?? null,
    album: tags.get('album') ?? null,
    durationS: kind === 'photo' ? null : numberOr(null, format.duration),
    width: picture?.width ?? null,
    height: picture?.height ?? null,
    report,
  }
}

/** FLAC and Ogg write `TITLE`, others `title`; Ogg keeps it with the sound, others with the file. */
function lowerCased(tags: Record<string, string>): Map<string, string> {
  return new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]))
}

function numberOr<Default>(otherwise: Default, text: string | undefined): number | Default {
  const number = Number.parseFloat(text ?? '')
  return Number.isFinite(number) ? number : otherwise
}
