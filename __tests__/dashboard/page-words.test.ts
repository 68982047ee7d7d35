import { pageModule } from '../helpers/page-module'

const { countsOf, remaining } = pageModule<{
  countsOf(runs: object[]): [string | null, number][]
  remaining(task: object): string | null
}>('outcome.mjs')
const { lasting, readable, roughly, when } = pageModule<{
  readable(sentence: string): string
  lasting(ms: number): string
  roughly(instant: string): string
  when(instant: string, zone: string): string
}>('time.mjs')

const NOW = '2026-01-14T12:00:00.000Z'
const MINUTE = 60_000

beforeEach(() => jest.useFakeTimers({ now: Date.parse(NOW) }))
afterEach(() => jest.useRealTimers())

const before = (ms: number) => new Date(Date.parse(NOW) - ms).toISOString()

describe('how long a run will still take', () => {
  test.each([
    // state     elapsed      progress  usual         words
    ['running', 10 * MINUTE, 0.5, null, 'about 10 min left'],
    ['running', 10 * MINUTE, 0.25, 5 * MINUTE, 'about 30 min left'],
    ['running', 10 * MINUTE, 1, null, 'nearly done'],
    ['running', 10 * MINUTE, undefined, 10 * MINUTE + 400, 'nearly done'],
    ['running', 10 * MINUTE, 0.04, 15 * MINUTE, 'about 5 min left'],
    ['running', 10 * MINUTE, undefined, 15 * MINUTE, 'about 5 min left'],
    ['running', 10 * MINUTE, undefined, 8 * MINUTE, 'longer than its usual 8 min'],
    ['running', 10 * MINUTE, undefined, null, null],
    ['stopping', 10 * MINUTE, 0.5, 15 * MINUTE, null],
    ['idle', 10 * MINUTE, undefined, 15 * MINUTE, null],
  ])('%s for %s ms, progress %s, usually %s ms: %s', (state, elapsed, progress, usualMs, words) => {
    const lastRun = { startedAt: before(elapsed), endedAt: null }
    expect(remaining({ state, progress, usualMs, lastRun })).toBe(words)
  })

  test('nobody knows of a task that never ran', () => {
    expect(remaining({ state: 'running', usualMs: null, lastRun: null })).toBeNull()
  })
})

test.each([
  [0, '0 ms'],
  [-5, '0 ms'],
  [949, '949 ms'],
  [950, '1 s'],
  [59_400, '59 s'],
  [59_600, '1 min'],
  [90_000, '1 min 30 s'],
  [10 * MINUTE + 30_000, '10 min'],
  [60 * MINUTE, '1 h'],
  [125 * MINUTE, '2 h 5 min'],
  [49 * 60 * MINUTE, '2 days'],
])('%s ms are %s', (ms, words) => expect(lasting(ms)).toBe(words))

test.each([
  [before(30_000), 'just now'],
  [before(-30_000), 'in less than a minute'],
  [before(5 * MINUTE), '5 min ago'],
  [before(-180 * MINUTE), 'in 3 h'],
  [before(72 * 60 * MINUTE), '3 days ago'],
])('%s is %s', (instant, words) => expect(roughly(instant)).toBe(words))

test.each([
  ['2026-01-14T23:30:00Z', 'UTC', 'today 23:30'],
  ['2026-01-14T23:30:00Z', 'Europe/Berlin', 'tomorrow 00:30'],
  ['2026-01-13T02:00:00Z', 'UTC', 'yesterday 02:00'],
  ['2026-01-18T02:00:00Z', 'UTC', 'Sun 18 Jan 02:00'],
])('%s in %s is %s', (instant, zone, words) => expect(when(instant, zone)).toBe(words))

test.each([
  ['Rests: it is due on 2026-01-17.', 'Rests: it is due on Sat\u00a017\u00a0Jan.'],
  ['since 2026-01-09 and 2026-12-31', 'since Fri\u00a09\u00a0Jan and Thu\u00a031\u00a0Dec'],
  ['Backup 12026-01-170 of 2026-01-17T02:00Z', 'Backup 12026-01-170 of 2026-01-17T02:00Z'],
])('%s: dates become words that do not break', (sentence, words) => {
  expect(readable(sentence)).toBe(words)
})

test('what needs a look is counted first', () => {
  const runs = ['completed', 'window-closed', null, 'failed', 'completed', 'stopped'].map((outcome) => ({ outcome }))
  expect(countsOf(runs)).toEqual([
    ['failed', 1],
    ['window-closed', 1],
    [null, 1],
    ['stopped', 1],
    ['completed', 2],
  ])
})
