import { shown } from '../errors'
import type { Trigger } from '../registry'
import type { Clock } from './clock'
import { createReporter, cut, type RunWatcher } from './reporter'
import type { Task } from './task'
import { noTrace, type RunTrace } from './tracer'

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

const LONGEST_RESULT = 10_000

/**
 * Calls the task and waits until it has really ended, whatever it does: this never rejects. Progress and log are written into
 * `run` as they come. Once `stop` has aborted, the run's outcome is what it was aborted for, however the task then ends: work that
 * was cut short must not count as completed.
 */
export async function execute(
  task: Task,
  run: Run,
  stop: AbortController,
  clock: Clock,
  watcher: RunWatcher,
): Promise<Ending> {
  const cancelTimeout =
    task.timeoutMs === null
      ? undefined
      : clock.callAfter(task.timeoutMs, () => stop.abort(new RunAborted(task.name, 'timed-out')))
  const reporter = createReporter(run, clock, watcher)
  const { progress, log } = reporter
  const { trace = noTrace } = watcher
  const context = { name: task.name, runId: run.id, trigger: run.trigger, signal: stop.signal, progress, log }
  try {
    stop.signal.throwIfAborted()
    const returned = await trace.within(() => task.run(context))
    return told(trace, stop.signal.aborted ? cutShort(stop.signal) : completed(returned), undefined)
  } catch (thrown) {
    return told(trace, stop.signal.aborted ? cutShort(stop.signal, thrown) : failed(thrown), thrown)
  } finally {
    cancelTimeout?.()
    reporter.close()
  }
}

function told(trace: RunTrace, ending: Ending, thrown: unknown): Ending {
  trace.end(ending, thrown)
  return ending
}

function completed(returned: unknown): Ending {
  return { outcome: 'completed', error: null, result: kept(returned) }
}

function failed(thrown: unknown): Ending {
  return { outcome: 'failed', error: described(thrown), result: null }
}

function cutShort(signal: AbortSignal, thrown: unknown = signal.reason): Ending {
  const error = described(thrown)
  const { outcome } = signal.reason as RunAborted
  return { outcome, error: error.name === 'AbortError' ? null : error, result: null }
}

function kept(returned: unknown): unknown {
  try {
    const json = JSON.stringify(returned)
    return json === undefined || json.length > LONGEST_RESULT ? null : JSON.parse(json)
  } catch {
    return null
  }
}

/** Anything can be thrown, and something must be told. */
function described(thrown: unknown): RunError {
  try {
    if (!isError(thrown)) return nonError(shown(thrown))
    const { name, message, code } = thrown
    return { name: cut(name), message: cut(message), ...(typeof code === 'string' && { code: cut(code) }) }
  } catch {
    return nonError('something that cannot be read')
  }
}

/** By its looks: errors from a vm, from a worker, and inside Jest all that Node throws, are instances of another `Error`. */
function isError(thrown: unknown): thrown is Error & { code?: unknown } {
  if (typeof thrown !== 'object' || thrown === null) return false
  const { name, message } = thrown as Partial<Error>
  return typeof name === 'string' && typeof message === 'string'
}

function nonError(what: string): RunError {
  return { name: 'NonError', message: `The task threw ${what}, which is no Error.` }
}
