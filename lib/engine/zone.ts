import type { Instant } from './clock'

/**
 * The clocks on the walls of one time zone, as this Node's own time-zone data tell them. A local time is a number here, too:
 * the instant at which a clock in UTC would show it.
 */
export interface Zone {
  /** The date on the wall at an instant, `YYYY-MM-DD`. */
  dateAt(instant: Instant): string
  /** The first instant at which the clock shows a local time, or later: where clocks skip it the jump itself, where it comes twice the first. */
  firstAt(local: number): Instant
}

/** Whether this Node knows a zone by that name. A bare offset such as `+02:00` is no name, though newer Nodes take it for one. */
export function isZone(name: unknown): name is string {
  if (typeof name !== 'string' || !/^[a-z]/i.test(name)) return false
  try {
    offsetFormat(name)
    return true
  } catch {
    return false
  }
}

/** The zone by a name for which `isZone` holds. Making one costs about 50 µs, asking it 1 to 3 µs. */
export function zoneOf(name: string): Zone {
  const format = offsetFormat(name)
  const offsetAt = (instant: Instant) => offsetIn(format.format(instant))
  return {
    dateAt: (instant) => new Date(instant + offsetAt(instant)).toISOString().slice(0, 10),
    firstAt: (local) => firstAt(offsetAt, local),
  }
}

// No clock has ever been further from UTC than this (Manila until 1844: 15:56 behind), so at a local time less the reach, taken
// as an instant, the clock does not show that time yet, and at the local time plus the reach it is past it.
const REACH_MS = 16 * 3_600_000

// Within twice the reach clocks move at most once: the two moves closest to each other in the time-zone data are 95 hours apart
// (Freetown, 1939), and since 1970 a week (Recife, 2000). Looking less often is not enough: temporal-polyfill 0.3 looks every 60 days,
// and so misses the Ramadan of many years in Casablanca; nor does it see a move more than ten years ahead.
function firstAt(offsetAt: (instant: Instant) => number, local: number): Instant {
  const before = offsetAt(local - REACH_MS)
  const after = offsetAt(local + REACH_MS)
  if (before === after) return local - before
  const move = firstWith((instant) => offsetAt(instant) === after, local - REACH_MS, local + REACH_MS)
  return local - before < move ? local - before : Math.max(move, local - after)
}

/** The first instant that holds, of a span at whose start it does not hold and at whose end it does. */
function firstWith(holds: (instant: Instant) => boolean, start: Instant, end: Instant): Instant {
  let [without, first] = [start, end]
  while (first - without > 1) {
    const middle = Math.floor((without + first) / 2)
    if (holds(middle)) first = middle
    else without = middle
  }
  return first
}

function offsetFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
}

/** How far a clock is ahead of UTC, in milliseconds, out of `11/23/2026, GMT+01:00`. Some Nodes write no offset as a bare `GMT`. */
function offsetIn(text: string): number {
  const offset = text.slice(text.indexOf('GMT') + 3) || '+00:00'
  const ms = Date.parse(`1970-01-01T${offset.slice(1)}Z`)
  return offset.startsWith('+') ? ms : -ms
}
