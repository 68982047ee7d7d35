import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskFunction } from 'express-butler'
import { isAnalysed, saveAnalysis } from '../library/analyses'
import { eachItem, type Item } from '../library/items'
import type { Library } from '../library/library'
import { longestInterval, type PacketReport, peakBitRate, readPackets } from '../media/packets'
import { blackStretches, type Loudness, listen, type Stretch } from '../media/stretches'
import { conclude, workThrough } from './work-list'

/** Counts up when the analysis learns something; then everything is measured again. */
export const ANALYSIS_VERSION = 1

/** What players buffer, in seconds. */
const BUFFERS_S = [1, 2, 5, 10]
/** The share of its own duration that a film must at least have. */
const WHOLE = 0.9

/** What was measured of one file. */
export interface Measures {
  /** The highest bit rate, in bits per second, for a player who buffers so many seconds. */
  peakBitRates: { bufferS: number; bitsPerSecond: number }[]
  /** `null` for music. */
  keyFrames: { count: number; longestIntervalS: number | null } | null
  /** `null` where there is nothing to hear. */
  loudness: Loudness | null
  silent: Stretch[]
  black: Stretch[]
}

/**
 * Measures films and music: peak bit rates, key frames, loudness, black and silent stretches. What is done is kept file by file, so
 * that a run that was stopped is continued by the next. A file that failed is tried again each time.
 */
export function deepMediaAnalysis(library: Library): TaskFunction {
  const { database } = library
  return async (context) => {
    const { signal } = context
    const report = await workThrough(context, await playableItems(library), {
      nameOf: ({ path }) => path,
      work: async (item) => {
        if (isAnalysed(database, item, ANALYSIS_VERSION)) return false
        const measures = await measure(library, item, signal)
        await saveAnalysis(database, signal, item, ANALYSIS_VERSION, measures)
        return true
      },
    })
    const { changed, unchanged, failed } = report
    return conclude(context, `${changed} changed: analysed; ${unchanged} unchanged, ${failed} failed`, report)
  }
}

async function playableItems({ database }: Library): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of eachItem(database)) {
    if (item.kind !== 'photo' && item.problem === null) items.push(item)
  }
  return items
}

async function measure({ folders, tools }: Library, item: Item, signal: AbortSignal): Promise<Measures> {
  const file = join(folders.media, item.path)
  await expectUnchanged(file, item)
  const found = await readPackets(tools, file, item.kind, signal)
  const endS = found.packets.times.at(-1) ?? 0
  const durationS = item.durationS ?? endS
  const isFilm = item.kind === 'video'
  if (isFilm && endS < durationS * WHOLE) throw new Error(`cut off: ends at ${endS} s of ${durationS} s`)

  const source = { tools, file, kind: item.kind, durationS }
  const sound = found.hasSound ? await listen(source, signal) : { loudness: null, silent: [] }
  const black = isFilm ? await blackStretches(source, signal) : []
  return {
    peakBitRates: peakBitRates(found, durationS),
    keyFrames: isFilm ? keyFramesOf(found) : null,
    ...sound,
    black,
  }
}

async function expectUnchanged(file: string, { size, mtimeMs }: Item): Promise<void> {
  const found = await stat(file)
  if (found.size !== size || Math.floor(found.mtimeMs) !== mtimeMs) throw new Error('has changed since the last scan')
}

function peakBitRates({ packets }: PacketReport, durationS: number): Measures['peakBitRates'] {
  return BUFFERS_S.map((bufferS) => ({ bufferS, bitsPerSecond: peakBitRate(packets, Math.min(bufferS, durationS)) }))
}

function keyFramesOf({ keyFrames }: PacketReport): Measures['keyFrames'] {
  return { count: keyFrames.length, longestIntervalS: longestInterval(keyFrames) }
}
