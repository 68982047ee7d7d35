import type { TaskFunction } from 'express-butler'
import type { Item } from '../library/items'
import type { Library } from '../library/library'
import type { PeakBitRate } from '../media/bit-rate'
import { isCutOff, isSoundCutOff } from '../media/chapters'
import { longestInterval } from '../media/key-frames'
import type { Loudness } from '../media/loudness'
import { readPackets } from '../media/packets'
import { blackStretches, listen, type Stretch } from '../media/stretches'
import { oncePerFile } from './once-per-file'
import { conclude } from './work-list'

export const deepAnalysis = { task: 'DeepMediaAnalysis', version: 3 }

/** Formats of music of which ffprobe tells how long it should be. Of others, it tells how long it is, or works it out by the bit rate. */
const knowing: ReadonlySet<string> = new Set(['flac', 'matroska,webm', 'tta', 'wv'])

/** What players buffer, in seconds. */
const BUFFERS_S = [1, 2, 5, 10]
/** What was measured of one file. */
export interface Measures {
  /** The highest bit rate, in bits per second, for a player who buffers so many seconds. None where a film knows no times. */
  peakBitRates: PeakBitRate[]
  /** `null` for music. */
  keyFrames: { count: number; longestIntervalS: number | null } | null
  /** `null` where there is nothing to hear. */
  loudness: Loudness | null
  silent: Stretch[]
  black: Stretch[]
}

/** Measures films and music: peak bit rates, key frames, loudness, black and silent stretches. */
export function deepMediaAnalysis(library: Library): TaskFunction {
  return async (context) => {
    const report = await oncePerFile<Measures>(library, context, {
      ...deepAnalysis,
      kinds: ['video', 'music'],
      find: (item, file, signal) => measure(library, item, file, signal),
    })
    const { changed, unchanged, failed } = report
    return conclude(context, `${changed} changed: analysed; ${unchanged} unchanged, ${failed} failed`, report)
  }
}

async function measure(library: Library, item: Item, file: string, signal: AbortSignal): Promise<Measures> {
  const { tools, workers } = library
  await expectWhole(library, item, file, signal)
  const { streams, keyFrames, hasSound, firstS, endS } = await readPackets(tools, file, item.kind, signal)
  const durationS = item.durationS ?? endS
  const isFilm = item.kind === 'video'
  const isShort = (isFilm ? isCutOff : isSoundCutOff)(firstS, endS, durationS)
  const isToBeBelieved = isFilm || knowing.has(item.container ?? '')
  if (isToBeBelieved && isShort) throw new Error(`cut off: ends at ${endS} s of ${durationS} s`)

  const buffers = streams.flatMap(({ times, sizes }) => [times.buffer, sizes.buffer])
  const question = { streams, durationS, buffersS: BUFFERS_S }
  const peaks = await workers.run('peakBitRates', question, signal, { transfer: buffers })
  const source = { tools, file, kind: item.kind, durationS }
  const sound = hasSound ? await listen(source, signal) : { loudness: null, silent: [] }
  const black = isFilm ? await blackStretches(source, signal) : []
  return { peakBitRates: peaks, keyFrames: isFilm ? keyFramesOf(keyFrames) : null, ...sound, black }
}

/** By what the file says of its own length in bytes, pages or frames: of much, ffprobe knows no other length than what is there. */
async function expectWhole({ workers }: Library, { kind }: Item, file: string, signal: AbortSignal): Promise<void> {
  const missing = await workers.run('missingEnd', { file, kind }, signal)
  if (missing !== null) throw new Error(`cut off: ${missing}`)
}

function keyFramesOf(keyFrames: readonly number[]): Measures['keyFrames'] {
  return { count: keyFrames.length, longestIntervalS: longestInterval(keyFrames) }
}
