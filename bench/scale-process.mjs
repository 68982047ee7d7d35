import { createRequire } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createButler } from 'express-butler'
import { bullmqQueue } from 'express-butler/bullmq'

const { systemClock } = createRequire(import.meta.url)('../dist/engine/clock.js')

const { tasks: count, places, port, opensAt } = JSON.parse(process.argv[2])

const figures = { runs: 0, wakeUps: 0, lastRunAt: 0, stallMs: 0 }
const system = systemClock()
let skewMs = 0
const counted = (callback) => () => {
  figures.wakeUps += 1
  callback()
}
// Whatever waits for an instant is asked again when the clock has moved.
const waiting = new Set()
const clock = {
  now: () => system.now() + skewMs,
  callAfter: (ms, callback) => system.callAfter(ms, counted(callback)),
  callAt(instant, callback) {
    const wait = { cancel: () => {} }
    const arm = () => {
      wait.cancel = system.callAt(instant - skewMs, () => {
        waiting.delete(rearm)
        counted(callback)()
      })
    }
    const rearm = () => {
      wait.cancel()
      arm()
    }
    arm()
    waiting.add(rearm)
    return () => {
      waiting.delete(rearm)
      wait.cancel()
    }
  },
}

const time = (instant) => new Date(instant).toISOString().slice(11, 16)
const window = { opensAt: time(opensAt), closesAt: time(opensAt + 3_600_000), timeZone: 'UTC' }
const run = async () => {
  figures.runs += 1
  figures.lastRunAt = Date.now()
}
const tasks = Object.fromEntries(Array.from({ length: count }, (_, index) => [`Task${index}`, run]))
const queue = bullmqQueue({ connection: { port }, prefix: 'scale' })
const butler = createButler({ tasks, queue, window, clock, concurrency: places })
const delay = monitorEventLoopDelay({ resolution: 5 })

process.on('message', (question) => {
  if (question.openAt) {
    skewMs = opensAt - question.openAt
    for (const rearm of [...waiting]) rearm()
    setTimeout(() => delay.enable(), question.openAt - Date.now())
  }
  process.send({ ...figures, stallMs: delay.max / 1e6 })
})

await butler.open()
process.send('open')
