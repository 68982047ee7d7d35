import { openButler } from './butler.mjs'
import { quick } from './child.mjs'
import { inTurns } from './rounds.mjs'

const sizes = quick ? [100, 1_000] : [100, 1_000, 10_000, 100_000]

/** How many tasks a figure is taken over: few tasks are measured often, many once. */
const WORK = quick ? 1_000 : 100_000

const butlers = await Promise.all(sizes.map((size) => openButler(size)))
const subjects = sizes.map((size, index) => () => costOf(butlers[index], size))
for (const warmUp of subjects) await warmUp()
process.send({ sizes, costs: await inTurns(subjects, { quick }) }, () => process.exit())

/** Microseconds of processor time for one task of each operation: what others do on the machine meanwhile costs nothing here. */
async function costOf(butler, size) {
  const spent = { plan: 0, schedule: 0, stop: 0 }
  gc()
  for (let tasks = 0; tasks < WORK; tasks += size) {
    spent.plan += await costInMicroseconds(() => butler.plan())
    spent.schedule += await costInMicroseconds(() => butler.startAll())
    spent.stop += await costInMicroseconds(() => butler.stopAll())
  }
  return Object.fromEntries(Object.entries(spent).map(([operation, all]) => [operation, all / WORK]))
}

async function costInMicroseconds(act) {
  const before = process.cpuUsage()
  await act()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
