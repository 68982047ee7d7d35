import type { IQueueBackend } from 'bullmq'
import type { Cancel, Clock, Instant } from '../engine/clock'
import { endsWithin } from '../engine/grace'
import { ButlerError } from '../errors'
import { type Opened, RECONNECT_MS } from './driver'

/** For how long a new connection is waited for after the one before it fell silent. Who asks later has nothing more to wait for. */
const RETURN_MS = 100

/** In how many pieces the waiting for an answer is counted. */
const PIECES = 4

/** How many times longer than a silence an answer is waited for while something comes, and a new connection at most. */
const LONGEST = 10

/** From when a connection was given up until another one has answered. */
interface Silence {
  readonly since: Instant
  readonly over: Promise<void>
  end(): void
}

/** What a link is made of. */
interface LinkOptions {
  open(): Opened
  clock: Clock
  /** After how many milliseconds without an answer the connection is given up. */
  answerMs: number
  /** Told of everything that goes wrong, again and again. */
  failed(error: unknown): void
  /** Told of every answer. */
  answered(): void
}

/**
 * One connection. Whatever is asked is answered, or rejects with `BUTLER_UNAVAILABLE` in time. A connection that has stopped answering
 * is given up for a new one: on a line that swallows, a late answer would be taken for that of another question.
 */
export class Link {
  readonly #options: LinkOptions
  #opened: Opened
  #isClosed = false
  #silence: Silence | null = null
  #cancelRetry: Cancel = () => {}
  /** For how long the next new connection is waited for. */
  #patienceMs: number

  constructor(options: LinkOptions) {
    this.#options = options
    this.#patienceMs = options.answerMs
    this.#opened = this.#open()
  }

  /** Ask anew each time: it may have been given up for another one. */
  get backend(): IQueueBackend {
    return this.#opened.backend
  }

  /** Resolves with the first answer, and rejects with `BUTLER_UNAVAILABLE` at the first error: some clients try for ever. */
  async ready(answerMs: number): Promise<void> {
    const { backend } = this.#opened
    let failed: (error: unknown) => void = () => {}
    const failure = new Promise<never>((_, reject) => {
      failed = reject
    })
    backend.on('error', failed)
    try {
      await this.ask(() => Promise.race([backend.waitUntilReady(), failure]), answerMs)
    } finally {
      backend.removeListener('error', failed)
    }
  }

  /**
   * Asks, and rejects with `BUTLER_UNAVAILABLE` when no answer comes. Errors that are answers are passed on as they are. For `quietMs` before
   * that silence means nothing, because what is waited for need not happen.
   */
  async ask<Answer>(
    question: (backend: IQueueBackend) => Promise<Answer>,
    answerMs: number,
    quietMs = 0,
  ): Promise<Answer> {
    if (this.#isClosed) throw unavailable('The connection to it is closed')
    if (this.#silence !== null && !(await this.#returns(this.#silence))) throw unavailable('It has fallen silent')
    const asked = this.#opened
    let cancel: Cancel = () => {}
    const silence = new Promise<never>((_, reject) => {
      cancel = this.#afterSilence(asked, answerMs, quietMs, () => {
        const silent = unavailable(`It has not answered within ${answerMs} ms`)
        this.#complain(silent)
        this.#giveUp(asked)
        reject(silent)
      })
    })
    try {
      const answer = await Promise.race([question(asked.backend), silence])
      this.#options.answered()
      return answer
    } catch (error) {
      throw this.#explained(error)
    } finally {
      cancel()
    }
  }

