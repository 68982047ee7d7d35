import type { Weekday } from './task'

// A date is a square on the calendar, `YYYY-MM-DD`; when it begins, and where, is none of its business.

/** A date in UTC, where none is longer or shorter than another, and where dates are therefore counted. */
export const DAY_MS = 86_400_000

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const satisfies readonly Weekday[]

/** Whether a value is a date of the calendar, written `YYYY-MM-DD`. */
export function isDate(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false
  const midnight = Date.parse(value)
  return !Number.isNaN(midnight) && dateOf(midnight) === value
}

/** From one date to another; negative when the other is earlier. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS
}

/** The date so many days later, or earlier when negative. */
export function addDays(date: string, days: number): string {
  return dateOf(Date.parse(date) + days * DAY_MS)
}

export function weekdayOf(date: string): Weekday {
  return weekdays[new Date(date).getUTCDay()] as Weekday
}

function dateOf(midnight: number): string {
  return new Date(midnight).toISOString().slice(0, 10)
}
