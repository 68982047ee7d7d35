import { expectThat } from '../options'
import { type Instant, readInstant } from './clock'
import { addDays } from './date'
import { dueDate, isDue, isOn, type TaskRecord } from './plan'
import type { QueueRecord } from './queue'
import type { TaskFacts } from './task'
import type { Calendar, Night } from './window'

/** For how long a moment counts as now: whoever asks has looked at the clock a while before it is answered. */
const JUST_NOW_MS = 60_000

/** The moment that a plan is asked of. Throws `BUTLER_INVALID_OPTIONS`, also for one in the past, of which nothing is planned. */
export function readMoment(at: unknown, now: Instant): Instant {
  if (at === undefined) return now
  const moment = readInstant('plan(at)', at)
  const expected = 'a moment to come; what is known now does not say what was due then, but history(name) has what ran'
  expectThat(moment >= now - JUST_NOW_MS, 'plan(at)', at, expected)
  return moment
}

/** What will be known at a moment, by task. */
export function foreseeAll(
  records: ReadonlyMap<string, QueueRecord>,
  calendar: Calendar,
  now: Instant,
  moment: Instant,
): ReadonlyMap<string, TaskRecord> {
  if (moment <= now) return records
  return new Map(Array.from(records, ([name, record]) => [name, foresee(record, calendar, now, moment)]))
}

/** What will be known of a task at a moment to come, if what runs or starts until then completes. */
export function foresee(record: QueueRecord, calendar: Calendar, now: Instant, moment: Instant): TaskRecord {
  if (record.state === 'idle') return record
  const startsAt = Date.parse(record.waiting ? (record.waiting.at ?? '') : (record.lastRun?.startedAt ?? '')) || now
  return startsAt > moment ? record : { ...record, state: 'idle', lastCompletedOn: dueDate(calendar, startsAt) }
}

/** The first night after `now` that finds the task due on a day of its own. */
export function nextNightFor(task: TaskFacts, record: TaskRecord, calendar: Calendar, now: Instant): Night {
  let night = calendar.nextNight(now)
  for (;;) {
    if (!isDue(task, record, night.date)) {
      night = nightFrom(calendar, addDays(record.lastCompletedOn as string, task.intervalDays))
    } else if (!isOn(task, night.date)) {
      night = nightFrom(calendar, addDays(night.date, 1))
    } else {
      return night
    }
  }
}

/** The night of a date, or of the next date that exists. */
function nightFrom(calendar: Calendar, date: string): Night {
  return calendar.nightOn(date) ?? nightFrom(calendar, addDays(date, 1))
}
