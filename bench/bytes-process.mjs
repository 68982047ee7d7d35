import { setImmediate as turn } from 'node:timers/promises'
import { memoryStore } from 'express-butler'
import { openButler } from './butler.mjs'
import { quick } from './child.mjs'
import { inTurns } from './rounds.mjs'

const COUNT = quick ? 10_000 : 100_000

/** A store that keeps nothing, so that only the Butler's own memory is seen. */
const forgetful = { open: async () => null, save: async () => {}, close: async () => {} }

const subjects = [bytesOfTimers, () => bytesOfButler(forgetful), () => bytesOfButler(memoryStore())]
for (const warmUp of subjects) await warmUp()
const [timers, alone, remembered] = await inTurns(subjects, { quick })
process.send({ timers, alone, remembered }, () => process.exit())

async function bytesOfTimers() {
  const before = await used()
  const timers = Array.from({ length: COUNT }, (_, index) => setTimeout(() => index, 3_600_000 + index))
  const bytes = ((await used()) - before) / COUNT
  for (const timer of timers) clearTimeout(timer)
  return bytes
}

async function bytesOfButler(store) {
  const butler = await openButler(COUNT, store)
  const before = await used()
  await butler.startAll()
  const bytes = ((await used()) - before) / COUNT
  await butler.close()
  return bytes
}

/** Bytes on the heap that something still refers to, once what has just been let go is gone. */
async function used() {
  await turn()
  gc()
  return process.memoryUsage().heapUsed
}
