/** What ffprobe rounds times to, in seconds. */
const TICK = 1e-6

/** The packets of one stream, in the order in which they are decoded: when, in seconds, and how large, in bytes. */
export interface Packets {
  times: ArrayLike<number>
  sizes: ArrayLike<number>
}

export interface PeakBitRate {
  /** What a player buffers, in seconds. */
  bufferS: number
  bitsPerSecond: number
}

export interface PacketQuestion {
  streams: Packets[]
  /** Nobody buffers more of a file than there is. */
  durationS: number
  buffersS: readonly number[]
}

/** The peak bit rates for players who buffer so many seconds; none of what lasts no time, or does not say. A job for a thread: a film has a million packets. */
export function peakBitRates({ streams, durationS, buffersS }: PacketQuestion): PeakBitRate[] {
  if (durationS <= 0) return []
  const packets = merge(streams)
  return buffersS.map((bufferS) => ({ bufferS, bitsPerSecond: peakBitRate(packets, Math.min(bufferS, durationS)) }))
}

/** Several ordered lists as one, in a single pass. */
function merge(streams: readonly Packets[]): Packets {
  const [first = { times: [], sizes: [] }, ...others] = streams
  return others.reduce(mergeTwo, first)
}

function mergeTwo(one: Packets, other: Packets): Packets {
  const length = one.times.length + other.times.length
  const merged = { times: new Float64Array(length), sizes: new Float64Array(length) }
  let [i, j] = [0, 0]
  for (let at = 0; at < length; at += 1) {
    const isOneNext = (one.times[i] ?? Infinity) <= (other.times[j] ?? Infinity)
    const [from, next] = isOneNext ? [one, i++] : [other, j++]
    merged.times[at] = from.times[next] ?? 0
    merged.sizes[at] = from.sizes[next] ?? 0
  }
  return merged
}

/**
 * The highest bit rate over any stretch of `bufferS` seconds, in bits per second: what a connection must carry so that a player
 * who buffers that much never runs dry.
 */
export function peakBitRate({ times, sizes }: Packets, bufferS: number): number {
  let [first, bytes, most] = [0, 0, 0]
  for (let last = 0; last < times.length; last += 1) {
    const time = times[last] ?? 0
    bytes += sizes[last] ?? 0
    for (; (times[first] ?? time) <= time - bufferS + TICK; first += 1) bytes -= sizes[first] ?? 0
    most = Math.max(most, bytes)
  }
  return Math.round((most * 8) / bufferS)
}
