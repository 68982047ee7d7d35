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
}

/** 24 hours around a moment. */
export interface Timeline {
  from: string
  to: string
  nights: NightSpan[]
  runs: RunSummary[]
}

const HALF_A_DAY_MS = 43_200_000
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
  return Promise.all(
    nights.map(async (night) => ({
      ...spanOf(night),
      runs: await histories.between(Object.keys(enabled), night.opensAt, Math.min(night.closesAt, now + 1)),
    })),
  )
}

/** What was, is and will be within twelve hours of a moment. */
export async function timelineAround(
  { window, enabled }: Settings,
  moment: Instant,
  histories: Histories,
): Promise<Timeline> {
  const [from, to] = [moment - HALF_A_DAY_MS, moment + HALF_A_DAY_MS]
  const date = createCalendar(window).localDate(moment)
  const dates = [-2, -1, 0, 1].map((days) => addDays(date, days))
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
