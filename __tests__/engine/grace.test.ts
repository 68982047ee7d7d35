import { getEventListeners } from 'node:events'
import type { Clock } from '../../lib/engine/clock'
import { endsWithin } from '../../lib/engine/grace'
import { fakeClock } from '../../lib/testing/fake-clock'

const never = new Promise<void>(() => {})

/** A clock that counts the calls it still has to make. */
function countingClock() {
  const clock = fakeClock()
  const waiting = new Set<object>()
  const callAfter: Clock['callAfter'] = (ms, callback) => {
    const call = {}
    waiting.add(call)
    const cancel = clock.callAfter(ms, () => {
      waiting.delete(call)
      callback()
    })
    return () => {
      waiting.delete(call)
      cancel()
    }
  }
  return { clock: { ...clock, callAfter }, waiting }
}

/** What a promise has come to so far. */
async function soFar(promise: Promise<boolean>): Promise<boolean | 'still waiting'> {
  await new Promise((resolve) => setImmediate(resolve))
  return Promise.race([promise, Promise.resolve('still waiting' as const)])
}

test('waits as long as the grace time lasts', async () => {
  const clock = fakeClock()
  const answer = endsWithin(never, { clock, graceMs: 5_000 })
  await clock.moveBy(4_999)
  expect(await soFar(answer)).toBe('still waiting')
  await clock.moveBy(1)
  expect(await soFar(answer)).toBe(false)
})

test('says so as soon as it has ended', async () => {
  const clock = fakeClock()
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const answer = endsWithin(ended, { clock, graceMs: 5_000 })
  await clock.moveBy(4_999)
  end()
  expect(await soFar(answer)).toBe(true)
})

test('says so of what has ended already, also without any grace time', async () => {
  const clock = fakeClock()
  const answer = endsWithin(Promise.resolve(), { clock, graceMs: 0 })
  expect(await soFar(answer)).toBe(true)
})

test('does not wait without any grace time, not even for a clock that stands still', async () => {
  const answer = endsWithin(never, { clock: fakeClock(), graceMs: 0 })
  expect(await soFar(answer)).toBe(false)
})

test('waits without any grace time for what needs nothing else to happen', async () => {
  const ended = Promise.resolve().then(() => Promise.resolve())
  expect(await endsWithin(ended, { clock: fakeClock(), graceMs: 0 })).toBe(true)
})

test('null waits for ever', async () => {
  const clock = fakeClock()
  const answer = endsWithin(never, { clock, graceMs: null })
  await clock.moveBy(1_000 * 365 * 86_400_000)
  expect(await soFar(answer)).toBe('still waiting')
})

test.each([5_000, null])('with a grace time of %p, waiting ends when nobody waits any more', async (graceMs) => {
  const gone = new AbortController()
  const answer = endsWithin(never, { clock: fakeClock(), graceMs, signal: gone.signal })
  expect(await soFar(answer)).toBe('still waiting')
  gone.abort()
  expect(await soFar(answer)).toBe(false)
})

test('does not even begin when nobody waits', async () => {
  const { clock, waiting } = countingClock()
  const answer = endsWithin(never, { clock, graceMs: 5_000, signal: AbortSignal.abort() })
  expect(waiting.size).toBe(0)
  expect(await answer).toBe(false)
})

describe('leaves neither a timer nor a listener behind', () => {
  test.each<[string, (parts: { clock: ReturnType<typeof fakeClock>; end(): void; gone: AbortController }) => unknown]>([
    ['when it ends in time', ({ end }) => end()],
    ['when it takes too long', ({ clock }) => clock.moveBy(5_000)],
    ['when nobody waits any more', ({ gone }) => gone.abort()],
  ])('%s', async (_, happen) => {
    const { clock, waiting } = countingClock()
    const gone = new AbortController()
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const answer = endsWithin(ended, { clock, graceMs: 5_000, signal: gone.signal })
    expect(waiting.size).toBe(1)
    expect(getEventListeners(gone.signal, 'abort')).toHaveLength(1)
    await happen({ clock, end, gone })
    await answer
    expect(waiting.size).toBe(0)
    expect(getEventListeners(gone.signal, 'abort')).toHaveLength(0)
  })
})
