import fc from 'fast-check'
import {
  blank,
  type Decision,
  dueDate,
  isDue,
  isOn,
  longestIntervalOf,
  plan,
  type TaskRecord,
} from '../../lib/engine/plan'
import { readTasks, type Task, type TaskDefinition, type Weekday } from '../../lib/engine/task'
import { createCalendar, type MaintenanceWindow } from '../../lib/engine/window'
import type { TaskState } from '../../lib/registry'

const UTC = { opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' }

/** 14 January 2026 is a Wednesday. */
const INSIDE = Date.parse('2026-01-14T03:00Z')
const OUTSIDE = Date.parse('2026-01-14T12:00Z')

const aTask = (definition: Partial<TaskDefinition> = {}): Task =>
  readTasks({ Tidy: { run() {}, ...definition } }).get('Tidy') as Task

/** The plan for one task, and its decision. */
function planned(
  definition: Partial<TaskDefinition> = {},
  record: Partial<TaskRecord> = {},
  more: { now?: number; window?: MaintenanceWindow; enabled?: Record<string, boolean>; random?: () => number } = {},
) {
  const { now = INSIDE, window = UTC, enabled = {}, random = () => 0.5 } = more
  const made = plan([aTask(definition)], { window, enabled }, new Map([['Tidy', { ...blank, ...record }]]), now, random)
  return { made, decision: made.decisions[0] as Decision }
}

const randomized = { randomized: true }
const running = { state: 'running' } as const
const completedOn = (date: string) => ({ lastCompletedOn: date })
/** What was drawn for a time of the 14th; `03:20` is short for `03:20:00.000`. */
const drawn = (time: string, night = '2026-01-14') => ({
  draw: { night, at: `2026-01-14T${time + ':00.000'.slice(time.length - 5)}Z` },
})

describe('what becomes of one task', () => {
  type Row = [
    string,
    'inside' | 'outside',
    Decision['kind'],
    Decision['reason'],
    Partial<TaskDefinition>,
    Partial<TaskRecord>,
    string?,
  ]

  test.each<Row>([
    // the case, when, the decision, the task, what is known of it, the instant
    ['it is off', 'inside', 'skip', 'disabled', { enabled: false }, {}],
    ['it is off', 'outside', 'skip', 'disabled', { enabled: false }, {}],
    ['off, though it runs', 'inside', 'skip', 'disabled', { enabled: false }, running],
    ['another weekday', 'inside', 'skip', 'other-weekday', { weekdays: ['mon', 'tue'] }, {}],
    ['another weekday', 'outside', 'skip', 'other-weekday', { weekdays: ['thu'] }, {}],
    ['another weekday, though it runs', 'inside', 'skip', 'other-weekday', { weekdays: ['thu'] }, running],
    ['its weekday', 'inside', 'start', 'inside-window', { weekdays: ['mon', 'wed'] }, {}],
    ['its weekday', 'outside', 'start', 'outside-window', { weekdays: ['wed'] }, {}],
    ['its weekday, but completed', 'inside', 'skip', 'not-due', { weekdays: ['wed'] }, completedOn('2026-01-14')],
    ['completed on the day', 'inside', 'skip', 'not-due', {}, completedOn('2026-01-14')],
    ['completed on the day', 'outside', 'skip', 'not-due', {}, completedOn('2026-01-14')],
    ['completed on the day before', 'inside', 'start', 'inside-window', {}, completedOn('2026-01-13')],
    ['two days ago, every three', 'inside', 'skip', 'not-due', { intervalDays: 3 }, completedOn('2026-01-12')],
    ['three days ago, every three', 'inside', 'start', 'inside-window', { intervalDays: 3 }, completedOn('2026-01-11')],
    ['years ago, every three', 'outside', 'start', 'outside-window', { intervalDays: 3 }, completedOn('2019-01-11')],
    ['not due, though it runs', 'inside', 'skip', 'not-due', {}, { ...running, ...completedOn('2026-01-14') }],
    ['it runs', 'inside', 'skip', 'already-running', {}, running],
    ['it runs', 'outside', 'skip', 'already-running', randomized, running],
    ['it is stopping', 'inside', 'skip', 'already-running', {}, { state: 'stopping' }],
    ['it waits for its turn', 'inside', 'skip', 'already-queued', {}, { state: 'queued' }],
    ['it waits for its instant', 'inside', 'skip', 'already-scheduled', randomized, { state: 'scheduled' }],
    ['it waits for its instant', 'outside', 'skip', 'already-scheduled', randomized, { state: 'scheduled' }],
    ['never run', 'inside', 'start', 'inside-window', {}, {}],
    ['never run', 'outside', 'start', 'outside-window', {}, {}],
    ['randomized', 'outside', 'start', 'outside-window', randomized, {}],
    ['randomized', 'inside', 'schedule', 'random-instant', randomized, {}, '04:00'],
    ['drawn before', 'inside', 'schedule', 'random-instant', randomized, drawn('03:20'), '03:20'],
    ['drawn for this very moment', 'inside', 'schedule', 'random-instant', randomized, drawn('03:00'), '03:00'],
    ['drawn, and that has passed', 'inside', 'start', 'random-instant-passed', randomized, drawn('02:59:59.999')],
    ['drawn for the opening', 'inside', 'start', 'random-instant-passed', randomized, drawn('02:00')],
    ['drawn, but outside now', 'outside', 'start', 'outside-window', randomized, drawn('03:20')],
    [
      'drawn for another night',
      'inside',
      'schedule',
      'random-instant',
      randomized,
      drawn('03:20', '2026-01-13'),
      '04:00',
    ],
    ['drawn before the opening', 'inside', 'schedule', 'random-instant', randomized, drawn('01:59:59.999'), '04:00'],
    ['drawn for the closing', 'inside', 'schedule', 'random-instant', randomized, drawn('05:00'), '04:00'],
    ['drawn, but no instant', 'inside', 'schedule', 'random-instant', randomized, drawn('soon'), '04:00'],
    ['drawn, but not randomized now', 'inside', 'start', 'inside-window', {}, drawn('03:20')],
    ['drawn, off', 'inside', 'skip', 'disabled', { ...randomized, enabled: false }, drawn('03:20')],
    ['drawn, it runs', 'inside', 'skip', 'already-running', randomized, { ...running, ...drawn('03:20') }],
    ['drawn, done', 'inside', 'skip', 'not-due', randomized, { ...completedOn('2026-01-14'), ...drawn('03:20') }],
  ])('%s, %s: %s, %s', (_, when, kind, reason, definition, record, ...[time]) => {
    const { decision } = planned(definition, record, { now: when === 'inside' ? INSIDE : OUTSIDE })
    const at = time && { at: `2026-01-14T${time}:00.000Z` }
    expect(decision).toStrictEqual({ task: 'Tidy', kind, reason, sentence: expect.any(String), ...at })
  })

  test.each([
    // as defined, as set, kind
    [true, false, 'skip'],
    [false, true, 'start'],
  ])('enabled %s in its definition and %s in the settings: the settings count', (enabled, set, kind) => {
    expect(planned({ enabled }, {}, { enabled: { Tidy: set } }).decision.kind).toBe(kind)
  })

  test('a task that nothing is known of has never run', () => {
    const made = plan([aTask()], { window: UTC, enabled: {} }, new Map(), INSIDE, () => 0)
    expect(made.decisions[0]?.reason).toBe('inside-window')
  })
})

describe('the window', () => {
  test.each([
    ['2026-01-14T01:59:59.999Z', null, 'outside-window'],
    ['2026-01-14T02:00:00.000Z', '2026-01-14', 'random-instant'],
    ['2026-01-14T04:59:59.999Z', '2026-01-14', 'random-instant'],
    ['2026-01-14T05:00:00.000Z', null, 'outside-window'],
  ])('at %s it is the night of %s, so what is randomized is %s', (now, night, reason) => {
    const { made, decision } = planned(randomized, {}, { now: Date.parse(now) })
    expect(made.night?.date ?? null).toBe(night)
    expect(decision.reason).toBe(reason)
  })

  test('the plan says when and for which night it was made', () => {
    expect(planned().made).toMatchObject({
      at: '2026-01-14T03:00:00.000Z',
      date: '2026-01-14',
      night: { date: '2026-01-14', opensAt: '2026-01-14T02:00:00.000Z', closesAt: '2026-01-14T05:00:00.000Z' },
    })
    expect(planned({}, {}, { now: OUTSIDE }).made).toMatchObject({ date: '2026-01-14', night: null })
  })

  describe('over midnight', () => {
    const window = { opensAt: '23:00', closesAt: '03:00', timeZone: 'Europe/Berlin' }
    const afterMidnight = Date.parse('2026-01-15T00:30+01:00')
    const noon = Date.parse('2026-01-15T12:00+01:00')

    test.each<[string, number, Partial<TaskDefinition>, string | null, Decision['reason']]>([
      ['ran in the evening of this night', afterMidnight, {}, '2026-01-14', 'not-due'],
      ['ran in the night before', afterMidnight, {}, '2026-01-13', 'inside-window'],
      ['runs on the day of the night', afterMidnight, { weekdays: ['wed'] }, null, 'inside-window'],
      ['runs on the day on the wall', afterMidnight, { weekdays: ['thu'] }, null, 'other-weekday'],
      ['ran in the night that is over', noon, {}, '2026-01-14', 'outside-window'],
      ['runs on the day on the wall, at noon', noon, { weekdays: ['thu'] }, null, 'outside-window'],
    ])('counts the date on which it opened: one that %s', (_, now, definition, lastCompletedOn, reason) => {
      expect(planned(definition, { lastCompletedOn }, { now, window }).decision.reason).toBe(reason)
    })

    test('what is left of it ends on the morning after', () => {
      const { made, decision } = planned(randomized, {}, { now: afterMidnight, window })
      expect(made.date).toBe('2026-01-14')
      expect(decision.at).toBe('2026-01-15T00:45:00.000Z')
    })
  })

  test('its zone decides which date it is', () => {
    const now = Date.parse('2026-01-14T12:00Z')
    const dateIn = (timeZone: string) => planned({}, {}, { now, window: { ...UTC, timeZone } }).made.date
    expect(dateIn('Pacific/Kiritimati')).toBe('2026-01-15')
    expect(dateIn('Pacific/Pago_Pago')).toBe('2026-01-14')
    expect(dateIn('Etc/GMT+12')).toBe('2026-01-14')
  })
})

describe('chance', () => {
  test.each([
    [0, '2026-01-14T03:00:00.000Z'],
    [0.25, '2026-01-14T03:30:00.000Z'],
    [0.999_999_999_999_999_9, '2026-01-14T04:59:59.999Z'],
  ])('%p of what is left of the window is %s', (chance, at) => {
    expect(planned(randomized, {}, { random: () => chance }).decision.at).toBe(at)
  })

  test.each<[string, Partial<TaskDefinition>, Partial<TaskRecord>, number]>([
    ['what has been drawn for this night', randomized, drawn('03:20'), INSIDE],
    ['what is not randomized', {}, {}, INSIDE],
    ['what rests', { ...randomized, enabled: false }, {}, INSIDE],
    ['what starts outside the window', randomized, {}, OUTSIDE],
  ])('is not asked about %s', (_, definition, record, now) => {
    const random = jest.fn<number, []>(() => 0.5)
    planned(definition, record, { now, random })
    expect(random).not.toHaveBeenCalled()
  })

  test('is asked once for each task that is drawn', () => {
    const chances = [0.1, 0.2, 0.3]
    const tasks = readTasks({ a: { run() {}, ...randomized }, b: () => {}, c: { run() {}, ...randomized } }).values()
    const made = plan(tasks, { window: UTC, enabled: {} }, new Map(), INSIDE, () => chances.shift() as number)
    expect(made.decisions.map(({ at }) => at)).toEqual([
      '2026-01-14T03:12:00.000Z',
      undefined,
      '2026-01-14T03:24:00.000Z',
    ])
    expect(chances).toEqual([0.3])
  })
})

describe('the sentence', () => {
  test.each<[Decision['reason'], Partial<TaskDefinition>, Partial<TaskRecord>, number, string]>([
    ['disabled', { enabled: false }, {}, INSIDE, 'Rests: it is switched off in the settings.'],
    ['other-weekday', { weekdays: ['sun'] }, {}, INSIDE, 'Rests: it runs on Sundays, and 2026-01-14 is a Wednesday.'],
    [
      'other-weekday',
      { weekdays: ['mon', 'tue', 'sat'] },
      {},
      INSIDE,
      'Rests: it runs on Mondays, Tuesdays and Saturdays, and 2026-01-14 is a Wednesday.',
    ],
    [
      'other-weekday',
      { weekdays: ['mon', 'fri'] },
      {},
      INSIDE,
      'Rests: it runs on Mondays and Fridays, and 2026-01-14 is a Wednesday.',
    ],
    [
      'not-due',
      { intervalDays: 7 },
      completedOn('2026-01-10'),
      INSIDE,
      'Rests: it completed on 2026-01-10 and is due on 2026-01-17.',
    ],
    [
      'not-due',
      { weekdays: ['mon', 'wed'] },
      completedOn('2026-01-14'),
      INSIDE,
      'Rests: it completed on 2026-01-14 and is due on 2026-01-19.',
    ],
    ['already-running', {}, { state: 'stopping' }, INSIDE, 'Left alone: it is running.'],
    ['already-queued', {}, { state: 'queued' }, INSIDE, 'Left alone: it is waiting for its turn.'],
    ['already-scheduled', {}, { state: 'scheduled' }, INSIDE, 'Left alone: it is scheduled.'],
    ['outside-window', {}, {}, OUTSIDE, 'Starts now: it is due, and the window is closed, so nothing is put off.'],
    ['inside-window', {}, {}, INSIDE, 'Starts now: it is due, and the window is open.'],
    [
      'random-instant',
      randomized,
      {},
      INSIDE,
      'Is scheduled for 04:00, a random moment of what is left of the window.',
    ],
    [
      'random-instant-passed',
      randomized,
      drawn('02:10'),
      INSIDE,
      'Starts now: it is due, and the moment drawn for this night, 02:10, has passed.',
    ],
  ])('for %s reads well', (reason, definition, record, now, sentence) => {
    expect(planned(definition, record, { now }).decision).toMatchObject({ reason, sentence })
  })

  test.each([
    ['Australia/Lord_Howe', '2026-01-13T16:00Z', 'Is scheduled for 04:00,', '2026-01-14'],
    ['Asia/Kathmandu', '2026-01-13T21:15Z', 'Is scheduled for 04:00,', '2026-01-14'],
    ['America/New_York', '2026-01-14T08:00Z', 'Is scheduled for 04:00,', '2026-01-14'],
  ])('tells dates and times as the clocks in %s show them', (timeZone, now, begin, date) => {
    const moment = { now: Date.parse(now), window: { ...UTC, timeZone } }
    expect(planned(randomized, {}, moment).decision.sentence).toContain(begin)
    expect(planned({ weekdays: ['sun'] }, {}, moment).decision.sentence).toContain(`${date} is a Wednesday`)
  })
})

describe('due', () => {
  test.each([
    // last completed, every, on, due
    [null, 1, '2026-01-14', true],
    [null, 1_000_000, '2026-01-14', true],
    ['2026-01-14', 1, '2026-01-14', false],
    ['2026-01-13', 1, '2026-01-14', true],
    ['2026-01-08', 7, '2026-01-14', false],
    ['2026-01-07', 7, '2026-01-14', true],
    ['2025-12-31', 1, '2026-01-01', true],
    ['2024-02-28', 2, '2024-03-01', true],
    ['2023-02-28', 2, '2023-03-01', false],
  ])('completed on %s, every %i days: on %s that is %s', (lastCompletedOn, intervalDays, date, due) => {
    expect(isDue(aTask({ intervalDays }), { ...blank, lastCompletedOn }, date)).toBe(due)
  })

  test.each([
    // A zone further east, or a clock set right by minutes around midnight, can date a run a day ahead.
    ['2026-01-15', false],
    ['2026-01-16', true],
    ['2030-06-01', true],
  ])('a run dated %s, ahead of 2026-01-14, was dated by a wrong clock: %s', (lastCompletedOn, due) => {
    expect(isDue(aTask(), { ...blank, lastCompletedOn }, '2026-01-14')).toBe(due)
  })

  test.each<[Weekday[] | null, boolean]>([
    [null, true],
    [['wed'], true],
    [['mon', 'wed', 'fri'], true],
    [['tue', 'thu'], false],
  ])('one that runs on %j is on a Wednesday: %s', (weekdays, on) => {
    expect(isOn(aTask({ weekdays }), '2026-01-14')).toBe(on)
  })

  test.each<[number, Weekday[] | null, number]>([
    [1, null, 1],
    [30, null, 30],
    [1, ['mon'], 7],
    [7, ['mon'], 13], // by hand on a Tuesday, and then due on the second Monday
    [8, ['mon'], 14],
    [1, ['mon', 'thu'], 4],
    [1, ['sat', 'sun'], 6],
    [3, ['mon', 'tue', 'wed', 'thu', 'fri'], 5],
  ])('every %i days on %j, at most %i days lie between two runs that complete', (intervalDays, weekdays, days) => {
    expect(longestIntervalOf(aTask({ intervalDays, weekdays }))).toBe(days)
  })

  test.each([
    ['2026-01-14T23:30+01:00', '2026-01-14'],
    ['2026-01-15T02:59+01:00', '2026-01-14'],
    ['2026-01-15T03:00+01:00', '2026-01-15'],
    ['2026-01-15T22:59+01:00', '2026-01-15'],
  ])('a run that starts at %s counts for %s, where the window is open from 23:00 to 03:00', (now, date) => {
    const calendar = createCalendar({ opensAt: '23:00', closesAt: '03:00', timeZone: 'Europe/Berlin' })
    expect(dueDate(calendar, Date.parse(now))).toBe(date)
  })
})

describe('whatever the tasks, their past, the window and the moment', () => {
  const DAY = 86_400_000
  const FROM = Date.parse('2024-01-01')
  const anyDate = fc
    .integer({ min: -10, max: 1_100 })
    .map((day) => new Date(FROM + day * DAY).toISOString().slice(0, 10))
  const anyInstant = fc.integer({ min: FROM, max: FROM + 1_100 * DAY })
  const weekdays: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
  const anyTask = fc.record({
    run: fc.constant(() => {}),
    enabled: fc.boolean(),
    randomized: fc.boolean(),
    intervalDays: fc.integer({ min: 1, max: 10 }),
    weekdays: fc.option(fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 })),
  })
  const anyRecord = fc.record({
    state: fc.constantFrom<TaskState>('idle', 'idle', 'idle', 'scheduled', 'queued', 'running', 'stopping'),
    lastCompletedOn: fc.option(anyDate),
    draw: fc.option(fc.record({ night: anyDate, at: anyInstant.map((at) => new Date(at).toISOString()) })),
  })
  const anyTime = fc.constantFrom('00:00', '02:00', '02:30', '05:00', '12:00', '22:15', '23:59')
  const anyWindow = fc.record({
    opensAt: anyTime,
    closesAt: anyTime,
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Havana', 'Asia/Kathmandu'),
  })
  const names = ['a', 'b', 'c', 'd']
  const forNames = <Value>(value: fc.Arbitrary<Value>) =>
    fc.record(Object.fromEntries(names.map((name) => [name, value])) as Record<string, fc.Arbitrary<Value>>)

  const situation = fc
    .record({
      definitions: forNames(anyTask),
      enabled: forNames(fc.boolean()),
      records: forNames(anyRecord),
      window: anyWindow,
      now: anyInstant,
      chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    })
    .map(({ definitions, enabled, records, window, now, chance }) => {
      const tasks = readTasks(definitions)
      const night = createCalendar(window).nightAt(now)
      // Half of what was drawn was drawn for the night that is open, which pure chance would never hit.
      for (const { draw } of Object.values(records)) if (draw && night && now % 2) draw.night = night.date
      const make = () => plan(tasks.values(), { window, enabled }, new Map(Object.entries(records)), now, () => chance)
      return { tasks, enabled, records, window, now, night, make }
    })

  const runs = { seed: 20261123, numRuns: 250 }

  test('every task has one decision, in the order of the tasks', () => {
    fc.assert(
      fc.property(situation, ({ make }) => {
        expect(make().decisions.map(({ task }) => task)).toEqual(names)
      }),
      runs,
    )
  })

  test('nothing is started or scheduled that is off, has another weekday, is not due, or is not idle', () => {
    fc.assert(
      fc.property(situation, ({ make, tasks, enabled, records }) => {
        const { decisions, date } = make()
        for (const { task, kind } of decisions) {
          const { intervalDays, weekdays: days } = tasks.get(task)!
          const { state, lastCompletedOn } = records[task]!
          const since =
            lastCompletedOn === null ? Number.POSITIVE_INFINITY : (Date.parse(date) - Date.parse(lastCompletedOn)) / DAY
          const weekday = new Date(date).toLocaleDateString('en', { weekday: 'short', timeZone: 'UTC' }).toLowerCase()
          const mayRun =
            enabled[task] &&
            (days === null || days.includes(weekday as Weekday)) &&
            (since >= intervalDays || since < -1) &&
            state === 'idle'
          expect(kind !== 'skip').toBe(mayRun)
        }
      }),
      runs,
    )
  })

  test('only what is randomized is scheduled, only inside the window, and in what is left of it', () => {
    fc.assert(
      fc.property(situation, ({ make, tasks, now, night }) => {
        for (const { task, kind, at } of make().decisions) {
          expect(at !== undefined).toBe(kind === 'schedule')
          if (at === undefined) continue
          expect(tasks.get(task)!.randomized).toBe(true)
          expect(Date.parse(at)).toBeGreaterThanOrEqual(now)
          expect(Date.parse(at)).toBeLessThan(night!.closesAt)
        }
      }),
      runs,
    )
  })

  test('the plan is the same again, and keeps what it has drawn', () => {
    fc.assert(
      fc.property(situation, ({ make, records, night }) => {
        const first = make()
        expect(make()).toEqual(first)
        for (const { task, at } of first.decisions) if (at) records[task]!.draw = { night: night!.date, at }
        expect(make()).toEqual(first)
      }),
      runs,
    )
  })

  test('the plan survives JSON, and its sentences are sentences', () => {
    fc.assert(
      fc.property(situation, ({ make }) => {
        const made = make()
        expect(JSON.parse(JSON.stringify(made))).toStrictEqual(made)
        for (const { sentence } of made.decisions) {
          expect(sentence).toMatch(/^(Rests|Left alone|Starts now|Is scheduled)[^\n]+\.$/)
          expect(sentence).not.toMatch(/undefined|null|NaN|Invalid/)
        }
      }),
      runs,
    )
  })
})
