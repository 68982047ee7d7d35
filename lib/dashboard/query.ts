import type { Instant } from '../engine/clock'
import type { Outcome } from '../engine/run'
import { expectThat } from '../options'

type Query = Readonly<Record<string, unknown>>

const outcomes: Record<Outcome, true> = {
  completed: true,
  failed: true,
  stopped: true,
  'timed-out': true,
  'window-closed': true,
  interrupted: true,
}

/** Each throws `BUTLER_INVALID_QUERY` for what is there and is something else. */
export function textIn(query: Query, key: string): string {
  expectIn(query, key, typeof query[key] === 'string', 'a text, once')
  return query[key] as string
}

/** `null` when it is not there, as for all below. */
export function instantIn(query: Query, key: string): Instant | null {
  if (query[key] === undefined) return null
  const instant = Date.parse(String(query[key]))
  // Further away dates have more digits, and calendars no nights that anybody keeps.
  const holds = instant > Date.parse('1970-01-02') && instant < Date.parse('9999-01-01')
  expectIn(query, key, holds, 'an instant such as "2026-11-23T02:00:00Z"')
  return instant
}

export function wholeIn(query: Query, key: string): number | null {
  if (query[key] === undefined) return null
  expectIn(query, key, /^[1-9]\d{0,4}$/.test(String(query[key])), 'a whole number from 1')
  return Number(query[key])
}

/** `outcome=failed,timed-out`. */
export function outcomesIn(query: Query): ReadonlySet<Outcome> | null {
  if (query.outcome === undefined) return null
  const wanted = textIn(query, 'outcome').split(',')
  const holds = wanted.every((outcome) => Object.hasOwn(outcomes, outcome))
  expectIn(query, 'outcome', holds, `some of ${Object.keys(outcomes).join(', ')}, with commas between`)
  return new Set(wanted as Outcome[])
}

function expectIn(query: Query, key: string, holds: boolean, expected: string): void {
  expectThat(holds, `?${key}`, query[key], expected, 'BUTLER_INVALID_QUERY')
}
