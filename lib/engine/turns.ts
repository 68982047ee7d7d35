import type { Cancel, Clock } from './clock'
import type { Logger } from './logger'
import { RETRY_MS } from './queue'

/** Lets one thing be done after the other, so that each sees what the one before it did. */
export class Turns {
  readonly #clock: Clock
  readonly #logger: Logger
  #last: Promise<unknown> = Promise.resolve()
  #retry: Cancel = () => {}

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  /** Acts when all that were asked for earlier are done. What fails fails for its caller only. */
  take<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(act)
    this.#last = result.catch(() => {})
    return result
  }

  /**
   * Does, within a turn, what nobody waits for: a failure is logged, and tried again in a minute, in a turn of its own, while that
   * still makes sense. Never rejects.
   */
  async insist(act: () => Promise<unknown>, complaint: string, makesSense: () => boolean): Promise<void> {
    try {
      await act()
    } catch (err) {
      this.#logger.error({ err }, `${complaint}; it is tried again in a minute.`)
      this.#retry()
      this.#retry = this.#clock.callAfter(RETRY_MS, () => {
        if (makesSense()) void this.take(() => this.insist(act, complaint, makesSense))
      })
    }
  }

  /** Resolves when all that were asked for so far are done. */
  async done(): Promise<void> {
    await this.#last
  }

  /** Waits for what goes on, and tries nothing again. */
  async stop(): Promise<void> {
    await this.#last
    this.#retry()
  }
}
