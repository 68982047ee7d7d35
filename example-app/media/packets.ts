import type { Kind } from './kind'
import { inputOf } from './probe'
import { runProgram } from './program'
import type { MediaTools } from './tools'

/** What ffprobe rounds times to, in seconds. */
const TICK = 1e-6

/** The packets of one stream, in the order in which they are decoded: when, in seconds, and how large, in bytes. */
export interface Packets {
  times: number[]
  sizes: number[]
}

export interface PacketReport {
  /** All streams together, in the order in which they are decoded. */
  packets: Packets
  /** When the picture can be entered, in seconds, in the order in which it is shown. */
  keyFrames: number[]
  hasSound: boolean
}

/** Reads the size and time of every packet of a file, without decoding any. */
export async function readPackets(
  tools: MediaTools,
  file: string,
  kind: Kind,
  signal: AbortSignal,
): Promise<PacketReport> {
  const streams = new Map<string, Packets>()
  const keyFrames: number[] = []
  let hasSound = false
  const onLine = (line: string) => {
    const [type = '', stream = '', shownAt = '', decodedAt = '', size = '', flags = ''] = line.split(',')
    const time = [decodedAt, shownAt].map(Number.parseFloat).find(Number.isFinite)
    if (time !== undefined) append(packetsOf(streams, stream), time, Number(size))
    hasSound ||= type === 'audio'
    if (type === 'video' && flags.startsWith('K')) keyFrames.push(Number.parseFloat(shownAt))
  }
  const asked = 'packet=codec_type,stream_index,pts_time,dts_time,size,flags'
  const args = ['-v', 'error', '-show_entries', asked, '-of', 'csv=p=0', ...inputOf(file, kind)]
  await runProgram(tools.ffprobe, args, { signal, onLine })
  const inOrder = keyFrames.filter(Number.isFinite).sort((one, other) => one - other)
  return { packets: merge([...streams.values()]), keyFrames: inOrder, hasSound }
}

function packetsOf(streams: Map<string, Packets>, stream: string): Packets {
  const known = streams.get(stream) ?? { times: [], sizes: [] }
  streams.set(stream, known)
  return known
}

/** Within a stream packets come in order; where a damaged file says otherwise, time stands still. */
function append({ times, sizes }: Packets, time: number, size: number): void {
  times.push(Math.max(time, times.at(-1) ?? time))
  sizes.push(size)
}

/** Several ordered lists as one, in a single pass: a film has a million packets, and the server must answer meanwhile. */
function merge(streams: readonly Packets[]): Packets {
  const [first = { times: [], sizes: [] }, ...others] = streams
  return others.reduce(mergeTwo, first)
}

function mergeTwo(one: Packets, other: Packets): Packets {
  const merged: Packets = { times: [], sizes: [] }
  let [i, j] = [0, 0]
  while (i < one.times.length || j < other.times.length) {
    const isOneNext = (one.times[i] ?? Infinity) <= (other.times[j] ?? Infinity)
    const from = isOneNext ? one : other
    const at = isOneNext ? i++ : j++
    merged.times.push(from.times[at] ?? 0)
    merged.sizes.push(from.sizes[at] ?? 0)
  }
  return merged
}

/**
 * The highest bit rate over any stretch of `bufferS` seconds, in bits per second: what a connection must carry so that a player
 * who buffers that much never runs dry.
 */
export function peakBitRate({ times, sizes }: Packets, bufferS: number): number {
  let [first, bytes, most] = [0, 0, 0]
  for (const [last, time] of times.entries()) {
    bytes += sizes[last] ?? 0
    for (; (times[first] ?? time) <= time - bufferS + TICK; first += 1) bytes -= sizes[first] ?? 0
    most = Math.max(most, bytes)
  }
  return Math.round((most * 8) / bufferS)
}

/** The longest time without a key frame, in seconds: how far a jump may miss. `null`: fewer than two key frames. */
export function longestInterval(keyFrames: readonly number[]): number | null {
  if (keyFrames.length < 2) return null
  const intervals = keyFrames.slice(1).map((time, index) => time - (keyFrames[index] ?? time))
  return intervals.reduce((longest, interval) => Math.max(longest, interval))
}
