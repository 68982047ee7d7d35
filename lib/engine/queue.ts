import type { StartAnswer, StopAnswer } from '../registry'
import type { Asked } from './asked'
import type { Clock, Instant } from './clock'
import type { Tell } from './events'
import type { Logger } from './logger'
import type { TaskRecord } from './plan'
import type { Run, StopCause } from './run'
import type { SettingsChange } from './settings'
import type { Draw, WaitingEntry } from './store'
import type { Task, TaskFacts } from './task'
import type { RunTracer } from './tracer'

/** How soon something that could not be stored is tried again. */
export const RETRY_MS = 60_000

/** What a queue needs of the Butler that opens it. */
export interface QueueHost {
  /** The tasks that this process implements. */
  readonly tasks: ReadonlyMap<string, Task>
  readonly clock: Clock
  readonly logger: Logger
  readonly tracer: RunTracer
  /** How many runs that a plan made may go on at once. `Infinity`: no limit. */
  readonly concurrency: number
  /** How many ended runs are kept for each task. */
  readonly historyLimit: number
  /** The local date that a run starting now counts for. */
  dateOf(now: Instant): string
  /** Tells what happens in this process. */
  readonly tell: Tell
  /** Tells what another process has told. */
  readonly passOn: Tell
  /** Somebody changed settings in another process: `changes` has them. */
  changed(): void
}

/** What a queue knows of one task: more than a plan needs, all that a list shows. */
export interface QueueRecord extends TaskRecord {
  waiting: WaitingEntry | null
  /** The newest run, running or ended. */
  lastRun: Run | null
  /** When the last run that completed ended, as ISO 8601, also when it is no longer kept. Absent: never. */
  lastCompletedAt?: string
}

/** What a plan adds. */
export interface NewEntry extends WaitingEntry {
  /** The random instant that the plan drew, to be remembered with the entry. */
  draw: Draw | null
  /**
   * The occasion on which it is added, when every process adds on its own: of those with the same name a task gets one, also when
   * that has ended meanwhile. `null`: each counts.
   */
  once: string | null
}

/** Which runs of a task are meant. */
export interface HistoryQuery {
  /** At most so many. */
  limit: number
  /** Only runs older than this one, by its id, or started before this instant, as ISO 8601. `null`: from the newest on. */
  before: string | null
}

export interface StopQuery {
  cause: StopCause
  /** Longest wait for the task to end, in milliseconds. `null` waits for ever. */
  graceMs: number | null
  /** Ends the waiting early. */
  signal?: AbortSignal | undefined
  /** Only this run; another one, or a waiting entry, is left alone. */
  runId?: string | undefined
}

/**
 * The mechanism under the Butler: keeps tasks waiting, runs each at most once at a time, stops, remembers. It has no opinion on
 * what should run when. Every call before `open` or after `close` is a mistake of the Butler's, not of its users.
 * Reject with `BUTLER_UNAVAILABLE` when the queue cannot be reached and with `BUTLER_STORE_FAILED` when it cannot remember.
 */
export interface RunQueue {
  /**
   * Takes possession of what is remembered. A run that was cut by a crash is `interrupted` afterwards. Nothing starts yet. Can be called again
   * after it was closed. Rejects with `BUTLER_STORE_LOCKED` while another Butler has it, which is left as it is.
   */
  open(host: QueueHost): Promise<void>
  /** What waited waits again, and from now on things start. */
  resume(): Promise<void>
  /** What operators changed so far. */
  changes(): Promise<SettingsChange>
  /** Stores a change on top of earlier ones. `isMoved`: with it the window is another one. */
  change(change: SettingsChange, isMoved: boolean): Promise<void>
  /** Tasks that only other live processes implement. */
  elsewhere(): Promise<readonly TaskFacts[]>
  /** One look at all tasks, by name: those of this process and those of `elsewhere`. */
  records(): Promise<ReadonlyMap<string, QueueRecord>>
  /** Adds what a plan decided, in order; a task that already waits or runs keeps what it has. Resolves when it is stored. */
  add(entries: readonly NewEntry[]): Promise<void>
  /** Runs one task now, pulling it forward if it waits. Resolves when the run is stored and the task has been called. */
  start(task: string, asked: Asked): Promise<StartAnswer>
  /** Takes a waiting task off, or asks its run to stop and waits until that has ended or the grace time is over. */
  stop(task: string, query: StopQuery): Promise<StopAnswer>
  /** Takes off all that wait, then asks all that run to stop and waits as `stop` does. */
  stopAll(query: StopQuery): Promise<void>
  /** Takes off those of these tasks that wait because of the window. Whoever a person asked for stays. */
  withdraw(tasks: readonly string[]): Promise<void>
  /** Runs of one task, newest first; none of a task that nothing is known of. */
  history(task: string, query: HistoryQuery): Promise<Run[]>
  /** Aborts what runs, waits up to `timeoutMs` (`null`: for ever), and gives up possession. Resolves with the tasks that had not ended. */
  close(timeoutMs: number | null): Promise<string[]>
}
