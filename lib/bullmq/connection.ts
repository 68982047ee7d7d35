import type { IQueueBackend } from 'bullmq'
import type { Clock } from '../engine/clock'
import type { Logger } from '../engine/logger'
import { Cursor } from './cursor'
import { openConnection, RECONNECT_MS } from './driver'
import { Link } from './link'
import type { ReadBullmqOptions } from './options'
import { Outage } from './outage'

/** How long a connection that listens waits for something to happen before it asks again, which shows that it still answers. */
const LISTEN_MS = 2_000

/** The same on PostgreSQL, where BullMQ does not notice what comes while it is about to wait. */
const POSTGRES_LISTEN_MS = 250

/** For how long an event is looked for on PostgreSQL that may have been overtaken, and how often. */
const LAG_MS = 100
const LOOK_AGAIN_MS = 10

/** How long answers may take until the queue is open: many processes may start at once, and in PostgreSQL the first one makes the tables. */
const OPENING_MS = 10_000

/** Told of every event, its fields as text. */
type Hear = (fields: Record<string, string>) => void

/** The way to the database: one connection for commands and one that listens. */
export class Connection {
  readonly #options: ReadBullmqOptions
  readonly #clock: Clock
  readonly #commands: Link
  #ear: Link | undefined
  // They go with the connection that they live on.
  readonly #queues = new WeakMap<IQueueBackend, Map<string, IQueueBackend>>()
  #isOpen = false
  #isClosed = false
  readonly #deafness: Outage
  #wake = () => {}

  constructor(options: ReadBullmqOptions, clock: Clock, logger: Logger) {
    this.#options = options
    this.#clock = clock
    const outage = new Outage({
      began: (err) => logger.error({ err }, 'The shared queue cannot be reached; it is tried again until it can.'),
      ended: () => logger.info({}, 'The shared queue can be reached again.'),
    })
    this.#commands = this.#link('book', {
      failed: (err) => {
        if (!this.#isClosed) outage.failed(err)
      },
      answered: () => outage.worked(),
    })
    this.#deafness = new Outage({
      began: (err) =>
        logger.debug({ err }, 'News of the other processes could not be heard; it is tried again until it can.'),
      ended: () => logger.debug({}, 'News of the other processes is heard again.'),
    })
  }

  /** Resolves when the first answer has come. */
  async open(): Promise<void> {
    await this.#commands.ready(OPENING_MS)
  }

  /** From now on answers come within `answerMs`. */
  opened(): void {
    this.#isOpen = true
  }

  /** Prefix and name of what BullMQ calls a queue. In PostgreSQL there is no prefix, so the name says it, too. */
  nameOf(what: string): { prefix: string; name: string } {
    const { prefix } = this.#options
    return { prefix: `{${prefix}}`, name: `${prefix}.${what}` }
  }

  /** One of the queues, by what it is for. Ask anew each time: a connection that was given up takes its queues with it. */
  queue(what: string): IQueueBackend {
    const { backend } = this.#commands
    const { prefix, name } = this.nameOf(what)
    const queues = this.#queues.get(backend) ?? new Map<string, IQueueBackend>()
    this.#queues.set(backend, queues)
    const queue = queues.get(name) ?? backend.forQueue(name, prefix)
    queues.set(name, queue)
    return queue
  }

  /** Asks, and rejects with `BUTLER_UNAVAILABLE` when no answer comes. Errors that are answers are passed on as they are. */
  ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    return this.#commands.ask(question, this.#isOpen ? this.#options.answerMs : OPENING_MS)
  }

  /** Listens to what comes after an event, and after a broken connection goes on where it was. */
  async listen(lastEventId: string, hear: Hear): Promise<void> {
    const ear = this.#link('news', { failed() {}, answered() {} })
    this.#ear = ear
    await ear.ready(OPENING_MS)
    void this.#hearOn(ear, lastEventId, hear)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#wake()
    await Promise.all([this.#commands.close(), this.#ear?.close()])
  }

  /** What Redis says about itself; `null` when it is no Redis. */
  async info(): Promise<string | null> {
    if (!this.#options.isRedis) return null
    const { client } = this.#commands.backend as unknown as { client: Promise<{ info(): Promise<string> }> }
    return this.ask(async () => (await client).info())
  }

  #link(what: string, health: { failed(err: unknown): void; answered(): void }): Link {
    const { prefix, name } = this.nameOf(what)
    const open = () => openConnection(this.#options, name, prefix)
    return new Link({ open, clock: this.#clock, answerMs: this.#options.answerMs, ...health })
  }

  /** Never rejects. */
  async #hearOn(ear: Link, lastEventId: string, hear: Hear): Promise<void> {
    const { isRedis, answerMs } = this.#options
    const listenMs = isRedis ? LISTEN_MS : POSTGRES_LISTEN_MS
    const cursor = new Cursor(lastEventId, isRedis ? 0 : LAG_MS)
    while (!this.#isClosed) {
      try {
        const place = cursor.place(this.#clock.now())
        const read = await ear.ask((backend) => backend.readEvents(place, listenMs), answerMs, listenMs)
        this.#deafness.worked()
        const events = cursor.advance(read?.[0]?.[1] ?? [], this.#clock.now())
        for (const fields of events) if (!this.#isClosed) hear(asObject(fields))
        if (cursor.isBehind) await this.#pause(LOOK_AGAIN_MS)
      } catch (err) {
        this.#deafness.failed(err)
        await this.#pause(RECONNECT_MS)
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isClosed) return
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.callAfter(ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}

/** `['event', 'news', 'node', '1']` → `{ event: 'news', node: '1' }`. */
function asObject(fields: readonly string[]): Record<string, string> {
  const object: Record<string, string> = {}
  for (let place = 0; place + 1 < fields.length; place += 2)
    object[fields[place] as string] = fields[place + 1] as string
  return object
}
