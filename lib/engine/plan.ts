import type { TaskState } from '../registry'
import { type Instant, iso } from './clock'
import { addDays, daysBetween, weekdayOf } from './date'
import type { Settings } from './settings'
import type { Draw } from './store'
import type { TaskFacts, Weekday } from './task'
import { type Calendar, createCalendar, type Night } from './window'

/** Why a decision was taken; stable, meant for programs. */
export type Reason =
  | 'disabled'
  | 'not-due'
  | 'other-weekday'
  | 'already-running'
  | 'already-queued'
  | 'already-scheduled'
  | 'outside-window'
  | 'inside-window'
  | 'random-instant'
  | 'random-instant-passed'

/** What a plan does with one task. */
export interface Decision<Name extends string = string> {
  task: Name
  kind: 'start' | 'schedule' | 'skip'
  /** ISO 8601, only with `schedule`. */
  at?: string
  reason: Reason
  /** The reason for people. */
  sentence: string
}

/** What would happen at one moment, task by task; JSON-safe. Instants are ISO 8601 strings. */
export interface Plan<Name extends string = string> {
  at: string
  /** The night it was made in, `null` outside the window. */
  night: { date: string; opensAt: string; closesAt: string } | null
  /** The local date that decides what is due: the night's, else the day's. */
  date: string
  decisions: Decision<Name>[]
}

/** What a plan must know of a task's past and present. */
export interface TaskRecord {
  state: TaskState
  /** The local date of the last run that completed. */
  lastCompletedOn: string | null
  /** The random instant drawn last. */
  draw: Draw | null
}

/** A task nothing is known of. */
export const blank: TaskRecord = { state: 'idle', lastCompletedOn: null, draw: null }

/**
 * The four rules of the Butler API, and nothing else decides what runs when: a task that is disabled or not due rests; one that is
 * not randomised starts; one that is randomised starts outside the window, and inside is given a random instant of what is left of it.
 */
export function plan(
  tasks: Iterable<TaskFacts>,
  settings: Settings,
  records: ReadonlyMap<string, TaskRecord>,
  now: Instant,
  random: () => number,
): Plan {
  const moment = momentAt(createCalendar(settings.window), now)
  const decisions = Array.from(tasks, (task) => {
    const record = records.get(task.name) ?? blank
    const choice = decide(task, settings.enabled[task.name] ?? task.enabled, record, moment, random)
    return { task: task.name, ...choice, sentence: sentenceFor(choice, task, record, moment) }
  })
  return { at: iso(now), night: moment.night && nightAsIso(moment.night), date: moment.date, decisions }
}

/** When a plan is made, and what of that matters to every task. */
interface Moment {
  now: Instant
  night: Night | null
  /** What is due is counted in local dates: inside a window the night's, so that a night over midnight is one day. */
  date: string
  /** An ISO 8601 string as the wall clocks of the window's zone show it: `03:17`. */
  clockTime(at: string): string
}

type Choice = Omit<Decision, 'task' | 'sentence'>

function decide(task: TaskFacts, enabled: boolean, record: TaskRecord, moment: Moment, random: () => number): Choice {
  if (!enabled) return skip('disabled')
  if (!isOn(task, moment.date)) return skip('other-weekday')
  if (!isDue(task, record, moment.date)) return skip('not-due')
  if (record.state !== 'idle') return skip(alreadyIn[record.state])
  if (!moment.night) return start('outside-window')
  if (!task.randomized) return start('inside-window')
  return atRandomInstant(record.draw, moment.night, moment.now, random)
}

const skip = (reason: Reason): Choice => ({ kind: 'skip', reason })
const start = (reason: Reason): Choice => ({ kind: 'start', reason })

const alreadyIn = {
  running: 'already-running',
  stopping: 'already-running',
  queued: 'already-queued',
  scheduled: 'already-scheduled',
} as const satisfies Record<Exclude<TaskState, 'idle'>, Reason>

/** A random instant is drawn once per task and night: a restart or a second plan keeps it. */
function atRandomInstant(draw: Draw | null, night: Night, now: Instant, random: () => number): Choice {
  const drawn = drawnFor(night, draw) ?? between(now, night.closesAt, random())
  return drawn < now ? start('random-instant-passed') : { kind: 'schedule', at: iso(drawn), reason: 'random-instant' }
}

