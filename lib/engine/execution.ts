import { jsonOf, shown } from '../errors'
import type { Clock } from './clock'
import { createReporter, cut, type RunWatcher } from './reporter'
import { type Ending, type Run, RunAborted, type RunError } from './run'
import type { Task } from './task'
import { noTrace, type RunTrace } from './tracer'

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
    return told(trace, stop.signal.aborted ? cutShort(stop.signal) : completed(returned, watcher), undefined)
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

function completed(returned: unknown, watcher: RunWatcher): Ending {
  return { outcome: 'completed', error: null, result: kept(returned, watcher) }
}

function failed(thrown: unknown): Ending {
  return { outcome: 'failed', error: described(thrown), result: null }
}

function cutShort(signal: AbortSignal, thrown: unknown = signal.reason): Ending {
  const error = described(thrown)
  const { outcome } = signal.reason as RunAborted
  return { outcome, error: error.name === 'AbortError' ? null : error, result: null }
}

/** What returned nothing has no result, and what JSON cannot hold is complained of. */
function kept(returned: unknown, { warn }: Pick<RunWatcher, 'warn'>): unknown {
  if (returned === undefined) return null
  const json = jsonOf(returned)
  if (json !== undefined && json.length <= LONGEST_RESULT) return JSON.parse(json)
  const what = json === undefined ? 'which JSON cannot hold' : `${json.length} characters as JSON`
  warn(`The result ${shown(returned)}, ${what}, is left out; expected at most ${LONGEST_RESULT} characters of JSON.`)
  return null
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
