/** Waits for something that happens as soon as the system has answered: no time needs to pass, only turns of the event loop. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turns = 0; !(await holds()); turns += 1) {
    if (turns > 100_000) throw new Error('It never happened.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
