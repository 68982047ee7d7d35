import type { Instant } from '../engine/clock'
import type { QueueRecord } from '../engine/queue'
import type { Run } from '../engine/run'
import type { Draw, WaitingEntry } from '../engine/store'
import type { TaskState } from '../registry'

/** What all nodes know of one task: a page of the book. Only who has the task's slot writes in it. */
export interface Page {
  /** The job that has the slot; `null` when it is free. */
  job: string | null
  waiting: WaitingEntry | null
  /** Its place among those that one plan added. */
  rank: number
  /** The node of the run that runs. */
  node: string | null
  /** The run counts among those that plans may have at once. */
  hasPlace: boolean
  lastRun: Run | null
  lastCompletedOn: string | null
  /** When that run ended. */
  lastCompletedAt?: string | null
  draw: Draw | null
  /** The occasion that last added it. */
  once: string | null
}

export const blankPage: Page = {
  job: null,
  waiting: null,
  rank: 0,
  node: null,
  hasPlace: false,
  lastRun: null,
  lastCompletedOn: null,
  draw: null,
  once: null,
}

export type Pages = ReadonlyMap<string, Page>

/** A page on which a run goes on. */
export type RunningPage = Page & { job: string; node: string; lastRun: Run }

export function isRunning(page: Page): page is RunningPage {
  return page.job !== null && page.node !== null && page.lastRun?.outcome === null
}

/** A page on which something waits. */
export type WaitingPage = Page & { job: string; waiting: WaitingEntry }

export function isWaiting(page: Page): page is WaitingPage {
  return page.job !== null && page.waiting !== null
}

/** A page once the run of its job has begun. */
export function begunPage(page: Page & { job: string }, run: Run, node: string, hasPlace: boolean): RunningPage {
  return { ...page, waiting: null, node, hasPlace, lastRun: run }
}

/** A page once its run has ended. */
export function endedPage(page: Page, run: Run): Page & { lastRun: Run } {
  const completed = run.outcome === 'completed' && { lastCompletedOn: run.date, lastCompletedAt: run.endedAt }
  return { ...page, job: null, node: null, hasPlace: false, waiting: null, lastRun: run, ...completed }
}

/** The page of a task as a plan and a list want it. */
export function recordOf(page: Page, isAskedToStop: boolean, now: Instant): QueueRecord {
  const { draw, lastCompletedOn, lastCompletedAt, lastRun } = page
  const waiting = page.waiting && { ...page.waiting, at: isDue(page.waiting, now) ? null : page.waiting.at }
  const record = { state: stateOf(page, waiting, isAskedToStop), waiting, draw, lastCompletedOn, lastRun }
  return { ...record, ...(lastCompletedAt && { lastCompletedAt }) }
}

function stateOf(page: Page, waiting: WaitingEntry | null, isAskedToStop: boolean): TaskState {
  if (isRunning(page)) return isAskedToStop ? 'stopping' : 'running'
  if (waiting) return waiting.at === null ? 'queued' : 'scheduled'
  return 'idle'
}

/** Whether its instant has come: from then on it waits for its turn. */
export function isDue({ at }: WaitingEntry, now: Instant): boolean {
  return at === null || Date.parse(at) <= now
}

/** What is to be done about what waits, at one moment. */
export interface Turns {
  /** Those whose turn it is, in order. */
  start: string[]
  /** Those for which it has become too late. */
  late: string[]
  /** Those whose instant has come, and who wait for a place or for others. */
  queued: string[]
  /** Those of them who want nothing but a place, in order. */
  ready: string[]
  /** For whom the others of them wait. */
  awaited: ReadonlySet<string>
  /** When the next one's instant comes. */
  next: Instant | null
}

/**
 * Whose turn it is. All nodes read the same pages and find the same order, so of those that wait only as many as there are places are
 * reached for, by whoever comes first.
 */
export function turnsOf(pages: Pages, now: Instant, concurrency: number): Turns {
  const waiting = waitingOf(pages)
  const due = waiting.filter(({ at }) => at <= now).sort(byTurn)
  const isLate = ({ until }: Waiting) => until !== null && now >= Date.parse(until)
  const isBusy = (name: string) => {
    const page = pages.get(name)
    return page !== undefined && (page.waiting !== null || isRunning(page))
  }
  const late = due.filter(isLate).map(({ task }) => task)
  const inTime = due.filter((each) => !isLate(each))
  const isBlocked = ({ after }: Waiting) => after.some(isBusy)
  const inTurn = inTime.filter((each) => !isBlocked(each)).map(({ task }) => task)
  const awaited = new Set(inTime.filter(isBlocked).flatMap(({ after }) => after))
  const taken = [...pages.values()].filter((page) => isRunning(page) && page.hasPlace).length
  const places = Math.max(0, concurrency - taken)
  const [start, ready] = [inTurn.slice(0, places), inTurn.slice(places)]
  const starting = new Set(start)
  const queued = inTime.map(({ task }) => task).filter((task) => !starting.has(task))
  const next = waiting.reduce((first, { at }) => (at > now ? Math.min(first, at) : first), Number.POSITIVE_INFINITY)
  return { start, late, queued, ready, awaited, next: Number.isFinite(next) ? next : null }
}

/** A task that waits, as its turn depends on it. */
interface Waiting {
  task: string
  /** Its instant; the beginning of time when it has none. */
  at: Instant
  rank: number
  until: string | null
  after: readonly string[]
}

function waitingOf(pages: Pages): Waiting[] {
  return [...pages].flatMap(([task, { waiting, rank }]) => {
    if (waiting === null) return []
    const { at, until, after } = waiting
    return [{ task, at: at === null ? 0 : Date.parse(at), rank, until, after }]
  })
}

function byTurn(one: Waiting, other: Waiting): number {
  return one.at - other.at || one.rank - other.rank
}
