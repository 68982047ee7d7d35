import { checkMembers, expectThat } from '../options'
import { isIsoInstant } from './clock'
import type { HistoryQuery } from './queue'

/** Which runs of a task are asked for. */
export interface HistoryOptions {
  /** At most so many. Default: all that are kept. */
  limit?: number
  /** Only runs older than this one, by its id, or started before this instant. */
  before?: string | Date
}

/** How the id of a run looks: what `randomUUID()` makes. */
const idPattern = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Throws `BUTLER_INVALID_OPTIONS`. */
export function readHistoryOptions(options: HistoryOptions, historyLimit: number): HistoryQuery {
  const subject = 'history(name, options)'
  checkMembers(subject, options, ['limit', 'before'])
  const { limit = historyLimit, before = null } = options
  expectThat(Number.isSafeInteger(limit) && limit >= 1, `${subject}.limit`, limit, 'a whole number from 1')
  expectThat(isPlace(before), `${subject}.before`, before, 'the id of a run, a Date or an ISO 8601 string')
  return { limit, before: before instanceof Date ? before.toISOString() : before }
}

function isPlace(before: unknown): boolean {
  if (before instanceof Date) return Number.isFinite(before.getTime())
  return before === null || (typeof before === 'string' && (idPattern.test(before) || isIsoInstant(before)))
}
