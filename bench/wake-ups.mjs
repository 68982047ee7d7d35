import { resultOf } from './child.mjs'
import { row } from './rounds.mjs'

/** Once a minute; a look at the clock every hour, and the opening and the closing of the window, come on top. */
const TARGET = { atMost: 1.05 }

/** How often an open Butler that has nothing to do wakes its process. */
export async function wakeUps(options) {
  const { minutely, memory, file } = await resultOf('wake-ups-process.mjs', options)
  const rowOf = (what, figures, target) => row({ what, figures, reference: minutely, unit: 'a minute', ...target })
  return {
    title: 'wake-ups: how often an open, idle Butler wakes its process',
    reference: 'a timer that is set again every minute',
    rows: [
      rowOf('a timer that is set again every minute', minutely),
      rowOf('a Butler with memoryStore()', memory, TARGET),
      rowOf('a Butler with fileStore() and its heartbeat', file, TARGET),
    ],
  }
}
