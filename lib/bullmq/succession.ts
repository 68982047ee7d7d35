import type { Nodes } from './nodes'
import type { Turns } from './page'

/**
 * Who begins something when a run has ended, as far as that can be told by the last look: all nodes found the same order, so only those
 * look again that would begin something. Whoever errs looks at the next beat.
 */
export class Succession {
  readonly #nodes: Pick<Nodes, 'isFirstFor'>
  /** What the last look found; `null`: that is being found out. */
  #turns: Pick<Turns, 'ready' | 'awaited'> | 'unknown' | null = 'unknown'
  /** Tasks whose runs ended after the last look began. */
  #ended: string[] = []

  constructor(nodes: Pick<Nodes, 'isFirstFor'>) {
    this.#nodes = nodes
  }

  /** A look begins. */
  begin(): void {
    this.#turns = null
    this.#ended = []
  }

  /** A look has found whose turn it is; or it has failed. */
  found(turns: Pick<Turns, 'ready' | 'awaited'> | 'unknown'): void {
    this.#turns = turns
  }

  /** The run of a task has ended. */
  end(task: string): void {
    this.#ended.push(task)
  }

  /** Whether this node may have something to begin that it had not at the last look. */
  get isMine(): boolean {
    if (this.#turns === null || this.#ended.length === 0) return false
    if (this.#turns === 'unknown') return true
    const { ready, awaited } = this.#turns
    if (this.#ended.some((task) => awaited.has(task))) return true
    return ready.slice(0, this.#ended.length).some((task) => this.#nodes.isFirstFor(task))
  }
}
