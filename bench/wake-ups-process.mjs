import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quick } from './child.mjs'
import { simulateTime } from './simulated-time.mjs'

const MINUTE_MS = 60_000
const HOURS = quick ? 2 : 24

// Before the package is loaded, so that it finds these timers in place of Node's.
const time = simulateTime()
const { createButler, fileStore, memoryStore } = await import('express-butler')
const { inTurns } = await import('./rounds.mjs')

const folder = await mkdtemp(join(tmpdir(), 'butler-bench-'))
const subjects = [
  () => wakeUps(minutely()),
  () => wakeUps(butlerWith(memoryStore())),
  () => wakeUps(butlerWith(fileStore(join(folder, 'butler.json')))),
]
const [timer, memory, file] = await inTurns(subjects, { quick })
await rm(folder, { recursive: true })
process.send({ minutely: timer, memory, file }, () => process.exit())

/** How often a minute the process is woken while something is open. */
async function wakeUps(something) {
  await something.open()
  const calls = await time.pass(HOURS * 60 * MINUTE_MS)
  await something.close()
  return calls / (HOURS * 60)
}

/** One whose tasks are switched off, so that a night passes in which it has nothing to do. */
function butlerWith(store) {
  return createButler({ tasks: { Nothing: { run: () => {}, enabled: false } }, store })
}

function minutely() {
  let timer
  const wait = () => {
    timer = setTimeout(wait, MINUTE_MS)
  }
  return { open: wait, close: () => clearTimeout(timer) }
}
