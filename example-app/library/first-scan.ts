import { EventEmitter, once } from 'node:events'

/** The scan that fills an empty library. What works on the library by itself waits for it: before, there is nothing to be found. */
export class FirstScan {
  #isOver: boolean
  readonly #end = new EventEmitter().setMaxListeners(0)

  constructor(isOver: boolean) {
    this.#isOver = isOver
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** However it has ended: nobody waits for another one. */
  end(): void {
    this.#isOver = true
    this.#end.emit('over')
  }

  /** Resolves once it is over. Rejects with the signal's reason. */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#isOver) return
    await once(this.#end, 'over', { signal }).catch((error: unknown) => {
      signal.throwIfAborted()
      throw error
    })
  }
}
