import type { Connection } from './connection'

/** What one node tells the others. */
export interface Item {
  node: string
  topic: string
  payload: unknown
}

/** Tells every node what happens on one of them. News are no memory: who misses one finds the truth in the book a beat later. */
export class News {
  readonly #connection: Connection
  readonly #me: string

  constructor(connection: Connection, me: string) {
    this.#connection = connection
    this.#me = me
  }

  /** Hears what others tell from now on. */
  async hear(listener: (item: Item) => void): Promise<void> {
    const since = await this.send('hello', null)
    await this.#connection.listen(since, ({ node, topic, payload }) => {
      if (node !== this.#me) listener({ node, topic, payload: JSON.parse(payload as string) } as Item)
    })
  }

  /** Tells the others, if they can be reached. Never rejects. */
  async publish(topic: string, payload: unknown): Promise<void> {
    await this.send(topic, payload).catch(() => {})
  }

  /** Tells the others. Rejects with `BUTLER_UNAVAILABLE`. */
  send(topic: string, payload: unknown): Promise<string> {
    const fields = { event: 'news', node: this.#me, topic, payload: JSON.stringify(payload) }
    return this.#connection.ask(() => this.#connection.queue('news').publishEvent(fields, KEPT))
  }
}

/** How many news are kept for those who are away for a moment. */
const KEPT = 1_000
