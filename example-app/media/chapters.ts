import { lengthOf, numberOf, type TimeReport } from './length'
import { BadMedia, inputOf, runOnFile } from './probe'
import type { MediaTools } from './tools'

/** What is asked for where a film has no chapters of its own, in seconds. */
const EVERY_S = 5 * 60
/** Most chapters of one film: more are no chapters. */
const MOST_CHAPTERS = 2_000
/** Longest look into one file, in milliseconds: a file without an index is read from its beginning. */
const LONGEST_LOOK = 5 * 60_000
/** The end is looked for in this much of the end, in seconds. */
const LAST_PART = 10
/** Longer than any film, in seconds. An interval without an end is none to the ffprobe that npm brings: by chance it reads nothing. */
const FOREVER = 1_000_000
/** The share of its own duration that a film must at least have. */
const WHOLE = 0.9
/** What music may lack at its end without being cut off, in seconds: about the longest packet of any format. */
const LAST_SOUND = 1.1
/** What the last picture may be shown without saying so, in seconds. */
const LAST_PICTURE = 1

/** A part of a film. Times in seconds from its beginning. */
export interface Chapter {
  /** `null`: it has none. */
  title: string | null
  startS: number
  endS: number
}

export interface ChapterReport extends TimeReport {
  chapters?: { start_time?: string; end_time?: string; tags?: { title?: string } }[]
}

/** The chapters of a film, and how long it is, in seconds; `null`: it does not say. */
export interface Contents {
  chapters: Chapter[]
  durationS: number | null
}

/** Asks ffprobe for the chapters of a film. Rejects when the end of the film is missing, without reading all of it. */
export async function readContents(tools: MediaTools, file: string, signal: AbortSignal): Promise<Contents> {
  const report = await ask(tools, file, signal)
  const { chapters } = understandChapters(report)
  return { chapters, durationS: await heldLength(tools, file, report, signal) }
}

/** How long a film is, in seconds; `null`: it does not say. Rejects as `readContents` does, but for its chapters. */
export async function readLength(tools: MediaTools, file: string, signal: AbortSignal): Promise<number | null> {
  return heldLength(tools, file, await ask(tools, file, signal), signal)
}

async function ask(tools: MediaTools, file: string, signal: AbortSignal): Promise<ChapterReport> {
  const ofStreams = 'stream=codec_type,start_time,duration:stream_disposition=attached_pic'
  const asked = `chapter=start_time,end_time:chapter_tags=title:format=start_time,duration:${ofStreams}`
  const args = ['-v', 'error', '-show_entries', asked, '-of', 'json', ...inputOf(file, 'video')]
  return JSON.parse(await runOnFile(file, tools.ffprobe, args, { signal, timeoutMs: LONGEST_LOOK }))
}

/** As much of the length of a film as the file holds. */
async function heldLength(tools: MediaTools, file: string, report: ChapterReport, signal: AbortSignal) {
  const firstS = numberOf(report.format?.start_time) ?? 0
  const durationS = lengthOf(report)
  if (durationS === null) return null
  const endS = await lastPacket(tools, file, firstS + durationS, signal)
  if (isCutOff(firstS, endS + LAST_PICTURE, durationS))
    throw new BadMedia(`cut off: ends at ${endS} s of ${durationS} s`)
  return Math.min(durationS, Math.max(0, endS - firstS))
}

/**
 * Whether a film ends much earlier than it says. Matroska counts the time before the first picture too. The clock of a broadcast that
 * starts anew in the middle of a recording makes all before that negative.
 */
export function isCutOff(firstS: number, endS: number, durationS: number, wholeS = durationS * WHOLE): boolean {
  return endS - Math.min(0, firstS) < wholeS
}

/** The same of music, where nothing but sound may be missing. */
export function isSoundCutOff(firstS: number, endS: number, durationS: number): boolean {
  return isCutOff(firstS, endS, durationS, Math.max(durationS * WHOLE, durationS - LAST_SOUND))
}

/** The film's own chapters, or one about every five minutes. */
export function understandChapters({ chapters = [], streams = [], format = {} }: ChapterReport): Contents {
  const firstS = numberOf(format.start_time) ?? 0
  const durationS = lengthOf({ streams, format })
  if (chapters.length > MOST_CHAPTERS) throw new BadMedia(`holds ${chapters.length} chapters`)
  if (chapters.length === 0) return { chapters: everyFiveMinutes(durationS ?? 0), durationS }
  const own = chapters.map(({ start_time, end_time, tags }) => {
    const startS = Math.max(0, (numberOf(start_time) ?? 0) - firstS)
    const endS = Math.max(startS, (numberOf(end_time) ?? 0) - firstS)
    return { title: tags?.title ?? null, startS, endS }
  })
  return { chapters: own, durationS }
}

function everyFiveMinutes(durationS: number): Chapter[] {
  const count = Math.min(MOST_CHAPTERS, Math.max(1, Math.round(durationS / EVERY_S)))
  return Array.from({ length: count }, (_, index) => ({
    title: null,
    startS: index * EVERY_S,
    endS: index === count - 1 ? durationS : (index + 1) * EVERY_S,
  }))
}

/** How far into a chapter its picture is taken: a share of its length, and at most so many seconds. */
const SHARE_IN = 0.1
const MOST_IN = 5

/**
 * When the picture of a chapter is taken, in seconds: a little after its beginning, which often is black. Of a chapter that
 * begins after the end of the film, at the end.
 */
export function momentOf({ startS, endS }: Chapter, durationS: number | null): number {
  const moment = startS + Math.min((endS - startS) * SHARE_IN, MOST_IN)
  return Math.min(moment, durationS ?? moment)
}

/** Where else in a chapter something may be seen, as shares of its length. */
const FURTHER_IN = [0.25, 0.5, 0.75]

/** When a picture of a chapter may be taken, in seconds: the best moment first, and later ones for where that is black. */
export function momentsOf(chapter: Chapter, durationS: number | null): number[] {
  const best = momentOf(chapter, durationS)
  const further = FURTHER_IN.map((share) => chapter.startS + (chapter.endS - chapter.startS) * share)
  return [best, ...further.filter((moment) => moment > best && moment < (durationS ?? Infinity))]
}

/** When the last packet that a file holds is over, in seconds; what is said to be its end may be missing. 0: there is none. */
async function lastPacket(tools: MediaTools, file: string, saidS: number, signal: AbortSignal): Promise<number> {
  let endS = 0
  const onLine = (line: string) => {
    const [shownAt, duration] = line.split(',').map(numberOf)
    endS = Math.max(endS, (shownAt ?? 0) + (duration ?? 0))
  }
  const asked = [
    '-read_intervals',
    `${Math.max(0, saidS - LAST_PART)}%+${FOREVER}`,
    '-show_entries',
    'packet=pts_time,duration_time',
  ]
  const args = ['-v', 'error', ...asked, '-of', 'csv=p=0', ...inputOf(file, 'video')]
  await runOnFile(file, tools.ffprobe, args, { signal, onLine, timeoutMs: LONGEST_LOOK })
  return endS
}
