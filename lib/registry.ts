import type { ButlerTaskName } from './catalogue'
import type { ButlerErrorCode } from './errors'

/** What a task is doing. `stopping`: asked to stop, not ended yet. */
export const taskStates = ['idle', 'scheduled', 'queued', 'running', 'stopping'] as const

export type TaskState = (typeof taskStates)[number]

/** What made a run: the maintenance window by itself, a start-all, or somebody who named the task. */
export const triggers = ['window', 'start-all', 'manual'] as const

export type Trigger = (typeof triggers)[number]

/** How a run ended. Only `completed` makes its task rest until it is due again. */
export const outcomes = ['completed', 'failed', 'stopped', 'timed-out', 'window-closed', 'interrupted'] as const

export type Outcome = (typeof outcomes)[number]

/** Who asks, and how. */
export interface TaskRequest {
  trigger: Trigger
  /** Who asked, in the host's own words; kept with the run. */
  by?: string | undefined
  /** Aborts when nobody waits for the answer any more. It ends the waiting, never the work. */
  signal?: AbortSignal | undefined
}

/** How the last run of a task went. Instants are ISO 8601 strings; the last four are `null` while it runs. */
export interface LastRun {
  id: string
  trigger: Trigger
  startedAt: string
  endedAt: string | null
  outcome: Outcome | null
  /** What went wrong, in one line; `null` when nothing did. */
  error: string | null
  /** What the task returned, as far as it was kept. */
  result: unknown
}

/** A task as the list shows it, JSON-safe. What is absent and not required comes from the catalogue. Instants are ISO 8601 strings. */
export interface TaskStatus<Name extends string = string> {
  name: Name
  enabled: boolean
  state: TaskState
  title?: string
  description?: string
  /** Runs at most every so many days. */
  intervalDays?: number
  /** The most days that may lie between two nights in which it runs by itself: with weekdays, more than `intervalDays`. */
  longestIntervalDays?: number
  /** Starts at a random moment of the window instead of when it opens. */
  randomized?: boolean
  /** From 0 to 1, of the run that runs. */
  progress?: number
  progressMessage?: string
  /** When it will start, while `state` is `scheduled`. */
  scheduledFor?: string
  /** When it would next start by itself. */
  nextRun?: string
  lastRun?: LastRun
  /** When its last run that completed ended, whatever came after it. */
  lastCompletedAt?: string
}

/** What a start came to. */
export type StartAnswer = 'started' | 'already-running'

/** What a stop came to. `stopping`: asked, but not ended within the registry's grace time. */
export type StopAnswer = 'stopped' | 'not-running' | 'stopping'

/** A call over HTTP that was answered with an error. */
export interface Refusal {
  /** The error's code, such as `BUTLER_CROSS_SITE`; `null`: an error that is none of ours. */
  code: ButlerErrorCode | null
  /** The HTTP status of the error. */
  status: number
  method: string
}

/**
 * What the router needs of a host, and nothing more. The Butler is one; a host's own takes ten lines.
 * A lost race is an answer, never an error. Reject with a `ButlerError` to choose the status: `BUTLER_TASK_NOT_IMPLEMENTED`
 * becomes 501, `BUTLER_UNAVAILABLE` 503; an error of http-errors keeps its own; any other becomes a 500.
 */
export interface TaskRegistry<Name extends string = ButlerTaskName> {
  /** The allowed names, read once when a router is made. Without it (and without the option `taskNames`): the 14 of the catalogue. */
  readonly taskNames?: readonly Name[]
  /** Every task, in any order. */
  list(): Promise<readonly TaskStatus<Name>[]>
  /** Starts one task now: pulls a waiting one forward, leaves a running one alone. Resolves when it has started, not when it has ended. */
  start(name: Name, request: TaskRequest): Promise<StartAnswer>
  /** Stops one task, or removes it from the schedule. */
  stop(name: Name, request: TaskRequest): Promise<StopAnswer>
  /** Starts all enabled tasks by the four rules. What it resolves with is not looked at. */
  startAll(request: TaskRequest): Promise<unknown>
  /** Stops all that run and removes all that wait. What it resolves with is not looked at. */
  stopAll(request: TaskRequest): Promise<unknown>
  /** Is told of every call that was answered with an error, for whoever counts them. What it throws is lost. Default: nobody is told. */
  noteRefusal?(refusal: Refusal): void
}