  /**
   * Calls back when nothing has come for so long. That is counted in pieces, so that a blocked event loop, during which nothing can be
   * read, counts as one of them, however long it was. While something comes, the database is slow, not silent.
   */
  #afterSilence({ received }: Opened, answerMs: number, quietMs: number, callback: () => void): Cancel {
    const { clock } = this.#options
    let cancel: Cancel = () => {}
    let before = received()
    let [waited, quiet] = [0, 0]
    const look = () => {
      const now = received()
      waited += 1
      quiet = now === before ? quiet + 1 : 0
      before = now
      if (quiet === PIECES || waited === LONGEST * PIECES) callback()
      else wait()
    }
    const wait = () => {
      // Where the event loop was blocked, the answer may be here and not yet read.
      cancel = clock.callAfter(answerMs / PIECES + (waited === 0 ? quietMs : 0), () => {
        const reading = setImmediate(look)
        cancel = () => clearImmediate(reading)
      })
    }
    wait()
    return () => cancel()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelRetry()
    await this.#end(this.#opened)
  }

  #open(): Opened {
    const opened = this.#options.open()
    opened.backend.on('error', (error) => this.#complain(error))
    const isCurrent = () => !this.#isClosed && opened === this.#opened
    // What could not be opened is answered for at once, and is opened again a little later.
    opened.backend.waitUntilReady().then(
      () => isCurrent() && this.#answersAgain(),
      () => isCurrent() && this.#giveUpAfter(RECONNECT_MS, opened),
    )
    return opened
  }

  #giveUp(opened: Opened): void {
    if (this.#isClosed || opened !== this.#opened) return
    this.#silence ??= silenceSince(this.#options.clock.now())
    this.#opened = this.#open()
    this.#giveUpAfter(this.#patienceMs, this.#opened)
    // Opening takes longer than an answer, above all where many do it at once: who gave up as soon each time would never get there.
    this.#patienceMs = Math.min(2 * this.#patienceMs, LONGEST * this.#options.answerMs)
    void this.#end(opened)
  }

  #giveUpAfter(ms: number, opened: Opened): void {
    this.#cancelRetry()
    this.#cancelRetry = this.#options.clock.callAfter(ms, () => this.#giveUp(opened))
  }

  #answersAgain(): void {
    this.#cancelRetry()
    this.#patienceMs = this.#options.answerMs
    this.#silence?.end()
    this.#silence = null
  }

  /** Whether there is a connection again. */
  #returns({ since, over }: Silence): Promise<boolean> {
    const { clock } = this.#options
    const passed = Math.abs(clock.now() - since)
    return endsWithin(over, { clock, graceMs: Math.max(0, RETURN_MS - passed) })
  }

  /** Nobody waits for a connection that may never answer. */
  async #end({ close, breakOff }: Opened): Promise<void> {
    let cancel = () => {}
    const patience = new Promise<void>((resolve) => {
      cancel = this.#options.clock.callAfter(this.#options.answerMs, resolve)
    })
    await Promise.race([close().catch(() => {}), patience])
    cancel()
    breakOff()
  }

  #explained(error: unknown): unknown {
    if (error instanceof ButlerError || isAnswer(error)) return error
    this.#complain(error)
    return unusable(error)
  }

  #complain(error: unknown): void {
    if (!this.#isClosed) this.#options.failed(error)
  }
}

function silenceSince(since: Instant): Silence {
  let end = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  return { since, over, end }
}

/** Whether BullMQ answered that a job is not in the state that was asked for: such an error has a number. */
export function isAnswer(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === 'number'
}

function unavailable(what: string): ButlerError {
  return new ButlerError('BUTLER_UNAVAILABLE', `The shared queue is unavailable. ${what}; try again later.`)
}

function unusable(cause: unknown): ButlerError {
  const wayOut = 'Try again later, or mend the connection that bullmqQueue() was given.'
  return new ButlerError('BUTLER_UNAVAILABLE', `The shared queue cannot be used: ${reasonOf(cause)}. ${wayOut}`, {
    cause,
  })
}

/** In the words of who failed. A host with several addresses fails for each of them, and with no word of its own. */
function reasonOf(error: unknown): string {
  const { errors, message, code } = Object(error) as { errors?: unknown[]; message?: unknown; code?: unknown }
  if (message === '' && errors?.[0]) return reasonOf(errors[0])
  return String(message || code || 'it said nothing')
    .replaceAll(/\s+/g, ' ')
    .replace(/\.$/, '')
}
