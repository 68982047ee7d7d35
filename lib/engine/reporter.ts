import { jsonOf, shown } from '../errors'
import { type Clock, iso } from './clock'
import type { LogLine, Run } from './run'
import type { TaskContext } from './task'
import type { RunTrace } from './tracer'

const LONGEST_LOG = 100
const LONGEST_LINE = 1_000
const PROGRESS_PAUSE_MS = 250

/** Told while a run goes on. */
export interface RunWatcher {
  /** Default: nobody traces it. */
  trace?: RunTrace
  progressed(): void
  logged(line: LogLine): void
  /** Something the task did wrong that is no reason to fail it. */
  warn(message: string): void
}

interface Reporter extends Pick<TaskContext, 'progress' | 'log'> {
  close(): void
}

/** Turns what a task says into the run's progress and log: throttled, never going back, silent once closed. */
export function createReporter(run: Run, clock: Clock, watcher: RunWatcher): Reporter {
  let open = true
  let cancelPause: (() => void) | undefined
  let pending = false
  let hasWarned = false

  function tell(): void {
    pending = true
    if (cancelPause) return
    pending = false
    watcher.progressed()
    cancelPause = clock.callAfter(PROGRESS_PAUSE_MS, () => {
      cancelPause = undefined
      if (pending) tell()
    })
  }

  /** Once a run: who says nonsense says it often. */
  function warn(fraction: unknown): void {
    if (!hasWarned) watcher.warn(`progress(${shown(fraction)}) is left out; expected a number from 0 to 1.`)
    hasWarned = true
  }

  return {
    progress(fraction, message) {
      if (!open) return
      if (typeof fraction !== 'number' || Number.isNaN(fraction)) return warn(fraction)
      run.progress = Math.max(run.progress ?? 0, Math.min(fraction, 1))
      if (message !== undefined) run.progressMessage = cut(message)
      tell()
    },
    log(message) {
      if (!open) return
      const line = { at: iso(clock.now()), message: cut(message) }
      if (run.log.push(line) > LONGEST_LOG) run.log.shift()
      watcher.logged(line)
    },
    close() {
      open = false
      cancelPause?.()
    },
  }
}

/** A message at the length that is kept; as a string of its own, because a slice keeps all of what it was cut from in memory. */
export function cut(message: unknown): string {
  return structuredClone(asText(message).slice(0, LONGEST_LINE))
}

/** Words as they are, an object as JSON unless it has words of its own, as an error has. */
function asText(message: unknown): string {
  try {
    const text = String(message)
    return Array.isArray(message) || text.startsWith('[object ') ? (jsonOf(message) ?? text) : text
  } catch {
    return 'something that cannot be read'
  }
}
