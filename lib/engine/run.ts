import type { Outcome, Trigger } from '../registry'

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

/** A run as it begins. */
export function newRun(begun: Pick<Run, 'id' | 'task' | 'trigger' | 'by' | 'date' | 'startedAt'>): Run {
  const nothingYet = { endedAt: null, outcome: null, error: null, progress: null, progressMessage: null, result: null }
  return { ...begun, ...nothingYet, log: [] }
}

/** A run that can be handed out: what becomes of it does not reach the original, nor the other way round. */
export function copyOf(run: Run): Run {
  return structuredClone(run)
}

/** Outcomes that somebody asks for while a task runs. */
export type StopCause = Exclude<Outcome, 'completed' | 'failed'>

const askedBecause: Record<StopCause, string> = {
  stopped: 'somebody asked it to stop',
  'timed-out': 'it outstayed its time limit',
  'window-closed': 'the maintenance window closed',
  interrupted: 'the Butler is closing',
}

/** The reason with which a run's signal aborts. Its name is `AbortError`, as everything that takes a signal expects. */
export class RunAborted extends Error {
  override readonly name = 'AbortError'
  readonly code = 'ABORT_ERR'
  /** What the run's outcome will be. */
  readonly outcome: StopCause

  constructor(task: string, outcome: StopCause) {
    super(`${task} must end: ${askedBecause[outcome]}.`)
    this.outcome = outcome
  }
}

/** How a run ended, before it is written down. */
export type Ending = Pick<Run, 'outcome' | 'error' | 'result'>
