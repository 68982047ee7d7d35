import { EventEmitter } from 'node:events'
import type { Opened } from '../../lib/bullmq/driver'
import { Link } from '../../lib/bullmq/link'
import { fakeClock } from '../../lib/testing'

const ANSWER_MS = 700

const nothing = new Promise<never>(() => {})

/** A link whose connections are ready when the test says so. */
function openLink() {
  const clock = fakeClock('2026-01-14T12:00Z')
  const failures: unknown[] = []
  const makeReady: (() => void)[] = []
  const open = () => {
    const ready = new Promise<void>((resolve) => makeReady.push(resolve))
    const backend = Object.assign(new EventEmitter(), { waitUntilReady: () => ready })
    return { backend, close: async () => {}, breakOff() {}, received: () => 0 } as unknown as Opened
  }
  const failed = (error: unknown) => void failures.push(error)
  const link = new Link({ open, clock, answerMs: ANSWER_MS, failed, answered() {} })
  /** Asks what is not answered, in vain. */
  const fallSilent = async () => {
    const refused = expect(link.ask(() => nothing, ANSWER_MS)).rejects.toMatchObject({ code: 'BUTLER_UNAVAILABLE' })
    await clock.moveBy(ANSWER_MS)
    await refused
  }
  return { clock, link, failures, makeReady, fallSilent }
}

test('what is asked when a connection has fallen silent is refused at once, whatever waits before it', async () => {
  const { clock, link, fallSilent } = openLink()
  await fallSilent()
  await clock.moveBy(100)
  const question = jest.fn(async () => 'an answer')
  for (let turn = 0; turn < 5; turn += 1) {
    await expect(link.ask(question, ANSWER_MS)).rejects.toMatchObject({ code: 'BUTLER_UNAVAILABLE' })
  }
  expect(question).not.toHaveBeenCalled()
})

test('what is asked while the new connection comes is asked on that', async () => {
  const { link, makeReady, fallSilent } = openLink()
  await fallSilent()
  const asked = link.ask(async (backend) => backend === link.backend, ANSWER_MS)
  makeReady[1]?.()
  expect(await asked).toBe(true)
})

test('a connection that does not come is given up for another one, until one answers', async () => {
  const { clock, link, makeReady, fallSilent } = openLink()
  await fallSilent()
  await clock.moveBy(ANSWER_MS)
  await clock.moveBy(2 * ANSWER_MS)
  expect(makeReady).toHaveLength(4)
  makeReady[3]?.()
  await new Promise(setImmediate)
  expect(await link.ask(async () => 'an answer', ANSWER_MS)).toBe('an answer')
  await clock.moveBy(10 * ANSWER_MS)
  expect(makeReady).toHaveLength(4)
})

test('each new connection is waited for longer, up to ten times as long as an answer, until one has come', async () => {
  const { clock, makeReady, fallSilent } = openLink()
  await fallSilent()
  for (const [times, opened] of [
    [1, 3],
    [2, 4],
    [4, 5],
    [8, 6],
    [10, 7],
    [10, 8],
  ] as const) {
    await clock.moveBy(times * ANSWER_MS - 1)
    expect(makeReady).toHaveLength(opened - 1)
    await clock.moveBy(1)
    expect(makeReady).toHaveLength(opened)
  }
  makeReady[7]?.()
  await new Promise(setImmediate)
  await fallSilent()
  await clock.moveBy(ANSWER_MS)
  expect(makeReady).toHaveLength(10)
})

test('a silence is told, like every other failure', async () => {
  const { failures, fallSilent } = openLink()
  await fallSilent()
  expect(failures).toEqual([expect.objectContaining({ message: expect.stringContaining('within 700 ms') })])
})
