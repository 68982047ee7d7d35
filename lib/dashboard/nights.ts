import { type Instant, iso } from '../engine/clock'
import { addDays } from '../engine/date'
import type { Settings } from '../engine/settings'
import { createCalendar, type MaintenanceWindow, type Night, windowOf } from '../engine/window'
import type { Histories, RunSummary } from './histories'

/** A night as pages get it. Instants are ISO 8601 strings. */
export interface NightSpan {
  /** The local date on which it opens. */
  date: string
  opensAt: string
  closesAt: string
}

/** A night with what ran in it, oldest first. */
export interface NightWithRuns extends NightSpan {
  runs: RunSummary[]
  /** Whether a night without runs was a quiet one: it had not closed when the oldest kept run began, or is open still. */
  isKnown: boolean
}

/** The hours around a moment. */
export interface Timeline {
  from: string
  to: string
  nights: NightSpan[]
  runs: RunSummary[]
}

const HOUR_MS = 3_600_000
const HALF_A_DAY_MS = 12 * HOUR_MS
const A_FORTNIGHT = 14
const PREVIEWED = 5

/** The night that is open at a moment, else the next one. */
export function nightAround(window: MaintenanceWindow, now: Instant): { night: NightSpan; isOpen: boolean } {
  const calendar = createCalendar(window)
  const open = calendar.nightAt(now)
  return { night: spanOf(open ?? calendar.nextNight(now)), isOpen: open !== null }
}

/** The next five nights of a window that somebody thinks of. Throws `BUTLER_INVALID_WINDOW`. */
export function previewOf(change: Partial<MaintenanceWindow>, now: Instant): NightSpan[] {
  const calendar = createCalendar(windowOf(change))
  const nights = [calendar.nextNight(now)]
  while (nights.length < PREVIEWED) nights.push(calendar.nextNight((nights.at(-1) as Night).opensAt))
  return nights.map(spanOf)
}

/** The newest fourteen nights that have opened, newest first, as the window is now, with what ran in them, on whatever machine. */
export async function fortnightOf(
  { window, enabled }: Settings,
  now: Instant,
  histories: Histories,
): Promise<NightWithRuns[]> {
  const today = createCalendar(window).localDate(now)
  const dates = Array.from({ length: A_FORTNIGHT + 2 }, (_, ago) => addDays(today, 1 - ago))
  const nights = nightsOn(dates, window)
    .filter(({ opensAt }) => opensAt <= now)
    .slice(0, A_FORTNIGHT)
  const tasks = Object.keys(enabled)
  const beginning = (await histories.beginning(tasks)) ?? iso(now)
  return Promise.all(
    nights.map(async (night) => ({
      ...spanOf(night),
      isKnown: iso(night.closesAt) > beginning,
      runs: await histories.between(tasks, night.opensAt, Math.min(night.closesAt, now + 1)),
    })),
  )
}

/** What was, is and will be within twelve hours of a moment. */
export function timelineAround(settings: Settings, moment: Instant, histories: Histories): Promise<Timeline> {
  return timelineOf(settings, moment, [moment - HALF_A_DAY_MS, moment + HALF_A_DAY_MS], histories)
}

/** The same of now. Between two nights it is wide enough for both: how the last one went, and what the next one will bring. */
export function timelineOfNow(settings: Settings, now: Instant, histories: Histories): Promise<Timeline> {
  return timelineOf(settings, now, hoursAround(settings.window, now), histories)
}

/** From when to when the picture of now goes. */
export function hoursAround(window: MaintenanceWindow, now: Instant): [from: Instant, to: Instant] {
  const calendar = createCalendar(window)
  const [from, to] = [now - HALF_A_DAY_MS, now + HALF_A_DAY_MS]
  if (calendar.nightAt(now)) return [from, to]
  const today = calendar.localDate(now)
  const last = nightsOn([addDays(today, -2), addDays(today, -1), today], window).findLast(
    ({ opensAt }) => opensAt < now,
  )
  const opensAt = last?.opensAt ?? now
  return [Math.min(from, opensAt - HOUR_MS), Math.max(to, calendar.nextNight(now).closesAt + HOUR_MS)]
}

async function timelineOf(
  { window, enabled }: Settings,
  moment: Instant,
  [from, to]: [Instant, Instant],
  histories: Histories,
): Promise<Timeline> {
  const date = createCalendar(window).localDate(moment)
  const dates = [-2, -1, 0, 1, 2].map((days) => addDays(date, days))
  const nights = nightsOn(dates, window).filter(({ opensAt, closesAt }) => opensAt < to && closesAt > from)
  const runs = await histories.between(Object.keys(enabled), from, to)
  return { from: iso(from), to: iso(to), nights: nights.map(spanOf), runs }
}

function nightsOn(dates: readonly string[], window: MaintenanceWindow): Night[] {
  const calendar = createCalendar(window)
  return dates.map((date) => calendar.nightOn(date)).filter((night) => night !== null)
}

function spanOf({ date, opensAt, closesAt }: Night): NightSpan {
  return { date, opensAt: iso(opensAt), closesAt: iso(closesAt) }
}
