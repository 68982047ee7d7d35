/** Heavy work that runs side by side: an ffmpeg that decodes, a thread that calculates. */
const PLACES = 2

/**
 * A few places that all tasks share for heavy work, in the order in which they ask: however many tasks run, the machine is not
 * asked for more than it can give, and the server keeps answering.
 */
export class Places {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(places = PLACES) {
    this.#free = places
  }

  /** Does the work as soon as there is a place. A stop ends the waiting, with its reason. */
  async use<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted()
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(signal)
    try {
      return await work()
    } finally {
      this.#give()
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.delete(enter)
        reject(signal.reason)
      }
      this.#waiting.add(enter)
      signal.addEventListener('abort', leave)
    })
  }

  /** To whoever has waited longest. */
  #give(): void {
    const [enter] = this.#waiting
    if (!enter) {
      this.#free += 1
      return
    }
    this.#waiting.delete(enter)
    enter()
  }
}
