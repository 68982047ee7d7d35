import type { Connection } from './connection'
import { Heard } from './heard'

/** What the book says of a run that has begun, besides the run. */
export interface Begun {
  job: string
  hasPlace: boolean
}

/** What one node tells the others. */
export interface Item {
  node: string
  topic: string
  payload: unknown
  /** Comes with `run:started`. */
  begun?: Begun
}

/** How many news are kept at least, and for each task: what a busy night tells of it while somebody is away for a moment. */
const LEAST_KEPT = 1_000
const KEPT_OF_TASK = 4

/** Tells every node what happens on one of them. News are no memory: who misses one finds the truth in the book a beat later. */
export class News {
  readonly heard = new Heard()
  readonly #connection: Connection
  readonly #me: string
  readonly #kept: number
  #told = 0
  /** Something could not be told, and nothing has been since. */
  #isUnsaid = false

  constructor(connection: Connection, me: string, tasks: number) {
    this.#connection = connection
    this.#me = me
    this.#kept = Math.max(LEAST_KEPT, KEPT_OF_TASK * tasks)
  }

  /** Hears what others tell from now on. */
  async hear(listener: (item: Item) => void): Promise<void> {
    const since = await this.send('hello', null)
    await this.#connection.listen(since, ({ node = '', topic = '', number, payload = '', begun }) => {
      if (node === this.#me) return
      this.heard.count(node, Number(number))
      listener({ node, topic, payload: JSON.parse(payload), ...(begun && { begun: JSON.parse(begun) }) })
    })
  }

  /** Tells the others, if they can be reached. Never rejects. */
  async publish(topic: string, payload: unknown, begun?: Begun): Promise<void> {
    await this.send(topic, payload, begun).catch(() => {})
  }

  /** Tells the others. Rejects with `BUTLER_UNAVAILABLE`. */
  async send(topic: string, payload: unknown, begun?: Begun): Promise<string> {
    this.#told += 1
    const item = { event: 'news', node: this.#me, number: this.#told, topic, payload: JSON.stringify(payload) }
    const fields = { ...item, ...(begun && { begun: JSON.stringify(begun) }) }
    try {
      const id = await this.#connection.ask(() => this.#connection.queue('news').publishEvent(fields, this.#kept))
      this.#isUnsaid = false
      return id
    } catch (error) {
      this.#isUnsaid = true
      throw error
    }
  }

  /** If something could not be told, the others learn that they have missed it. Never rejects. */
  async remind(): Promise<void> {
    if (this.#isUnsaid) await this.publish('unsaid', null)
  }
}
