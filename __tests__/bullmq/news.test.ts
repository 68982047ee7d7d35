import type { Connection } from '../../lib/bullmq/connection'
import { type Item, News } from '../../lib/bullmq/news'

/** Two nodes, and a database that may be away for the first one. */
async function openNews(tasks = 0) {
  const told: { fields: Record<string, string>; kept: number }[] = []
  const hearers: ((fields: Record<string, string>) => void)[] = []
  let isAway = false
  let held: Promise<void> | undefined
  let sent = 0
  const queue = {
    async publishEvent(given: Record<string, string | number>, kept: number) {
      sent += 1
      await held
      if (isAway) throw new Error('The database is away.')
      const fields = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]))
      told.push({ fields, kept })
      for (const hear of hearers) hear(fields)
      return '0'
    },
  }
  const connection = {
    ask: (question: () => unknown) => question(),
    queue: () => queue,
    listen: async (_: string, hear: (fields: Record<string, string>) => void) => void hearers.push(hear),
  } as unknown as Connection
  const [teller, hearer] = [new News(connection, 'teller', tasks), new News(connection, 'hearer', tasks)]
  const heard: Item[] = []
  await hearer.hear((item) => void heard.push(item))
  await teller.hear(() => {})
  return {
    teller,
    hearer,
    told,
    heard,
    setAway(away: boolean) {
      isAway = away
    },
    /** How much has been sent, whether or not it has arrived. */
    sent: () => sent,
    /** What is sent from now on is on its way until what is answered here is called. */
    holdUp() {
      let release = () => {}
      held = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
  }
}

test('what one node tells the others hear, and it does not', async () => {
  const { teller, heard } = await openNews()
  await teller.publish('run:started', { id: 'r1' }, { begun: { job: 'j1', hasPlace: true }, version: 'v1' })
  await teller.publish('run:ended', { id: 'r1' })
  expect(heard).toEqual([
    { node: 'teller', topic: 'hello', payload: null },
    {
      node: 'teller',
      topic: 'run:started',
      payload: { id: 'r1' },
      begun: { job: 'j1', hasPlace: true },
      version: 'v1',
    },
    { node: 'teller', topic: 'run:ended', payload: { id: 'r1' } },
  ])
})

test('what is to be told while something is on its way goes together after that, in order', async () => {
  const { teller, heard, sent, holdUp } = await openNews()
  const before = sent()
  const release = holdUp()
  const first = teller.publish('run:started', { id: 'r1' })
  await new Promise(setImmediate)
  const others = ['r2', 'r3', 'r4'].map((id) => teller.publish('run:ended', { id }))
  await new Promise(setImmediate)
  expect(sent() - before).toBe(1)
  release()
  await Promise.all([first, ...others])
  expect(sent() - before).toBe(2)
  expect(heard.map(({ payload }) => payload)).toEqual([null, { id: 'r1' }, { id: 'r2' }, { id: 'r3' }, { id: 'r4' }])
})

test('a thousand items go two hundred at a time, and none is missed', async () => {
  const { teller, hearer, told, heard } = await openNews()
  await Promise.all(Array.from({ length: 1_000 }, (_, id) => teller.publish('run:ended', { id })))
  expect(told).toHaveLength(2 + 5)
  expect(heard.slice(1).map(({ payload }) => payload)).toEqual(Array.from({ length: 1_000 }, (_, id) => ({ id })))
  expect(hearer.heard.takeMissed()).toBe(false)
})

test('who tells something that goes together with others learns that it could not be told', async () => {
  const { teller, setAway, heard } = await openNews()
  setAway(true)
  const both = await Promise.allSettled([teller.send('start', 1), teller.send('start', 2)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  setAway(false)
  await teller.send('start', 3)
  expect(heard.map(({ payload }) => payload)).toEqual([null, 3])
})

test('whoever could not tell something says so when it can, once, and the others know that they have missed it', async () => {
  const { teller, hearer, heard, setAway } = await openNews()
  setAway(true)
  await teller.publish('run:ended', { id: 'r1' })
  await teller.remind()
  expect(hearer.heard.takeMissed()).toBe(false)
  setAway(false)
  await teller.remind()
  await teller.remind()
  expect(heard.map(({ topic }) => topic)).toEqual(['hello', 'unsaid'])
  expect(hearer.heard.takeMissed()).toBe(true)
})

test('whoever has told something else meanwhile need not say so', async () => {
  const { teller, hearer, heard, setAway } = await openNews()
  setAway(true)
  await teller.publish('run:ended', { id: 'r1' })
  setAway(false)
  await teller.publish('run:ended', { id: 'r2' })
  await teller.remind()
  expect(heard.map(({ topic }) => topic)).toEqual(['hello', 'run:ended'])
  expect(hearer.heard.takeMissed()).toBe(true)
})

test.each([
  [0, 1_000],
  [250, 1_000],
  [10_000, 40_000],
])('with %i tasks %i news are kept', async (tasks, kept) => {
  const { told } = await openNews(tasks)
  expect(told[0]?.kept).toBe(kept)
})