/** The instant drawn for this night, if it still lies inside: a window that was moved draws again. */
function drawnFor(night: Night, draw: Draw | null): Instant | undefined {
  if (draw?.night !== night.date) return undefined
  const at = Date.parse(draw.at)
  return at >= night.opensAt && at < night.closesAt ? at : undefined
}

/** `fraction` from 0 to below 1 of the way from one instant to another. */
function between(from: Instant, to: Instant, fraction: number): Instant {
  return from + Math.floor((to - from) * fraction)
}

/** Whether a task runs by itself on the weekday of a date. */
export function isOn(task: Pick<TaskFacts, 'weekdays'>, date: string): boolean {
  return task.weekdays === null || task.weekdays.includes(weekdayOf(date))
}

/** Seven dates, one of each weekday. */
const aWeek = Array.from({ length: 7 }, (_, day) => addDays('2026-01-01', day))

/** The most days from a date on which it completed to the next one on which it is on and due. */
export function longestIntervalOf(task: Pick<TaskFacts, 'intervalDays' | 'weekdays'>): number {
  const { intervalDays, weekdays } = task
  if (weekdays === null) return intervalDays
  const daysLeft = (date: string) => aWeek.findIndex((_, days) => isOn(task, addDays(date, intervalDays + days)))
  return intervalDays + Math.max(...aWeek.map(daysLeft))
}

/**
 * Whether a task's interval is over on a date. Only runs that completed count, so whatever failed or was cut short stays due.
 * A completed run that is dated more than a day ahead was dated by a wrong clock, and must not silence its task for years.
 */
export function isDue(task: TaskFacts, record: TaskRecord, date: string): boolean {
  if (record.lastCompletedOn === null) return true
  const days = daysBetween(record.lastCompletedOn, date)
  return days >= task.intervalDays || days < -1
}

/** The local date that a run starting now counts for. */
export function dueDate(calendar: Calendar, now: Instant): string {
  return calendar.nightAt(now)?.date ?? calendar.localDate(now)
}

function momentAt(calendar: Calendar, now: Instant): Moment {
  const format = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: calendar.window.timeZone })
  const clockTime = (at: string) => format.format(Date.parse(at))
  return { now, night: calendar.nightAt(now), date: dueDate(calendar, now), clockTime }
}

const dayNames: Record<Weekday, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}

/** `['mon', 'wed', 'fri']` → `Mondays, Wednesdays and Fridays`. */
function listed(days: readonly Weekday[]): string {
  const names = days.map((day) => `${dayNames[day]}s`)
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ')
}

function sentenceFor(choice: Choice, task: TaskFacts, record: TaskRecord, moment: Moment): string {
  switch (choice.reason) {
    case 'disabled':
      return 'Rests: it is switched off in the settings.'
    case 'other-weekday':
      return `Rests: it runs on ${listed(task.weekdays ?? [])}, and ${moment.date} is a ${dayNames[weekdayOf(moment.date)]}.`
    case 'not-due':
      return `Rests: it completed on ${record.lastCompletedOn} and is due on ${dueAgain(task, record)}.`
    case 'already-running':
      return 'Left alone: it is running.'
    case 'already-queued':
      return 'Left alone: it is waiting for its turn.'
    case 'already-scheduled':
      return 'Left alone: it is scheduled.'
    case 'outside-window':
      return 'Starts now: it is due, and the window is closed, so nothing is put off.'
    case 'inside-window':
      return 'Starts now: it is due, and the window is open.'
    case 'random-instant':
      return `Is scheduled for ${moment.clockTime(choice.at as string)}, a random moment of what is left of the window.`
    case 'random-instant-passed':
      return `Starts now: it is due, and the moment drawn for this night, ${moment.clockTime(record.draw?.at as string)}, has passed.`
  }
}

function dueAgain(task: TaskFacts, record: TaskRecord): string {
  let date = addDays(record.lastCompletedOn as string, task.intervalDays)
  while (!isOn(task, date)) date = addDays(date, 1)
  return date
}

/** A night as plans and events tell it. */
export function nightAsIso({ date, opensAt, closesAt }: Night): NonNullable<Plan['night']> {
  return { date, opensAt: iso(opensAt), closesAt: iso(closesAt) }
}
