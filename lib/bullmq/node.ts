import { randomUUID } from 'node:crypto'
import type { ButlerEvents } from '../engine/events'
import type { QueueHost } from '../engine/queue'
import { Book } from './book'
import { Connection } from './connection'
import { type Besides, News } from './news'
import { Nodes } from './nodes'
import type { ReadBullmqOptions } from './options'
import type { Page } from './page'
import { Slots } from './slot'

/** This process among those that share the queue, with all that it reaches them by. A process that is started again is another one. */
export class Node {
  readonly me = randomUUID()
  readonly host: QueueHost
  readonly connection: Connection
  readonly slots: Slots
  readonly book: Book
  readonly news: News
  readonly nodes: Nodes

  constructor(options: ReadBullmqOptions, host: QueueHost) {
    this.host = host
    this.connection = new Connection(options, host.clock, host.logger)
    this.slots = new Slots(this.connection, this.me)
    this.book = new Book(this.connection, host.clock)
    this.news = new News(this.connection, this.me, host.tasks.size)
    this.nodes = new Nodes(this.connection, this.me, { ...host, ...options })
  }

  /** Tells everybody, here and elsewhere. */
  announce<Event extends keyof ButlerEvents>(event: Event, payload: ButlerEvents[Event][0], besides?: Besides): void {
    this.host.tell(event, payload)
    void this.news.publish(event, payload, besides)
  }

  /** Writes on a page what no event tells. */
  async rewrite(task: string, page: Page): Promise<void> {
    const version = await this.book.write(new Map([[task, page]]))
    void this.news.publish('rewritten', task, { version })
  }

  /** Waits for others to be done with what they are at. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.host.clock.callAfter(ms, resolve))
  }
}
