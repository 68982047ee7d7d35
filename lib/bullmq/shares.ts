import type { Instant } from '../engine/clock'
import type { Nodes } from './nodes'

/** For how long what many nodes could do is left to the one that reaches for it first: longer the more there is to do, in milliseconds. */
export const patienceWith = (count: number) => 1_000 + count

/** A job whose turn it is. */
interface Due {
  task: string
  job: string
}

/** A job that is left to the node that is first for it. */
interface Left {
  to: string
  since: Instant
  patienceMs: number
}

/**
 * Which of the jobs whose turn it is this node reaches for: its share, so that not every node reaches for all of them, and what others
 * have left for a while. Whoever gets on with its share is waited for, however long it takes.
 */
export class Shares {
  readonly #nodes: Pick<Nodes, 'firstFor' | 'isFirstFor'>
  #left: ReadonlyMap<string, Left> = new Map()

  constructor(nodes: Pick<Nodes, 'firstFor' | 'isFirstFor'>) {
    this.#nodes = nodes
  }

  /** The tasks to reach for now. */
  reach(due: readonly Due[], now: Instant): string[] {
    const still = new Set(due.map(({ job }) => job))
    const atWork = new Set([...this.#left].flatMap(([job, { to }]) => (still.has(job) ? [] : [to])))
    const left = new Map<string, Left>()
    const mine: string[] = []
    for (const { task, job } of due) {
      const before = this.#left.get(job)
      const to = this.#nodes.firstFor(task)
      const isFresh = !before || before.to !== to || atWork.has(to)
      const each = isFresh ? { to, since: now, patienceMs: patienceWith(due.length) } : before
      left.set(job, each)
      if (this.#nodes.isFirstFor(task) || Math.abs(now - each.since) >= each.patienceMs) mine.push(task)
    }
    this.#left = left
    return mine
  }

  /** When the first of what is left to others will have been left for long enough. */
  next(now: Instant): Instant {
    let first = now + patienceWith(this.#left.size)
    for (const { since, patienceMs } of this.#left.values()) {
      if (since + patienceMs > now) first = Math.min(first, since + patienceMs)
    }
    return first
  }
}
