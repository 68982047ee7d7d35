import type { Butler } from '../butler'
import { type Instant, iso } from '../engine/clock'
import type { Run } from '../engine/run'
import { firstLine } from '../errors'
import type { LastRun, Outcome, Trigger } from '../registry'

/** A run without what takes room: its log and what it returned. Instants are ISO 8601 strings. */
export interface RunSummary {
  id: string
  task: string
  trigger: Trigger
  by: string | null
  startedAt: string
  /** `null` while it runs. */
  endedAt: string | null
  outcome: Outcome | null
  /** What went wrong, in one line; `null` when nothing did. */
  error: string | null
}

/** How many of the newest completed runs tell how long a task usually takes. */
const TYPICAL = 9

/**
 * The kept runs of every task, as pages show them: read once, and again after something happened to a task, so that a hundred open
 * pages ask the Butler no more than one does.
 */
export class Histories {
  readonly #butler: Butler
  readonly #read = new Map<string, Promise<readonly RunSummary[]>>()

  constructor(butler: Butler) {
    this.#butler = butler
  }

  /** Something happened to a task: its runs are read again when somebody wants them. */
  forget(task: string): void {
    this.#read.delete(task)
  }

  /** Nobody may have told what happened. */
  forgetAll(): void {
    this.#read.clear()
  }

  /** Forgets what was read of a task if the newest run in it is another than its last run, or was told before that ended. */
  async expect(task: string, lastRun: LastRun | undefined): Promise<void> {
    const known = this.#read.get(task)
    if (known === undefined) return
    const [newest] = await known
    if (newest?.id === lastRun?.id && newest?.outcome === lastRun?.outcome) return
    if (this.#read.get(task) === known) this.forget(task)
  }

  /** The runs of one task, newest first. Not to be changed by who gets them. */
  of(task: string): Promise<readonly RunSummary[]> {
    const known = this.#read.get(task)
    if (known) return known
    const reading = this.#butler.history(task).then((runs) => runs.map(summaryOf))
    this.#read.set(task, reading)
    reading.catch(() => this.#read.delete(task))
    return reading
  }

  /** The runs of some tasks that went on at some time from one instant to before another, oldest first. */
  async between(tasks: readonly string[], from: Instant, to: Instant): Promise<RunSummary[]> {
    const all = await Promise.all(tasks.map((task) => this.of(task)))
    const [first, last] = [iso(from), iso(to)]
    return all
      .flat()
      .filter(({ startedAt, endedAt }) => startedAt < last && (endedAt ?? last) >= first)
      .sort((one, other) => (one.startedAt < other.startedAt ? -1 : 1))
  }

  /** When the oldest run that is kept began, ISO 8601; `null` when none is. Of what was before, nothing is known. */
  async beginning(tasks: readonly string[]): Promise<string | null> {
    const all = await Promise.all(tasks.map((task) => this.of(task)))
    return all.flatMap((runs) => runs.at(-1)?.startedAt ?? []).sort()[0] ?? null
  }

  /** How long a task takes when it completes: the median of its newest runs, in milliseconds; `null` when it never has. */
  async usualMs(task: string): Promise<number | null> {
    const completed = (await this.of(task)).filter(({ outcome }) => outcome === 'completed').slice(0, TYPICAL)
    const durations = completed.map(({ startedAt, endedAt }) => Date.parse(endedAt as string) - Date.parse(startedAt))
    return durations.sort((one, other) => one - other)[Math.floor(durations.length / 2)] ?? null
  }
}

export function summaryOf({ id, task, trigger, by, startedAt, endedAt, outcome, error }: Run): RunSummary {
  return { id, task, trigger, by, startedAt, endedAt, outcome, error: error && firstLine(error.message) }
}
