import { Readable } from 'node:stream'
import type { Ending, FromLauncher, ToLauncher } from './messages'

/** About so many characters are fed at once. */
const BITE = 65_536

/** A program that a launcher carries out, as the server sees it. */
export class RunningProgram {
  /** What it writes. It waits for whoever reads this. */
  readonly output: Readable
  /** Resolves once it is gone. Rejects if it could not be started, and with what its input threw. */
  readonly ended: Promise<Ending>
  readonly #tell: (message: ToLauncher) => void
  readonly #id: number
  readonly #input: Iterator<string> | undefined
  #fault: unknown
  #isKilled = false
  #hasEnded = false
  #resolve!: (ending: Ending) => void
  #reject!: (error: unknown) => void

  constructor(id: number, tell: (message: ToLauncher) => void, input?: Iterable<string>) {
    this.#tell = tell
    this.#id = id
    this.#input = input?.[Symbol.iterator]()
    this.output = new Readable({ read: () => tell({ kind: 'take', id }) })
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Whoever fails over what it writes does not wait for this.
    this.ended.catch(() => {})
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Whether somebody wanted it to end before it did. */
  get isKilled(): boolean {
    return this.#isKilled
  }

  /** Kills it, with all that it started. It is gone a little later. */
  kill(): void {
    this.#isKilled = true
    this.#tell({ kind: 'kill', id: this.#id })
  }

  /** Takes what its launcher says of it. */
  hear(message: FromLauncher): void {
    if (message.kind === 'wrote') this.output.push(message.piece)
    if (message.kind === 'hungry') this.#feed()
    if (message.kind === 'failed') this.lose(Object.assign(new Error(message.message), { code: message.code }))
    if (message.kind === 'ended') {
      if (this.#fault === undefined) this.#resolve(message)
      else this.#reject(this.#fault)
      this.#leave()
    }
  }

  /** Nobody will say any more what becomes of it. */
  lose(error: Error): void {
    this.#reject(error)
    this.#leave()
  }

  #feed(): void {
    try {
      this.#tell({ kind: 'feed', id: this.#id, text: this.#bite() })
    } catch (error) {
      this.#fault = error
      this.kill()
    }
  }

  #bite(): string | null {
    let text = ''
    while (text.length < BITE) {
      const next = this.#input?.next()
      if (!next || next.done) return text || null
      text += next.value
    }
    return text
  }

  #leave(): void {
    this.#hasEnded = true
    this.output.push(null)
    this.#input?.return?.()
  }
}
