import { Errands, isErrand } from '../../lib/bullmq/errands'
import type { Item } from '../../lib/bullmq/news'
import type { Node } from '../../lib/bullmq/node'
import type { StartAnswer } from '../../lib/registry'
import { fakeClock } from '../../lib/testing'

const byAda = { trigger: 'manual', by: 'ada' } as const

/** Nodes that hear each other at once, or, where a test says so, later or not at all. */
function openNodes(names: readonly string[]) {
  const clock = fakeClock(0)
  const errands = new Map<string, Errands>()
  const started: string[] = []
  const asked: string[] = []
  const lost = new Set<string>()
  const lateBy = new Map<string, number>()
  function deliver({ node, topic, payload }: Item): void {
    const { to } = payload as { to: string }
    if (topic === 'start') asked.push(to)
    if (lost.has(to) || lost.has(`${topic} to ${to}`) || !isErrand(topic)) return
    clock.callAfter(lateBy.get(to) ?? 0, () => errands.get(to)?.hear(node, topic, payload))
  }
  for (const me of names) {
    const send = async (topic: string, payload: unknown) => deliver({ node: me, topic, payload })
    const node = {
      me,
      host: { clock },
      news: { send, publish: send },
      nodes: { whoHas: () => names.filter((name) => name !== me) },
      pause: (ms: number) => new Promise<void>((resolve) => clock.callAfter(ms, resolve)),
    } as unknown as Node
    const startHere = async (): Promise<StartAnswer> => {
      started.push(me)
      return 'started'
    }
    errands.set(me, new Errands(node, startHere))
  }
  const start = (): Promise<string> => (errands.get('asker') as Errands).start('Mail', byAda).catch(({ code }) => code)
  return { clock, start, started, asked, lost, lateBy, errands }
}

test('of those that implement a task one is asked, and starts it', async () => {
  const { clock, start, started, asked } = openNodes(['asker', 'one', 'two', 'three'])
  const answer = start()
  await clock.moveBy(1_000)
  expect(await answer).toBe('started')
  expect(started).toEqual(['one'])
  expect(asked).toEqual(['one'])
})

test('one that has died unnoticed is not waited for: another one starts the task', async () => {
  const { clock, start, started, lost } = openNodes(['asker', 'one', 'two'])
  lost.add('one')
  const answer = start()
  await clock.moveBy(200)
  expect(await answer).toBe('started')
  expect(started).toEqual(['two'])
})

test('of several that have died unnoticed none is waited for, and of all that are ready one starts the task', async () => {
  const names = ['asker', ...Array.from({ length: 20 }, (_, place) => `node ${place}`)]
  const { clock, start, started, asked, lost } = openNodes(names)
  for (const name of names.slice(1, 4)) lost.add(name)
  const answer = start()
  await clock.moveBy(1_000)
  expect(await answer).toBe('started')
  expect(started).toHaveLength(1)
  expect(asked).toHaveLength(7)
})

test('one that is only slow does not start what another one has started', async () => {
  const { clock, start, started, lateBy } = openNodes(['asker', 'one', 'two'])
  lateBy.set('one', 300)
  const answer = start()
  await clock.moveBy(5_000)
  expect(await answer).toBe('started')
  expect(started).toEqual(['two'])
})

test('one that was told to go may have started it: nobody else is told to, and the start is refused', async () => {
  const { clock, start, started, lost } = openNodes(['asker', 'one', 'two', 'three'])
  lost.add('answer to asker')
  const answer = start()
  await clock.moveBy(1_000)
  expect(await answer).toBe('BUTLER_UNAVAILABLE')
  expect(started).toEqual(['one'])
})

test('when all have died unnoticed a start is refused within a second', async () => {
  const { clock, start, lost } = openNodes(['asker', 'one', 'two'])
  lost.add('one').add('two')
  const answer = start()
  await clock.moveBy(999)
  expect(await answer).toBe('BUTLER_UNAVAILABLE')
})

test('one that closes between its promise and the word to go is passed over', async () => {
  const { clock, start, started, lateBy, errands } = openNodes(['asker', 'one', 'two'])
  lateBy.set('asker', 100).set('one', 100)
  const answer = start()
  await clock.moveBy(110) // It has promised.
  errands.get('one')?.close()
  await clock.moveBy(5_000)
  expect(await answer).toBe('started')
  expect(started).toEqual(['two'])
})

test('one that closes promises nothing', async () => {
  const { clock, start, started, errands } = openNodes(['asker', 'one', 'two'])
  errands.get('one')?.close()
  const answer = start()
  await clock.moveBy(1_000)
  expect(await answer).toBe('started')
  expect(started).toEqual(['two'])
})

test('one that hears of it when nobody waits for it any more does not start it', async () => {
  const { clock, start, started, lateBy } = openNodes(['asker', 'one'])
  lateBy.set('one', 2_000)
  const answer = start()
  await clock.moveBy(10_000)
  expect(await answer).toBe('BUTLER_UNAVAILABLE')
  expect(started).toEqual([])
})
