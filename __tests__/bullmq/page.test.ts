import { blankPage, type Page, recordOf, type Turns, turnsOf } from '../../lib/bullmq/page'
import { newRun } from '../../lib/engine/run'

const now = Date.parse('2026-01-14T02:00:00.000Z')
const earlier = '2026-01-14T01:00:00.000Z'
const later = '2026-01-14T03:00:00.000Z'
const run = newRun({ id: 'r1', task: 'Backup', trigger: 'manual', by: null, date: '2026-01-14', startedAt: earlier })
const running: Page = { ...blankPage, job: 'j1', node: 'n1', hasPlace: true, lastRun: run }

function waiting(more: object = {}, rank = 0): Page {
  const entry = { task: 'A', trigger: 'window', by: null, at: null, until: null, after: [], ...more }
  return { ...blankPage, job: 'j2', waiting: entry as Page['waiting'], rank }
}

test.each<[string, Page, boolean, string]>([
  ['a blank one is idle', blankPage, false, 'idle'],
  ['one with a run is running', running, false, 'running'],
  ['one whose run was asked to stop is stopping', running, true, 'stopping'],
  ['one that waits for its turn is queued', waiting(), false, 'queued'],
  ['one whose instant is to come is scheduled', waiting({ at: later }), false, 'scheduled'],
  ['one whose instant has come is queued', waiting({ at: earlier }), false, 'queued'],
])('of pages, %s', (_, page, isAskedToStop, state) => {
  expect(recordOf(page, isAskedToStop, now).state).toBe(state)
})

test.each<[string, Record<string, Page>, number, Omit<Turns, 'ready' | 'awaited'>]>([
  ['nobody’s, when nobody waits', { A: blankPage }, 1, { start: [], late: [], queued: [], next: null }],
  [
    'that of the lowest rank, as long as there are places',
    { A: waiting({}, 1), B: waiting({}, 0) },
    1,
    { start: ['B'], late: [], queued: ['A'], next: null },
  ],
  [
    'nobody’s, when the places are taken',
    { A: waiting(), B: running },
    1,
    { start: [], late: [], queued: ['A'], next: null },
  ],
  [
    'not that of one that comes after a run',
    { A: waiting({ after: ['B'] }), B: running },
    2,
    { start: [], late: [], queued: ['A'], next: null },
  ],
  ['too late for one', { A: waiting({ until: earlier }) }, 1, { start: [], late: ['A'], queued: [], next: null }],
  [
    'that of one whose instant comes, not before it',
    { A: waiting({ at: later }) },
    1,
    { start: [], late: [], queued: [], next: Date.parse(later) },
  ],
])('the turn is %s', (_, pages, concurrency, turns) => {
  expect(turnsOf(new Map(Object.entries(pages)), now, concurrency)).toMatchObject(turns)
})

test.each<[string, Record<string, Page>, number, string[], string[]]>([
  ['nobody', { A: blankPage, B: running }, 1, [], []],
  ['those without a place, in order', { A: waiting({}, 2), B: waiting({}, 1), C: waiting({}, 0) }, 1, ['B', 'A'], []],
  ['nobody who comes after a run; that is awaited', { A: waiting({ after: ['B'] }), B: running }, 1, [], ['B']],
  ['those who come after somebody idle', { A: waiting({ after: ['B'] }), B: blankPage }, 0, ['A'], []],
  ['nobody who comes too late', { A: waiting({ until: earlier, after: ['B'] }), B: running }, 1, [], []],
])('what wants nothing but a place is %s', (_, pages, concurrency, ready, awaited) => {
  const turns = turnsOf(new Map(Object.entries(pages)), now, concurrency)
  expect([turns.ready, [...turns.awaited]]).toEqual([ready, awaited])
})
