import type { StartAnswer } from '../registry'

/** One errand of which several nodes are asked: the first that is ready goes, and another one only if that could not do it. */
export class Asking {
  /** Resolves when a node is ready. */
  readonly ready: Promise<void>
  /** Resolves when one that went has answered, and nobody is to go in its place. */
  readonly answered: Promise<void>
  answer: StartAnswer | null = null
  #gone: string | null = null
  readonly #others: string[] = []
  #isReady = () => {}
  #end = () => {}

  constructor() {
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve
    })
    this.answered = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** A node is ready. Answers who is to go now, if anybody. */
  offer(node: string): string | null {
    this.#isReady()
    if (this.#gone !== null) {
      this.#others.push(node)
      return null
    }
    this.#gone = node
    return node
  }

  /** The one that went has answered; `null`: it could not start the task. Answers who is to go in its place, if anybody. */
  hear(node: string, answer: StartAnswer | null): string | null {
    if (node !== this.#gone) return null
    const next = answer === null ? this.#others.shift() : undefined
    if (next !== undefined) {
      this.#gone = next
      return next
    }
    this.answer = answer
    this.#end()
    return null
  }
}
