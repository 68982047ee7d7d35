import { checkMembers, expectThat } from '../options'
import type { HistoryQuery } from './queue'

/** Which runs of a task are asked for. */
export interface HistoryOptions {
  /** At most so many. Default: all that are kept. */
  limit?: number
  /** Only runs older than this one, by its id, or started before this instant. */
  before?: string | Date
}

/** Throws `BUTLER_INVALID_OPTIONS`. */
export function readHistoryOptions(options: HistoryOptions, historyLimit: number): HistoryQuery {
  const subject = 'history(name, options)'
  checkMembers(subject, options, ['limit', 'before'])
  const { limit = historyLimit, before = null } = options
  expectThat(Number.isSafeInteger(limit) && limit >= 1, `${subject}.limit`, limit, 'a whole number from 1')
  const isPlace =
    before instanceof Date ? Number.isFinite(before.getTime()) : before === null || typeof before === 'string'
  expectThat(isPlace, `${subject}.before`, before, 'the id of a run, a Date or an ISO 8601 string')
  return { limit, before: before instanceof Date ? before.toISOString() : before }
}
