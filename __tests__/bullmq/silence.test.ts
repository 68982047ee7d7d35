import { EventEmitter } from 'node:events'
import type { IQueueBackend } from 'bullmq'
import type { Opened } from '../../lib/bullmq/driver'
import { Link } from '../../lib/bullmq/link'
import type { Clock } from '../../lib/engine/clock'

const never = () => new Promise<never>(() => {})

/** A clock whose timers are late when the loop was blocked: what is due then comes at once, and what that asks for later. */
function lateClock() {
  let uptime = 0
  const timers = new Set<{ at: number; callback: () => void }>()
  const callAfter = (ms: number, callback: () => void) => {
    const timer = { at: uptime + ms, callback }
    timers.add(timer)
    return () => void timers.delete(timer)
  }
  const clock: Clock = { now: () => uptime, callAt: callAfter, callAfter }
  async function block(ms: number): Promise<void> {
    uptime += ms
    for (const timer of [...timers].filter(({ at }) => at <= uptime)) {
      timers.delete(timer)
      timer.callback()
    }
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
  }
  return { clock, block }
}

/** A line on which comes what the test says. */
function openLink() {
  const { clock, block } = lateClock()
  const backend = Object.assign(new EventEmitter(), { waitUntilReady: async () => {} })
  let bytes = 0
  let opened = 0
  const open = (): Opened => {
    opened += 1
    return {
      backend: backend as unknown as IQueueBackend,
      close: async () => {},
      breakOff() {},
      received: () => bytes,
    }
  }
  const link = new Link({ open, clock, answerMs: 400, failed() {}, answered() {} })
  return {
    link,
    backend,
    opened: () => opened,
    /** Lets time pass as on a loop that is free, and bytes come. */
    async pass(ms: number, come = 0) {
      bytes += come
      for (let passed = 0; passed < ms; passed += 50) await block(50)
    },
    block,
  }
}

function watched(answer: Promise<unknown>): { outcome: string } {
  const seen = { outcome: 'pending' }
  const found = (outcome: string) => {
    seen.outcome = outcome
  }
  answer.then(
    () => found('answered'),
    ({ code }) => found(code),
  )
  return seen
}

test('a line on which nothing comes is given up in time, and what was asked is refused', async () => {
  const { link, pass, opened } = openLink()
  const asked = watched(link.ask(never, 400))
  await pass(350)
  expect([asked.outcome, opened()]).toEqual(['pending', 1])
  await pass(50)
  expect([asked.outcome, opened()]).toEqual(['BUTLER_UNAVAILABLE', 2])
})

test('a line on which something comes is slow, not silent, and is waited for ten times as long', async () => {
  const { link, pass, opened } = openLink()
  const asked = watched(link.ask(never, 400))
  for (let piece = 0; piece < 39; piece += 1) await pass(100, 1)
  expect([asked.outcome, opened()]).toEqual(['pending', 1])
  await pass(100, 1)
  expect([asked.outcome, opened()]).toEqual(['BUTLER_UNAVAILABLE', 2])
})

test('a line that falls silent after something came is given up as soon as one that was silent before', async () => {
  const { link, pass, opened } = openLink()
  const asked = watched(link.ask(never, 400))
  await pass(100, 1)
  await pass(350)
  expect([asked.outcome, opened()]).toEqual(['pending', 1])
  await pass(50)
  expect([asked.outcome, opened()]).toEqual(['BUTLER_UNAVAILABLE', 2])
})

test('a loop that was blocked, however long, has not waited for that long', async () => {
  const { link, block, pass, opened } = openLink()
  const asked = watched(link.ask(never, 400))
  await block(60_000)
  await pass(250)
  expect([asked.outcome, opened()]).toEqual(['pending', 1])
  await pass(100)
  expect(asked.outcome).toBe('BUTLER_UNAVAILABLE')
})

test('what need not happen may be quiet for longer', async () => {
  const { link, pass } = openLink()
  const asked = watched(link.ask(never, 400, 2_000))
  await pass(2_350)
  expect(asked.outcome).toBe('pending')
  await pass(50)
  expect(asked.outcome).toBe('BUTLER_UNAVAILABLE')
})

test('a connection that is ready keeps one listener for errors', async () => {
  const { link, backend } = openLink()
  for (let time = 0; time < 3; time += 1) await link.ready(400)
  expect(backend.listenerCount('error')).toBe(1)
})
