import { ButlerError, shown } from '../errors'
import { checkMembers, expectThat } from '../options'
import type { Instant } from './clock'
import { addDays, DAY_MS, isDate } from './date'
import { isZone, type Zone, zoneOf } from './zone'

/** The hours of the night in which tasks run by themselves. */
export interface MaintenanceWindow {
  /** Local time at which it opens, `HH:MM`. Default: `02:00`. */
  opensAt: string
  /** Local time at which it closes, `HH:MM`; on the next date when not after `opensAt`; equal means 24 hours. Default: `05:00`. */
  closesAt: string
  /** IANA time zone. Default: the server's. */
  timeZone: string
}

/** One window as two instants, named by the local date on which it opens. */
export interface Night {
  date: string
  opensAt: Instant
  closesAt: Instant
}

/** The nights of one window. It remembers those it has worked out, so asking again is cheap. */
export interface Calendar {
  readonly window: MaintenanceWindow
  /** The night of a date; `null` when the zone skipped that date, as Apia did 2011-12-30. Throws `BUTLER_INVALID_OPTIONS` for what is no date. */
  nightOn(date: string): Night | null
  /** The night that contains an instant: from its opening on, until just before it closes. */
  nightAt(instant: Instant): Night | null
  /** The first night that opens after an instant, not at it. */
  nextNight(instant: Instant): Night
  /** The date on the wall at an instant. */
  localDate(instant: Instant): string
}

/** Fills in the defaults and checks all of it. Throws `BUTLER_INVALID_WINDOW` for what no night can be computed from. */
export function windowOf(change: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  checkMembers('window', change, ['opensAt', 'closesAt', 'timeZone'], 'BUTLER_INVALID_WINDOW')
  const { opensAt = '02:00', closesAt = '05:00', timeZone = serverZone() } = change
  checkTime('opensAt', opensAt)
  checkTime('closesAt', closesAt)
  checkZone(timeZone)
  return { opensAt, closesAt, timeZone }
}

function checkTime(key: 'opensAt' | 'closesAt', time: unknown): void {
  const holds = typeof time === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(time)
  expectThat(
    holds,
    `window.${key}`,
    time,
    'a local time from "00:00" to "23:59", such as "02:30"',
    'BUTLER_INVALID_WINDOW',
  )
}

function checkZone(name: unknown): void {
  const expected =
    'an IANA time zone that this Node knows, such as "Europe/Berlin" or "UTC"; two hours ahead of UTC all year is "Etc/GMT-2"'
  expectThat(isZone(name), 'window.timeZone', name, expected, 'BUTLER_INVALID_WINDOW')
}

/** Node gives no name, or one that is none, where it cannot make sense of the TZ variable; UTC is then what its clocks go by. */
function serverZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return isZone(timeZone) ? timeZone : 'UTC'
}

/**
 * When a window opens and closes on a local date; what is left out of the window has its defaults. `null` when the zone skipped
 * that date. Throws `BUTLER_INVALID_WINDOW` and, for what is no date, `BUTLER_INVALID_OPTIONS`.
 */
export function nightOf(
  window: Partial<MaintenanceWindow>,
  date: string,
): { date: string; opensAt: Date; closesAt: Date } | null {
  const night = createCalendar(windowOf(window)).nightOn(date)
  return night && { date, opensAt: new Date(night.opensAt), closesAt: new Date(night.closesAt) }
}

/** How many dates a calendar remembers. A Butler asks for two or three at a time. */
const REMEMBERED = 32

/** The calendar of a window that `windowOf` has checked. */
export function createCalendar(window: MaintenanceWindow): Calendar {
  const zone = zoneOf(window.timeZone)
  const nights = new Map<string, Night | null>()

  function nightOn(date: string): Night | null {
    const known = nights.get(date)
    if (known !== undefined) return known
    checkDate(date)
    const night = nightIn(zone, window, date)
    if (nights.size === REMEMBERED) nights.clear()
    nights.set(date, night)
    return night
  }

  return {
    window,
    nightOn,
    nightAt: (instant) => nightAround(nightOn, zone.dateAt(instant), instant),
    nextNight: (instant) => nightAfter(nightOn, zone.dateAt(instant), instant),
    localDate: zone.dateAt,
  }
}

function checkDate(date: unknown): void {
  if (isDate(date)) return
  const expected = 'a date of the calendar, written "YYYY-MM-DD", such as "2026-11-23"'
  throw new ButlerError('BUTLER_INVALID_OPTIONS', `date is ${shown(date)}; expected ${expected}.`)
}

// Lord Howe moves its clocks by half an hour and Beirut at midnight, so a night is measured in instants, never in hours.
function nightIn(zone: Zone, window: MaintenanceWindow, date: string): Night | null {
  if (zone.dateAt(zone.firstAt(localTime(date, '00:00'))) !== date) return null
  const opening = localTime(date, window.opensAt)
  const closing = localTime(date, window.closesAt) + (window.closesAt > window.opensAt ? 0 : DAY_MS)
  const opensAt = zone.firstAt(opening)
  const closesAt = zone.firstAt(closing)
  // Where clocks jump over all of it, it opens at the jump and lasts as long as it would on any other date.
  return Object.freeze({ date, opensAt, closesAt: closesAt > opensAt ? closesAt : opensAt + (closing - opening) })
}

/** A local time as a zone takes it. Local dates have 24 hours each there, as on paper; that clocks jump is the zone's business. */
function localTime(date: string, time: string): number {
  return Date.parse(`${date}T${time}Z`)
}

// Of two nights that contain the instant the later counts. Yesterday's can still be open, and so can tomorrow's already, where
// clocks go back over midnight: at 00:01 Goose Bay used to go back to 23:01 of the day before.
function nightAround(nightOn: Calendar['nightOn'], today: string, instant: Instant): Night | null {
  for (const days of [1, 0, -1]) {
    const night = nightOn(addDays(today, days))
    if (night && night.opensAt <= instant && instant < night.closesAt) return night
  }
  return null
}

function nightAfter(nightOn: Calendar['nightOn'], today: string, instant: Instant): Night {
  const night = nightOn(today)
  return night && night.opensAt > instant ? night : nightAfter(nightOn, addDays(today, 1), instant)
}
