import type { Run, StopCause } from '../engine/run'
import type { Reading } from './copy'
import type { Planned } from './drafts'
import { type Errands, isErrand } from './errands'
import type { Item } from './news'
import type { Node } from './node'
import type { OwnRuns } from './own-runs'
import { type Plans, tellScheduled } from './plans'
import type { WaitingLine } from './waiting-line'

/** Asks whoever carries out the run of a job to end it. */
export interface StopWord {
  task: string
  job: string
  cause: StopCause
}

/** Who does something about what others tell. */
interface Hearers {
  runs: OwnRuns
  line: WaitingLine
  plans: Plans
  errands: Errands
  /** Told that a node has closed, and which tasks of it had not ended. */
  parted(node: string, left: readonly string[]): void
}

/** What a node does about what others tell: it sees to it that whoever is concerned knows. */
export class Hearing {
  readonly #node: Node
  readonly #hearers: Hearers
  readonly #topics: ReadonlyMap<string, (payload: never, node: string) => void>
  /** Told of every run that ends elsewhere. */
  readonly #listeners = new Set<(runId: string) => void>()

  constructor(node: Node, hearers: Hearers) {
    this.#node = node
    this.#hearers = hearers
    const { runs, plans, parted } = hearers
    this.#topics = new Map<string, (payload: never, node: string) => void>([
      ['hello', () => void node.nodes.look().catch(() => {})],
      ['left', (left: string[], from) => parted(from, left)],
      ['stop', ({ task, job, cause }: StopWord) => void runs.stop(task, job, cause)],
      ['settings', () => node.host.changed()],
      ['adding', () => plans.hear('adding')],
      ['planned', (planned: Planned) => this.#hearPlanned(planned)],
      ['added', () => this.#hearAdded()],
      // About these the book has something to do, and nobody else.
      ['rewritten', () => {}],
      ['marked', () => {}],
      ['unsaid', () => {}],
    ])
  }

  hear(item: Item): void {
    const { node: from, topic, payload } = item
    this.#node.book.hear(item)
    const hear = this.#topics.get(topic)
    if (isErrand(topic)) this.#hearers.errands.hear(from, topic, payload)
    else if (hear) hear(payload as never, from)
    else this.#passOn(topic, payload)
  }

  /** What a round reads is news for whoever missed the event. */
  find({ pages }: Reading): void {
    for (const { lastRun } of pages.values()) if (lastRun && lastRun.outcome !== null) this.#tellEnd(lastRun.id)
  }

  /** Does something, and `ended` resolves when it is heard that a run has ended elsewhere. */
  async whileListening<Answer>(runId: string, act: (ended: Promise<void>) => Promise<Answer>): Promise<Answer> {
    let listener = (_ended: string) => {}
    const ended = new Promise<void>((resolve) => {
      listener = (other) => other === runId && resolve()
    })
    this.#listeners.add(listener)
    try {
      return await act(ended)
    } finally {
      this.#listeners.delete(listener)
    }
  }

  #hearPlanned({ page }: Planned): void {
    const { passOn, clock } = this.#node.host
    this.#hearers.plans.hear('adding')
    if (page.waiting) tellScheduled(passOn, page.waiting, clock.now())
  }

  #hearAdded(): void {
    this.#hearers.plans.hear('added')
    void this.#hearers.line.look()
  }

  /** What happens to tasks is told to the host, too. */
  #passOn(topic: string, payload: unknown): void {
    const { line } = this.#hearers
    this.#node.host.passOn(topic as 'run:ended', payload as Run)
    if (topic === 'task:removed') void line.look()
    if (topic !== 'run:ended') return
    const { id, task } = payload as Run
    this.#tellEnd(id)
    void line.lookAfterRun(task)
  }

  #tellEnd(runId: string): void {
    for (const listener of this.#listeners) listener(runId)
  }
}
