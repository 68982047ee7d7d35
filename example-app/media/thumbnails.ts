import { LONGEST_PASS } from '../programs/program'
import { Jpegs } from './jpegs'
import { BadMedia, inputOf, runOnFile } from './probe'
import type { MediaTools } from './tools'

/** Longest look for one picture, in milliseconds: a file without an index is read from its beginning. */
const LONGEST_LOOK = 5 * 60_000

/** The film that pictures are taken of. */
export interface Film {
  tools: MediaTools
  file: string
}

/** Ways to a picture of a moment. Each does where the one before finds nothing. */
const ways: readonly Way[] = [
  { input: (atS) => ['-ss', atS], filter: 'null', output: ['-frames:v', '1'] },
  // Nothing is shown from that moment on: the last key frame before it.
  { input: (atS) => ['-noaccurate_seek', '-ss', atS], filter: 'null', output: ['-frames:v', '1'] },
  // A single picture for a whole concert, say: the last key frame, looked for from the beginning. Numbered anew, none comes twice.
  {
    input: (atS) => ['-skip_frame', 'nokey', '-t', `${Number(atS) + 0.1}`],
    filter: 'settb=1/25,setpts=N',
    output: ['-r', '25'],
  },
]

interface Way {
  input(atS: string): string[]
  filter: string
  output: readonly string[]
}

/**
 * Takes a picture of a film at a moment in seconds: a JPEG no side of which is longer than `longestSide` pixels. Where nothing new
 * is shown from then on, the picture is the last before. Rejects when there is none.
 */
export async function takePicture(
  { tools, file }: Film,
  atS: number,
  longestSide: number,
  signal: AbortSignal,
): Promise<Buffer> {
  for (const { input, filter, output } of ways) {
    const jpegs = new Jpegs()
    let picture: Buffer | undefined
    const onData = async (chunk: Buffer) => {
      picture = jpegs.take(chunk).at(-1) ?? picture
    }
    const film = [...input(atS.toFixed(3)), ...steadyFilter, ...inputOf(file, 'video')]
    const args = [
      '-v',
      'error',
      '-nostdin',
      ...film,
      ...picturesOf(`${filter},${fitting(longestSide)}`),
      ...output,
      '-',
    ]
    await runOnFile(file, tools.ffmpeg, args, { signal, onData, timeoutMs: LONGEST_LOOK })
    if (picture) return picture
  }
  throw new BadMedia(`holds no picture at ${atS} s`)
}

export interface Series {
  everyS: number
  /** Most pictures, whatever the film says of its times. */
  most: number
  longestSide: number
  /** Looks at key frames alone, which is many times faster. */
  isKeyFramesOnly: boolean
}

/**
 * Takes pictures all through a film, in one pass: the n-th is what is shown at `n * everyS` seconds. ffmpeg waits until a picture
 * has been taken.
 */
export async function takePictures(
  { tools, file }: Film,
  { everyS, most, longestSide, isKeyFramesOnly }: Series,
  signal: AbortSignal,
  onPicture: (picture: Buffer) => Promise<void>,
): Promise<void> {
  const jpegs = new Jpegs()
  const onData = async (chunk: Buffer) => {
    for (const picture of jpegs.take(chunk)) await onPicture(picture)
  }
  const skip = isKeyFramesOnly ? ['-skip_frame', 'nokey'] : []
  // Rounding up: a picture is never of a later moment than its own.
  const filter = `fps=1/${everyS}:round=up:start_time=0,${fitting(longestSide)}`
  const input = [...skip, ...steadyFilter, ...inputOf(file, 'video')]
  const args = ['-v', 'error', '-nostdin', ...input, ...picturesOf(filter), '-frames:v', String(most), '-']
  await runOnFile(file, tools.ffmpeg, args, { signal, onData, timeoutMs: LONGEST_PASS })
}

/**
 * Recordings of broadcasts change the size of their pictures in the middle. ffmpeg would begin with new filters then, which count from
 * the beginning of the film again; `scale` can do with any size.
 */
export const steadyFilter = ['-reinit_filter', '0']

/** The film itself and no cover art, as JPEGs one after the other. */
function picturesOf(filter: string): string[] {
  return ['-map', '0:V:0', '-an', '-sn', '-dn', '-vf', filter, '-c:v', 'mjpeg', '-q:v', '4', '-f', 'image2pipe']
}

/** As the film is meant to be seen, also where its pixels are no squares. */
function fitting(longestSide: number): string {
  const [width, height] = [`min(${longestSide},${longestSide}*dar)`, `min(${longestSide},${longestSide}/dar)`]
  return `scale='max(2,trunc((${width})/2)*2)':'max(2,trunc((${height})/2)*2)',setsar=1,format=yuvj420p`
}
