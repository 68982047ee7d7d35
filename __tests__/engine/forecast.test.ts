import fc from 'fast-check'
import { addDays } from '../../lib/engine/date'
import { foresee, nextNightFor } from '../../lib/engine/forecast'
import { blank, isDue, isOn, type TaskRecord } from '../../lib/engine/plan'
import type { QueueRecord } from '../../lib/engine/queue'
import { newRun } from '../../lib/engine/run'
import type { WaitingEntry } from '../../lib/engine/store'
import { readTasks, type Task, type TaskDefinition, type Weekday } from '../../lib/engine/task'
import { createCalendar } from '../../lib/engine/window'

const UTC = createCalendar({ opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' })

/** The 14th is a Wednesday. */
const utc = (dayAndTime: string) => Date.parse(`2026-01-${dayAndTime}Z`)

const aTask = (definition: Partial<TaskDefinition> = {}): Task =>
  readTasks({ Tidy: { run() {}, ...definition } }).get('Tidy') as Task

const waitingFor = (at: string | null): WaitingEntry => ({
  task: 'Tidy',
  trigger: 'window',
  by: null,
  at,
  until: null,
  after: [],
})

const startedAt = (at: string) =>
  newRun({ id: 'run-1', task: 'Tidy', trigger: 'window', by: null, date: '2026-01-14', startedAt: at })

/** What is known of a task at a moment. */
const aRecord = (more: Partial<QueueRecord> = {}): QueueRecord => ({ ...blank, waiting: null, lastRun: null, ...more })

describe('what will be known', () => {
  const now = utc('14T03:00')
  const ranOnThe14th = { state: 'idle', lastCompletedOn: '2026-01-14' }

  test('of an idle task is what is known now', () => {
    const record = aRecord({ lastCompletedOn: '2026-01-10' })
    expect(foresee(record, UTC, now, utc('20T00:00'))).toEqual(record)
  })

  test.each<[string, Partial<QueueRecord>, string, object]>([
    // what it does, moment, what is foreseen
    ['that runs, now', { state: 'running', lastRun: startedAt('2026-01-14T02:00:00.000Z') }, '14T03:00', ranOnThe14th],
    [
      'that runs, tomorrow',
      { state: 'running', lastRun: startedAt('2026-01-14T02:00:00.000Z') },
      '15T03:00',
      ranOnThe14th,
    ],
    [
      'that is stopping',
      { state: 'stopping', lastRun: startedAt('2026-01-14T02:00:00.000Z') },
      '15T03:00',
      ranOnThe14th,
    ],
    ['that waits for its turn', { state: 'queued', waiting: waitingFor(null) }, '14T03:00', ranOnThe14th],
    [
      'that starts before',
      { state: 'scheduled', waiting: waitingFor('2026-01-14T04:00:00.000Z') },
      '14T04:01',
      ranOnThe14th,
    ],
    [
      'that starts then',
      { state: 'scheduled', waiting: waitingFor('2026-01-14T04:00:00.000Z') },
      '14T04:00',
      ranOnThe14th,
    ],
    [
      'that starts later',
      { state: 'scheduled', waiting: waitingFor('2026-01-14T04:00:00.000Z') },
      '14T03:59',
      { state: 'scheduled', lastCompletedOn: null },
    ],
  ])('of a task %s is that it has completed by then, if it has begun', (_, more, moment, foreseen) => {
    expect(foresee(aRecord(more), UTC, now, utc(moment))).toMatchObject(foreseen)
  })

  test('counts a run for the night in which it started, also when it runs far into the next', () => {
    const record = aRecord({ state: 'running', lastRun: startedAt('2026-01-13T04:00:00.000Z') })
    expect(foresee(record, UTC, now, utc('14T04:00')).lastCompletedOn).toBe('2026-01-13')
  })

  test('counts a run for the night in which it starts, though the clock on the wall shows the day after', () => {
    const calendar = createCalendar({ opensAt: '23:00', closesAt: '03:00', timeZone: 'UTC' })
    const record = aRecord({ state: 'scheduled', waiting: waitingFor('2026-01-15T00:30:00.000Z') })
    expect(foresee(record, calendar, utc('14T23:30'), utc('15T02:00')).lastCompletedOn).toBe('2026-01-14')
  })
})

describe('the next night', () => {
  const noon = utc('14T12:00')

  test.each<[string, Partial<TaskDefinition>, string | null, string]>([
    ['never ran', {}, null, '2026-01-15'],
    ['ran last night', {}, '2026-01-14', '2026-01-15'],
    ['runs every seven days, and ran last night', { intervalDays: 7 }, '2026-01-14', '2026-01-21'],
    ['runs every seven days, and ran long ago', { intervalDays: 7 }, '2025-01-14', '2026-01-15'],
    ['runs every seven days, and ran six days before', { intervalDays: 7 }, '2026-01-09', '2026-01-16'],
    ['runs on Mondays', { weekdays: ['mon'] }, null, '2026-01-19'],
    ['runs on Thursdays', { weekdays: ['thu'] }, null, '2026-01-15'],
    ['runs on Wednesdays, and ran last night', { weekdays: ['wed'] }, '2026-01-14', '2026-01-21'],
    ['runs every ten days, on Mondays', { intervalDays: 10, weekdays: ['mon'] }, '2026-01-14', '2026-01-26'],
    ['was dated a day ahead by a wrong clock', {}, '2026-01-15', '2026-01-16'],
    ['was dated years ahead by a wrong clock', {}, '2030-01-01', '2026-01-15'],
    ['runs every million days', { intervalDays: 1_000_000 }, '2026-01-14', '4763-12-12'],
  ])('of a task that %s', (_, definition, lastCompletedOn, date) => {
    const night = nextNightFor(aTask(definition), { ...blank, lastCompletedOn }, UTC, noon)
    expect(night).toEqual(UTC.nightOn(date))
  })

  test('comes after the one that is open', () => {
    expect(nextNightFor(aTask(), blank, UTC, utc('14T03:00')).date).toBe('2026-01-15')
    expect(nextNightFor(aTask(), blank, UTC, utc('14T02:00')).date).toBe('2026-01-15')
    expect(nextNightFor(aTask(), blank, UTC, utc('14T01:59')).date).toBe('2026-01-14')
  })

  test('is that of the date after one that does not exist', () => {
    const apia = createCalendar({ opensAt: '02:00', closesAt: '05:00', timeZone: 'Pacific/Apia' })
    const task = aTask({ intervalDays: 3 })
    const night = nextNightFor(task, { ...blank, lastCompletedOn: '2011-12-27' }, apia, Date.parse('2011-12-28T00:00Z'))
    expect(night.date).toBe('2011-12-31')
  })

  test('is the first of all nights to come that finds the task due on a day of its own', () => {
    const weekdays: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
    const anyTask = fc.record({
      intervalDays: fc.integer({ min: 1, max: 20 }),
      weekdays: fc.option(fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 })),
    })
    const anyRecord = fc
      .option(fc.integer({ min: -30, max: 5 }))
      .map((days): TaskRecord => ({ ...blank, lastCompletedOn: days === null ? null : addDays('2026-01-14', days) }))
    const anyNow = fc.integer({ min: utc('14T00:00'), max: utc('15T00:00') })
    fc.assert(
      fc.property(anyTask, anyRecord, anyNow, (definition, record, now) => {
        const task = aTask(definition)
        let night = UTC.nextNight(now)
        while (!isDue(task, record, night.date) || !isOn(task, night.date)) night = UTC.nextNight(night.opensAt)
        expect(nextNightFor(task, record, UTC, now)).toEqual(night)
      }),
      { seed: 20261123, numRuns: 500 },
    )
  })
})
