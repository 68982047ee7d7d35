import { setImmediate as nextTurn } from 'node:timers/promises'

/** How many steps of some microseconds are taken at once. */
const STEPS = 500

/** To be awaited after every step of what goes through a whole library in memory: now and then it lets the server answer. */
export function breather(): () => Promise<void> | undefined {
  let steps = 0
  return () => {
    steps += 1
    return steps % STEPS === 0 ? nextTurn() : undefined
  }
}
