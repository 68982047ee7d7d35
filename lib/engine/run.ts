import type { Trigger } from '../registry'

/** How a run ended. Only `completed` makes its task rest until it is due again. */
export type Outcome = 'completed' | 'failed' | 'stopped' | 'timed-out' | 'window-closed' | 'interrupted'

/** What a task threw, as far as it can be kept. */
export interface RunError {
  name: string
  message: string
  code?: string
}

/** One line that a task wrote with `context.log`. `at` is ISO 8601. */
export interface LogLine {
  at: string
  message: string
}

/** One execution of a task, JSON-safe. Instants are ISO 8601 strings. */
export interface Run<Name extends string = string> {
  id: string
  task: Name
  trigger: Trigger
  /** Who asked, in the host's own words; `null` when nobody did or nobody said. */
  by: string | null
  /** The local date the run counts for: the night's when it started inside one, else the day's. */
  date: string
  startedAt: string
  /** `null` while it runs. Of an interrupted run: when that was found out. */
  endedAt: string | null
  /** `null` while it runs. */
  outcome: Outcome | null
  error: RunError | null
  /** From 0 to 1; `null` when the task never said. */
  progress: number | null
  progressMessage: string | null
  /** What the task returned, when it is JSON and no longer than 10 000 characters; else `null`. */
  result: unknown
  /** The newest lines of the run, at most 100. */
  log: LogLine[]
}
