import { createButler, memoryStore } from 'express-butler'
import { fakeClock } from 'express-butler/testing'

/** An open Butler in the middle of its night, with tasks that start at a random moment of what is left of it. */
export async function openButler(count, store = memoryStore()) {
  const task = { run: () => {}, randomized: true }
  const butler = createButler({
    tasks: Object.fromEntries(Array.from({ length: count }, (_, index) => [`Task${index}`, task])),
    window: { opensAt: '02:00', closesAt: '05:00', timeZone: 'Europe/Berlin' },
    clock: fakeClock('2026-01-15T02:30Z'),
    store,
  })
  await butler.open()
  await butler.stopAll()
  return butler
}
