import { Book } from '../../lib/bullmq/book'
import { Connection } from '../../lib/bullmq/connection'
import { type BullmqQueueOptions, readBullmqOptions } from '../../lib/bullmq/options'
import { Slots } from '../../lib/bullmq/slot'
import { systemClock } from '../../lib/engine/clock'
import { silent } from '../../lib/engine/logger'

const opened: Connection[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()))
})

/** What processes share, in the hands of one that does things by halves: it writes, and tells nobody. */
export async function openBook(options: BullmqQueueOptions<unknown>) {
  const clock = systemClock()
  const connection = new Connection(readBullmqOptions(options), clock, silent)
  opened.push(connection)
  await connection.open()
  connection.opened()
  const slots = new Slots(connection, 'a process that does things by halves')
  return { connection, book: new Book(connection, clock), slots }
}
