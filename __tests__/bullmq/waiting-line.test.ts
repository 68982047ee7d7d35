import type { Reading } from '../../lib/bullmq/copy'
import type { Node } from '../../lib/bullmq/node'
import type { OwnRuns } from '../../lib/bullmq/own-runs'
import { blankPage, type Page } from '../../lib/bullmq/page'
import { WaitingLine } from '../../lib/bullmq/waiting-line'
import { newRun } from '../../lib/engine/run'

const run = newRun({ id: 'r1', task: 'Running', trigger: 'window', by: null, date: '2026-01-14', startedAt: '' })
const running: Page = { ...blankPage, job: 'j1', node: 'other', hasPlace: true, lastRun: run }
const entry = { task: 'Waiting', trigger: 'window', by: null, at: null, until: null, after: [] } as const
const waiting: Page = { ...blankPage, job: 'j2', waiting: { ...entry, after: [] } }

const readingOf = (pages: Record<string, Page>): Reading => ({
  pages: new Map(Object.entries(pages)),
  stops: new Map(),
  settings: {},
})

const somebodyWaits = readingOf({ Running: running, Waiting: waiting })
const nobodyWaits = readingOf({ Running: running })

/** A line of a node with one place, and a book whose reading ends when the test says so. */
async function openLine({ isFirstFor = (): boolean => true, time = { now: 0 } } = {}) {
  let answer = (_: Reading) => {}
  const read = jest.fn(
    () =>
      new Promise<Reading>((resolve) => {
        answer = resolve
      }),
  )
  const answered = async (reading: Reading) => {
    answer(reading)
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
  }
  const begin = jest.fn(async () => true)
  const suspect = jest.fn()
  const node = {
    me: 'me',
    book: { recall: read, suspect },
    nodes: { tasksElsewhere: () => new Map(), firstFor: () => (isFirstFor() ? 'me' : 'other'), isFirstFor },
    host: {
      clock: { now: () => time.now, callAt: () => () => {} },
      concurrency: 1,
      tasks: new Map([
        ['Running', {}],
        ['Waiting', {}],
      ]),
      tell() {},
      logger: { debug() {} },
    },
  } as unknown as Node
  const line = new WaitingLine(node, { begin } as unknown as OwnRuns)
  const open = async (reading: Reading) => {
    const opened = line.open()
    await answered(reading)
    await opened
  }
  return { line, read, answered, begin, suspect, open }
}

test.each([
  ['again, if somebody waits for its place', somebodyWaits, 2],
  ['no more, if nobody does', nobodyWaits, 1],
])('when a run ends while a node looks, it looks %s', async (_, reading, times) => {
  const { line, read, answered } = await openLine()
  const looking = line.open()
  await line.lookAfterRun('Running')
  await answered(reading)
  expect(read).toHaveBeenCalledTimes(times)
  await answered(reading)
  await looking
})

test.each([
  ['a node looks, if somebody waited for its place', somebodyWaits, 2],
  ['nobody looks, if nobody did', nobodyWaits, 1],
])('when a run has ended, %s', async (_, reading, times) => {
  const { line, read, answered, open } = await openLine()
  await open(reading)
  const looking = line.lookAfterRun('Running')
  expect(read).toHaveBeenCalledTimes(times)
  await answered(nobodyWaits)
  await looking
})

test('a node does not look when a run has ended whose place another one takes', async () => {
  const { line, read, open } = await openLine({ isFirstFor: () => false })
  await open(somebodyWaits)
  await line.lookAfterRun('Running')
  expect(read).toHaveBeenCalledTimes(1)
})

test('who is asked to look while it looks, looks again, and begins what has come', async () => {
  const { line, read, answered, begin, open } = await openLine()
  await open(nobodyWaits)
  const looking = line.look()
  void line.look()
  await answered(nobodyWaits)
  await answered(readingOf({ Waiting: waiting }))
  await looking
  expect(read).toHaveBeenCalledTimes(3)
  expect(begin).toHaveBeenCalledWith('Waiting', waiting, entry, true)
})

test('what a node knows of a task whose slot it does not get is out of date', async () => {
  const { begin, suspect, open } = await openLine()
  begin.mockResolvedValueOnce(false)
  await open(readingOf({ Waiting: waiting }))
  expect(suspect.mock.calls).toEqual([['Waiting']])
})

test('what others have left for too long is read before it is reached for', async () => {
  const time = { now: 0 }
  const { line, read, answered, begin, suspect, open } = await openLine({ isFirstFor: () => false, time })
  await open(readingOf({ Waiting: waiting }))
  time.now = 2_000
  const looking = line.look()
  await answered(readingOf({ Waiting: waiting }))
  expect(suspect.mock.calls).toEqual([['Waiting']])
  await answered(nobodyWaits)
  await looking
  expect(read).toHaveBeenCalledTimes(3)
  expect(begin).not.toHaveBeenCalled()
})

test('after a look that failed, a run that ends makes a node look', async () => {
  const { line, read, answered, open } = await openLine()
  await open(nobodyWaits)
  read.mockRejectedValueOnce(new Error('The database is away.'))
  await line.look()
  const looking = line.lookAfterRun('Running')
  await answered(nobodyWaits)
  await looking
  expect(read).toHaveBeenCalledTimes(3)
})
