import type { Trigger } from '../registry'

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/** What a running task is handed. Its members need no `this` and are harmless after the run has ended. */
export interface TaskContext<Name extends string = string> {
  readonly name: Name
  readonly runId: string
  readonly trigger: Trigger
  /** Aborts when the run must end. Its `reason` is an `AbortError` whose `code` tells why: `stopped`, `timed-out`, `window-closed` or `closing`. */
  readonly signal: AbortSignal
  /** Says how far the run is, from 0 to 1, and what it is at. Cheap: events are throttled. It never goes back; what is no number is left out. */
  progress(fraction: number, message?: string): void
  /** Adds a line to the run's log, which keeps the newest 100, each at most 1 000 characters. */
  log(message: string): void
}

/** The work. What it returns or resolves with is kept with the run when it is JSON. Throwing or rejecting makes the run `failed`. */
export type TaskFunction<Name extends string = string> = (context: TaskContext<Name>) => unknown

/** A name and what to run. What is left out comes from the catalogue; for a name of the host's own, as said at each member. */
export interface TaskDefinition<Name extends string = string> {
  run: TaskFunction<Name>
  /** Default: the name as words. */
  title?: string
  /** Default: empty. */
  description?: string
  /** Runs by itself at most every so many days, counted in local dates. Whole, at least 1. Default: 1. */
  intervalDays?: number
  /** Runs by itself on these days only. `null`, the default: on all. */
  weekdays?: readonly Weekday[] | null
  /** Whether it runs by itself until an operator says otherwise. Default: `true`. */
  enabled?: boolean
  /** Starts at a random moment of the window instead of when it opens. Default: `false`. */
  randomized?: boolean
  /** Asks a run to stop that lasts longer, in milliseconds. `null`, the default: never. */
  timeoutMs?: number | null
  /** What becomes of a run that the window started when the window closes. Default: `stop`. */
  atWindowEnd?: 'stop' | 'finish'
  /** Waits for the runs of these tasks in the same plan to end, however they end. Default: none. */
  after?: readonly Name[]
}
