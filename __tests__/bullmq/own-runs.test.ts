import type { Node } from '../../lib/bullmq/node'
import { OwnRuns } from '../../lib/bullmq/own-runs'
import { blankPage, type Page } from '../../lib/bullmq/page'
import { readTasks } from '../../lib/engine/task'

const asked = { trigger: 'manual', by: null } as const
const entry = { task: 'Backup', trigger: 'window', by: null, at: null, until: null, after: [] } as const
type JobPage = Page & { job: string }
const waiting: JobPage = { ...blankPage, job: 'j1', waiting: { ...entry, after: [] } }
const started: JobPage = { ...blankPage, job: 'j1' }

/** A node whose book cannot be written while a task begins. */
function openRuns(holder: { job: string; node: string | null } | null, onPage: Page) {
  const write = jest.fn(async (_: ReadonlyMap<string, Page>) => {})
  const slots = {
    take: jest.fn(async () => ({})),
    holder: async () => holder,
    giveBack: jest.fn(async () => {}),
    clear: jest.fn(async () => {}),
    discard: jest.fn(async () => holder?.node === null),
  }
  const task = jest.fn()
  const node = {
    me: 'me',
    slots,
    book: { write, page: async () => onPage },
    rewrite: (task: string, page: Page) => write(new Map([[task, page]])),
    nodes: { renew: async () => false },
    host: {
      tasks: readTasks({ Backup: task }),
      clock: { now: () => 0 },
      dateOf: () => '2026-01-14',
    },
  } as unknown as Node
  const runs = new OwnRuns(node, () => {})
  async function failToBegin(page: JobPage) {
    write.mockRejectedValueOnce(new Error('The database is away.'))
    await expect(runs.begin('Backup', page, asked, false)).rejects.toThrow('The database is away.')
    write.mockClear()
  }
  return { runs, slots, write, task, failToBegin }
}

test('a beginning that could not be confirmed is undone: what waited waits again', async () => {
  const { runs, slots, write, task, failToBegin } = openRuns({ job: 'j1', node: 'me' }, waiting)
  await failToBegin(waiting)
  await runs.undo()
  expect(write.mock.calls).toEqual([[new Map([['Backup', waiting]])]])
  expect(slots.giveBack).toHaveBeenCalledWith('Backup', 'j1')
  expect([task, slots.clear].map(({ mock }) => mock.calls)).toEqual([[], []])
})

test('a start that could not be confirmed is undone: its slot is free', async () => {
  const { runs, slots, write, task, failToBegin } = openRuns({ job: 'j1', node: 'me' }, started)
  await failToBegin(started)
  await runs.undo()
  expect(write.mock.calls).toEqual([[new Map([['Backup', { ...started, job: null }]])]])
  expect(slots.clear).toHaveBeenCalledWith('Backup', 'j1')
  expect([task, slots.giveBack].map(({ mock }) => mock.calls)).toEqual([[], []])
})

test('a start that was not confirmed and that another node has taken over is left to it', async () => {
  const { runs, slots, write, failToBegin } = openRuns({ job: 'j1', node: 'other' }, started)
  await failToBegin(started)
  await runs.undo()
  expect([write, slots.clear].map(({ mock }) => mock.calls)).toEqual([[], []])
})

test('a start that was not confirmed and waits is taken off, unless somebody takes it this very moment', async () => {
  const { runs, slots, write, failToBegin } = openRuns({ job: 'j1', node: null }, started)
  await failToBegin(started)
  await runs.undo()
  expect(slots.discard).toHaveBeenCalledWith('Backup', 'j1', false)
  expect([write, slots.clear].map(({ mock }) => mock.calls)).toEqual([[], []])
})

test.each([
  ['another job has the slot', { job: 'j2', node: 'other' }],
  ['the slot is free', null],
  ['another node has taken the job', { job: 'j1', node: 'other' }],
])('nothing is undone when %s', async (_, holder) => {
  const { runs, slots, write, failToBegin } = openRuns(holder, waiting)
  await failToBegin(waiting)
  await runs.undo()
  expect([write, slots.giveBack, slots.clear].map(({ mock }) => mock.calls)).toEqual([[], [], []])
})

test('until it is undone nothing else begins, and afterwards it may', async () => {
  const { runs, failToBegin, slots } = openRuns(null, waiting)
  await failToBegin(waiting)
  slots.take.mockResolvedValue(null as never)
  slots.take.mockClear()
  expect(await runs.begin('Backup', waiting, asked, false)).toBe(false)
  expect(slots.take).not.toHaveBeenCalled()
  await runs.undo()
  expect(await runs.begin('Backup', waiting, asked, false)).toBe(false)
  expect(slots.take).toHaveBeenCalledTimes(1)
})
