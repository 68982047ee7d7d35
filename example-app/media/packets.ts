import { LONGEST_PASS } from '../programs/program'
import type { Kind } from './kind'
import { inputOf, runOnFile } from './probe'
import type { MediaTools } from './tools'

export interface PacketReport {
  /** Stream by stream. */
  streams: Compact[]
  /** When the film can be entered, in seconds, in the order in which it is shown. */
  keyFrames: number[]
  hasSound: boolean
  /** When the first packet begins and the last is over, in seconds. */
  firstS: number
  endS: number
}

/** Reads the size and time of every packet of a file, without decoding any. */
export async function readPackets(
  tools: MediaTools,
  file: string,
  kind: Kind,
  signal: AbortSignal,
): Promise<PacketReport> {
  const streams = new Map<string, Growing>()
  const pictures = new Map<string, PictureStream>()
  let hasSound = false
  let [firstS, endS] = [Infinity, 0]
  const onLine = (line: string) => {
    const [type, stream = '', shownAt = '', decodedAt = '', duration = '', size = '', flags = ''] = line.split(',')
    const times = [decodedAt, shownAt].map(Number.parseFloat).filter(Number.isFinite)
    const [time] = times
    if (time !== undefined) {
      append(packetsOf(streams, stream), time, Number(size))
      firstS = Math.min(firstS, time)
      // A picture is decoded some pictures before it is shown.
      endS = Math.max(endS, Math.max(...times) + (Number.parseFloat(duration) || 0))
    }
    hasSound ||= type === 'audio'
    if (type === 'video') addPicture(pictures, stream, Number.parseFloat(shownAt), flags.startsWith('K'))
  }
  const asked = 'packet=codec_type,stream_index,pts_time,dts_time,duration_time,size,flags'
  const args = ['-v', 'error', '-show_entries', asked, '-of', 'csv=p=0', ...inputOf(file, kind)]
  await runOnFile(file, tools.ffprobe, args, { signal, onLine, timeoutMs: LONGEST_PASS })
  return { streams: [...streams.values()].map(compact), keyFrames: keyFramesOf(pictures), hasSound, firstS, endS }
}

interface PictureStream {
  pictures: number
  keyFrames: number[]
}

function addPicture(all: Map<string, PictureStream>, stream: string, shownAt: number, isKeyFrame: boolean): void {
  const known = all.get(stream) ?? { pictures: 0, keyFrames: [] }
  all.set(stream, known)
  known.pictures += 1
  if (isKeyFrame && Number.isFinite(shownAt)) known.keyFrames.push(shownAt)
}

/** Those of the film itself: the first stream that is no cover, which is a single picture. Another angle has its own. */
function keyFramesOf(streams: Map<string, PictureStream>): number[] {
  const inOrder = [...streams].sort(([one], [other]) => Number(one) - Number(other)).map(([, stream]) => stream)
  const film = inOrder.find(({ pictures }) => pictures > 1) ?? inOrder[0]
  return (film?.keyFrames ?? []).sort((one, other) => one - other)
}

interface Growing {
  times: number[]
  sizes: number[]
}

function packetsOf(streams: Map<string, Growing>, stream: string): Growing {
  const known = streams.get(stream) ?? { times: [], sizes: [] }
  streams.set(stream, known)
  return known
}

/** Within a stream packets come in order; where a damaged file says otherwise, time stands still. */
function append({ times, sizes }: Growing, time: number, size: number): void {
  times.push(Math.max(time, times.at(-1) ?? time))
  sizes.push(size)
}

interface Compact {
  times: Float64Array<ArrayBuffer>
  sizes: Float64Array<ArrayBuffer>
}

/** In a form that can be handed to a thread instead of being copied. */
function compact({ times, sizes }: Growing): Compact {
  return { times: Float64Array.from(times), sizes: Float64Array.from(sizes) }
}

/** When a film can be entered, in seconds, in the order in which it is shown. Reads all of it, and decodes nothing. */
export async function readKeyFrames(tools: MediaTools, file: string, signal: AbortSignal): Promise<number[]> {
  const keyFrames: number[] = []
  const onLine = (line: string) => {
    const [shownAt = '', flags = ''] = line.split(',')
    if (flags.startsWith('K')) keyFrames.push(Number.parseFloat(shownAt))
  }
  const asked = ['-select_streams', 'V:0', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0']
  const args = ['-v', 'error', ...asked, ...inputOf(file, 'video')]
  await runOnFile(file, tools.ffprobe, args, { signal, onLine, timeoutMs: LONGEST_PASS })
  return keyFrames.filter(Number.isFinite).sort((one, other) => one - other)
}
