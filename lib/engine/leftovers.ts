import type { Clock } from './clock'
import { isStale } from './entries'
import type { InForce } from './in-force'
import type { Logger } from './logger'
import type { QueueRecord, RunQueue } from './queue'
import type { Task } from './task'
import type { Night } from './window'

/** How far the clocks of machines that share a queue may be apart. */
const SKEW_MS = 5_000

interface LeftoversOptions {
  queue: RunQueue
  /** The tasks that this process implements: to those of others they see themselves. */
  tasks: ReadonlyMap<string, Task>
  clock: Clock
  logger: Logger
}

/** What a window leaves behind in the queue when it has closed, has been moved, or no longer starts a task. */
export class Leftovers {
  readonly #options: LeftoversOptions
  readonly #now: InForce

  constructor(options: LeftoversOptions, now: InForce) {
    this.#options = options
    this.#now = now
  }

  /** While the process was down or planned, the night may have ended, the window have been moved, a task have been switched off. */
  async withdrawStale(): Promise<void> {
    const { calendar, settings } = this.#now
    const now = this.#options.clock.now()
    const night = calendar.nightAt(now) ?? calendar.nightAt(now + SKEW_MS)
    const stale = (await this.#records()).filter(([name, { waiting }]) =>
      isStale(waiting, night, settings.enabled[name] === true),
    )
    await this.#options.queue.withdraw(stale.map(([name]) => name))
  }

  /** Takes off what waits because of a night, and asks what that started to stop. Elsewhere the next one may be open already. */
  async endNight({ date, closesAt }: Night): Promise<void> {
    const { queue, tasks, logger } = this.#options
    const records = await this.#records()
    const isOver = ({ waiting }: QueueRecord) => waiting?.until != null && Date.parse(waiting.until) <= closesAt
    await queue.withdraw(records.filter(([, record]) => isOver(record)).map(([name]) => name))
    for (const [name, { lastRun }] of records) {
      const isNights = lastRun?.outcome === null && lastRun.trigger === 'window' && lastRun.date <= date
      if (!isNights || tasks.get(name)?.atWindowEnd === 'finish') continue
      queue.stop(name, { cause: 'window-closed', graceMs: 0, runId: lastRun.id }).catch((err: unknown) => {
        logger.error({ err, task: name }, `${name} could not be asked to stop.`)
      })
    }
  }

  async #records(): Promise<[name: string, record: QueueRecord][]> {
    const { queue, tasks } = this.#options
    return [...(await queue.records())].filter(([name]) => tasks.has(name))
  }
}
