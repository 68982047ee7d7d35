import { type ConnectionOptions, type IQueueBackend, QueueEvents, type QueueEventsListener } from 'bullmq'
import type { Clock } from '../engine/clock'
import type { Logger } from '../engine/logger'
import { ButlerError } from '../errors'
import type { ReadBullmqOptions } from './options'

/** A year: jobs are freed by whoever finds their process gone, never because BullMQ's own lock ran out. */
const LOCK_MS = 365 * 86_400_000

type Listening = QueueEvents<Record<string, never>, IQueueBackend, ConnectionOptions>

/** Told of every event, its fields as text. */
type Hear = (fields: Record<string, string>) => void

/**
 * The way to the database: one connection for commands and one that listens. Whatever is asked is answered, or rejects with
 * `BUTLER_UNAVAILABLE` within `answerMs`. A connection that has stopped answering is given up: on a line that swallows, a late answer
 * would be taken for that of another question.
 */
export class Connection {
  readonly #options: ReadBullmqOptions
  readonly #clock: Clock
  readonly #logger: Logger
  #backend: IQueueBackend
  #events: Listening | undefined
  readonly #queues = new Map<string, IQueueBackend>()
  #isClosed = false
  #isWell = true

  constructor(options: ReadBullmqOptions, clock: Clock, logger: Logger) {
    this.#options = options
    this.#clock = clock
    this.#logger = logger
    this.#backend = this.#connect()
  }

  /** Prefix and name of what BullMQ calls a queue. In PostgreSQL there is no prefix, so the name says it, too. */
  nameOf(what: string): { prefix: string; name: string } {
    const { prefix } = this.#options
    return { prefix: `{${prefix}}`, name: `${prefix}.${what}` }
  }

  /** One of the queues, by what it is for. Ask anew each time: a connection that was given up takes its queues with it. */
  queue(what: string): IQueueBackend {
    const { prefix, name } = this.nameOf(what)
    const queue = this.#queues.get(name) ?? this.#backend.forQueue(name, prefix)
    this.#queues.set(name, queue)
    return queue
  }

  /** Asks, and rejects with `BUTLER_UNAVAILABLE` when no answer comes. Errors that are answers are passed on as they are. */
  async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    if (this.#isClosed) throw unavailable('The connection to it is closed')
    const asked = this.#backend
    const { answerMs } = this.#options
    let cancel = () => {}
    const silence = new Promise<never>((_, reject) => {
      cancel = this.#clock.callAfter(answerMs, () => {
        this.#giveUp(asked)
        reject(unavailable(`It has not answered within ${answerMs} ms`))
      })
    })
    try {
      const answer = await Promise.race([question(), silence])
      this.#wellAgain()
      return answer
    } catch (error) {
      throw this.#explained(error)
    } finally {
      cancel()
    }
  }

  /** Listens to what comes after an event, and after a broken connection goes on where it was. */
  async listen(lastEventId: string, hear: Hear): Promise<void> {
    const { connection, backendFactory } = this.#options
    const { prefix, name } = this.nameOf('news')
    const events: Listening = new QueueEvents(
      name,
      { connection, prefix, lastEventId, blockingTimeout: 2_000 },
      backendFactory,
    )
    this.#events = events
    events.on('error', (err) => this.#complain(err))
    events.on('news' as keyof QueueEventsListener, hear as never)
    await this.ask(() => events.waitUntilReady())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([this.#backend, this.#events].map((each) => each && this.#end(each)))
  }

  /** What Redis says about itself; `null` when it is no Redis. */
  async info(): Promise<string | null> {
    if (!this.#options.isRedis) return null
    const { client } = this.#backend as unknown as { client: Promise<{ info(): Promise<string> }> }
    return this.ask(async () => (await client).info())
  }

  #connect(): IQueueBackend {
    const { backendFactory, connection, isRedis } = this.#options
    const { prefix, name } = this.nameOf('book')
    const mine = isRedis ? impatient(connection) : connection
    const backend = backendFactory(name, { connection: mine, prefix, lockDuration: LOCK_MS } as never)
    backend.on('error', (err) => this.#complain(err))
    backend.waitUntilReady().catch(() => this.#giveUp(backend))
    return backend
  }

  #giveUp(backend: IQueueBackend): void {
    if (this.#isClosed || backend !== this.#backend) return
    this.#queues.clear()
    this.#backend = this.#connect()
    void this.#end(backend)
  }

  /** Nobody waits for a connection that may never answer. */
  async #end(connection: IQueueBackend | Listening): Promise<void> {
    let cancel = () => {}
    const patience = new Promise<void>((resolve) => {
      cancel = this.#clock.callAfter(this.#options.answerMs, resolve)
    })
    await Promise.race([ended(connection).catch(() => {}), patience])
    cancel()
  }

  /** An error with a number is an answer of BullMQ's: the job is not where it was thought to be. */
  #explained(error: unknown): unknown {
    if (error instanceof ButlerError || isAnswer(error)) return error
    this.#complain(error)
    return unavailable('It cannot be reached', error)
  }

  /** Once each time that it goes away: a client complains at every attempt. */
  #complain(err: unknown): void {
    if (this.#isClosed || !this.#isWell) return
    this.#isWell = false
    this.#logger.error({ err }, 'The shared queue cannot be reached; it is tried again until it can.')
  }

  #wellAgain(): void {
    if (this.#isWell) return
    this.#isWell = true
    this.#logger.info({}, 'The shared queue can be reached again.')
  }
}

async function ended(connection: IQueueBackend | Listening): Promise<void> {
  if (!(connection instanceof QueueEvents)) return connection.close(true)
  // While it is reconnecting, its own way of closing waits for an end that never comes.
  connection.close().catch(() => {})
  return connection.getBackend().close(true)
}

/** Whether BullMQ answered that a job is not in the state that was asked for. */
export function isAnswer(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === 'number'
}

function unavailable(what: string, cause?: unknown): ButlerError {
  return new ButlerError('BUTLER_UNAVAILABLE', `The shared queue is unavailable. ${what}; try again later.`, { cause })
}

const RECONNECT_MS = 500

/** Redis options with which commands fail at once while there is no connection, and are not sent again later. */
function impatient(connection: unknown): object {
  const retryStrategy = () => RECONNECT_MS
  const options = { enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy, connectTimeout: 5_000 }
  const given = connection as { duplicate?: (options: object) => object }
  return typeof given.duplicate === 'function' ? given.duplicate(options) : { ...options, ...given }
}
