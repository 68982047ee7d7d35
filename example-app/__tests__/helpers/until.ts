import { setTimeout as pause } from 'node:timers/promises'

/** Looks until something holds that no event tells, while work goes on. Rejects when the work is over first. */
export async function until(condition: () => boolean, work: Promise<unknown>): Promise<void> {
  let isOver = false
  work.then(
    () => (isOver = true),
    () => (isOver = true),
  )
  while (!condition()) {
    if (isOver) throw new Error(`The work was over before ${condition} held.`)
    await pause(2)
  }
}
