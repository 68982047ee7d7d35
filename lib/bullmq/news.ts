import { Bulletin, type Message, unpack } from './bulletin'
import type { Connection } from './connection'
import { Heard } from './heard'

/** What one node tells the others, as they hear it. */
export interface Item extends Message {
  node: string
}

/** What is told besides what happened. */
export type Besides = Pick<Message, 'begun' | 'version'>

/** A bulletin that is about to go. */
interface Outgoing {
  bulletin: Bulletin
  /** The event that it has become; rejects with `BUTLER_UNAVAILABLE`. */
  sent: Promise<string>
}

/** How many bulletins are kept at least, and for each task: what a busy night tells of it while somebody is away for a moment. */
const LEAST_KEPT = 1_000
const KEPT_OF_TASK = 4

/**
 * Tells every node what happens on one of them, in the order in which it happens. What is to be told while something is on its way goes
 * together after that. News are no memory: who misses one finds the truth in the book a beat later.
 */
export class News {
  readonly heard = new Heard()
  readonly #connection: Connection
  readonly #me: string
  readonly #kept: number
  #told = 0
  /** Something could not be told, and nothing has been since. */
  #isUnsaid = false
  /** What waits for what is on its way. */
  #next: Outgoing | null = null
  /** Ends with the last of what is on its way or waits. Never rejects. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(connection: Connection, me: string, tasks: number) {
    this.#connection = connection
    this.#me = me
    this.#kept = Math.max(LEAST_KEPT, KEPT_OF_TASK * tasks)
  }

  /** Hears what others tell from now on. */
  async hear(listener: (item: Item) => void): Promise<void> {
    const since = await this.send('hello', null)
    await this.#connection.listen(since, ({ node = '', number, items = '[]' }) => {
      if (node === this.#me) return
      const messages = unpack(items)
      this.heard.count(node, Number(number))
      for (const message of messages) listener({ node, ...message })
    })
  }

  /** Tells the others, if they can be reached. Never rejects. */
  async publish(topic: string, payload: unknown, besides: Besides = {}): Promise<void> {
    await this.send(topic, payload, besides).catch(() => {})
  }

  /** Tells the others. Rejects with `BUTLER_UNAVAILABLE`. */
  send(topic: string, payload: unknown, besides: Besides = {}): Promise<string> {
    const { bulletin, sent } = this.#open()
    bulletin.add({ topic, payload, ...besides })
    return sent
  }

  /** If something could not be told, the others learn that they have missed it. Never rejects. */
  async remind(): Promise<void> {
    if (this.#isUnsaid) await this.publish('unsaid', null)
  }

  /** The bulletin that still takes something. */
  #open(): Outgoing {
    if (this.#next && !this.#next.bulletin.isFull) return this.#next
    const bulletin = new Bulletin()
    const sent = this.#last.then(() => {
      if (this.#next?.bulletin === bulletin) this.#next = null
      return this.#send(bulletin)
    })
    this.#last = sent.catch(() => {})
    this.#next = { bulletin, sent }
    return this.#next
  }

  async #send(bulletin: Bulletin): Promise<string> {
    this.#told += 1
    const fields = { event: 'news', node: this.#me, number: this.#told, items: bulletin.pack() }
    try {
      const id = await this.#connection.ask(() => this.#connection.queue('news').publishEvent(fields, this.#kept))
      this.#isUnsaid = false
      return id
    } catch (error) {
      this.#isUnsaid = true
      throw error
    }
  }
}
