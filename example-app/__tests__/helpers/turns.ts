import { setImmediate as nextTurn } from 'node:timers/promises'

/** How often the event loop came round, and so how often the server could have answered, until some work was over. */
export async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let isOver = false
  const over = work.finally(() => (isOver = true))
  let turns = 0
  for (; !isOver; turns += 1) await nextTurn()
  await over
  return turns
}
