import { pageModule } from '../helpers/page-module'

interface Lane {
  name: string
  title: string
  runs: { id: string }[]
  mark: object | null
}

const { lanesOf, markOf } = pageModule<{
  lanesOf(timeline: object, tasks: readonly object[], isToday: boolean): Lane[]
  markOf(task: object, timeline: object): object | null
}>('lanes.mjs')

const opensAt = '2026-01-15T02:00:00.000Z'
const closesAt = '2026-01-15T05:00:00.000Z'
const nights = [{ date: '2026-01-14', opensAt, closesAt }]
const timeline = { from: '2026-01-14T12:00:00.000Z', to: '2026-01-15T12:00:00.000Z', nights, runs: [] }
const tomorrow = '2026-01-16T02:00:00.000Z'
const starts = { kind: 'start' }

test.each([
  // what is known of the task                                                              its mark
  [{ scheduledFor: '2026-01-15T03:17:00.000Z' }, { at: '2026-01-15T03:17:00.000Z', until: null }],
  [{ scheduledFor: tomorrow }, null],
  [
    { nextRun: opensAt, randomized: true, tonight: starts },
    { at: opensAt, until: closesAt },
  ],
  [
    { nextRun: opensAt, randomized: false, tonight: starts },
    { at: opensAt, until: null },
  ],
  [{ nextRun: '2026-01-15T02:30:00.000Z', randomized: true, tonight: starts }, { at: '2026-01-15T02:30:00.000Z' }],
  [{ nextRun: tomorrow, randomized: false, tonight: starts }, null],
  [{ nextRun: opensAt, randomized: true, tonight: { kind: 'skip' } }, null],
  [{ nextRun: opensAt, randomized: true, tonight: null }, null],
  [{ randomized: true, tonight: starts }, null],
])('a task of which %j is known has the mark %j', (task, mark) => {
  if (mark === null) expect(markOf(task, timeline)).toBeNull()
  else expect(markOf(task, timeline)).toMatchObject(mark)
})

describe('the lanes', () => {
  const run = (id: string, task: string) => ({ id, task })
  const runs = [run('1', 'Backup'), run('2', 'Mail'), run('3', 'Backup')]
  const tasks = [
    { name: 'Mail', title: 'Send mail' },
    { name: 'Backup', scheduledFor: '2026-01-15T03:17:00.000Z' },
    { name: 'Idle' },
  ]

  test('are those of tasks that have something to show, in the order of the tasks', () => {
    const lanes = lanesOf({ ...timeline, runs }, tasks, true)
    expect(lanes.map(({ title, runs }) => [title, runs.map(({ id }) => id)])).toEqual([
      ['Send mail', ['2']],
      ['Backup', ['1', '3']],
    ])
    expect(lanes.map(({ mark }) => mark === null)).toEqual([true, false])
  })

  test('of a past night have no marks', () => {
    expect(lanesOf(timeline, tasks, false)).toEqual([])
    expect(lanesOf({ ...timeline, runs }, tasks, false).map(({ mark }) => mark)).toEqual([null, null])
  })
})
