import type { Instant } from '../engine/clock'
import { ButlerError, shown } from '../errors'
import { expectThat } from '../options'
import { type Outcome, outcomes } from '../registry'

type Query = Readonly<Record<string, unknown>>

/** Refuses what nobody reads: a misspelt name would be answered as if it were not there. Throws `BUTLER_INVALID_QUERY`. */
export function checkNames(query: Query, known: readonly string[]): void {
  const unknown = Object.keys(query).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const expected = known.length === 0 ? 'none at all' : `only ${known.join(', ')}`
  throw new ButlerError(
    'BUTLER_INVALID_QUERY',
    `The query has ${shown(unknown)}, which nothing reads; expected ${expected}.`,
  )
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
  const found = outcomes.filter((outcome) => wanted.includes(outcome))
  const holds = wanted.every((word) => found.some((outcome) => outcome === word))
  expectIn(query, 'outcome', holds, `some of ${outcomes.join(', ')}, with commas between`)
  return new Set(found)
}

function expectIn(query: Query, key: string, holds: boolean, expected: string): void {
  expectThat(holds, `?${key}`, query[key], expected, 'BUTLER_INVALID_QUERY')
}
