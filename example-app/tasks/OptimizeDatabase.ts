import { stat } from 'node:fs/promises'
import type { TaskFunction } from 'express-butler'
import type { Library } from '../library/library'
import { runLongStatement } from '../library/long-statement'
import { conclude } from './work-list'

/** The share of the database that must lie unused before it is worth rewriting all of it. */
const WORTH_IT = 0.1

/** How the database is kept. */
export interface Condition {
  bytes: number
  /** Of the write-ahead log. */
  logBytes: number
  pages: number
  unusedPages: number
  /** What the query planner knows of the tables. */
  statistics: string
  /** Pieces of the full-text index; one is the fastest to search. */
  searchPieces: number
}

/**
 * Merges the full-text index, gives unused space back when that is worth it, refreshes what the query planner knows, and empties the
 * write-ahead log. SQLite survives a stop in the middle of any step. Waits for BackupDatabase: first a copy, then a rewrite.
 */
export function optimizeDatabase(library: Library): TaskFunction {
  const { database, folders, freeBytes } = library
  return async (context) => {
    const step = async (fraction: number, says: string, sql: string) => {
      context.progress(fraction, says)
      await runLongStatement(context.signal, database.file, sql)
    }
    const before = await conditionOf(library)
    await step(0, 'merging the full-text index', `INSERT INTO item_search (item_search) VALUES ('optimize')`)
    const vacuum = judgeVacuum(await conditionOf(library), await freeBytes(folders.data))
    if (vacuum.isWorthIt) await step(0.2, 'giving unused space back', 'VACUUM')
    await step(0.6, 'counting for the query planner', 'ANALYZE')
    await step(0.8, 'counting for the query planner', 'PRAGMA optimize')
    await step(0.9, 'emptying the write-ahead log', 'PRAGMA wal_checkpoint(TRUNCATE)')
    const after = await conditionOf(library)

    const changes = changesBetween(before, after)
    const summary = `${changes.length} changed: ${changes.join(', ') || 'all was in order'}; ${vacuum.verdict}`
    const sizes = { bytesBefore: before.bytes + before.logBytes, bytesAfter: after.bytes + after.logBytes }
    return conclude(context, summary, { changed: changes.length, changes, ...sizes, vacuum: vacuum.verdict })
  }
}

/** Whether a VACUUM is worth it, and possible: it needs room for a second and a third copy while it runs. */
export function judgeVacuum({ pages, unusedPages, bytes }: Condition, freeBytes: number) {
  const unused = `${unusedPages} of ${pages} pages unused`
  if (unusedPages < pages * WORTH_IT) return { isWorthIt: false, verdict: `not vacuumed, ${unused}` }
  if (freeBytes >= 2 * bytes) return { isWorthIt: true, verdict: `vacuumed, ${unused}` }
  return {
    isWorthIt: false,
    verdict: `not vacuumed for want of room, ${unused}: ${freeBytes} bytes free, ${2 * bytes} needed`,
  }
}

/** What an operator would notice. */
export function changesBetween(before: Condition, after: Condition): string[] {
  const changes = {
    'search index merged': before.searchPieces !== after.searchPieces,
    'unused space given back': after.pages < before.pages,
    'statistics refreshed': before.statistics !== after.statistics,
    'log emptied': after.logBytes < before.logBytes,
  }
  return Object.entries(changes).flatMap(([name, isChanged]) => (isChanged ? [name] : []))
}

const inside = `
  SELECT (SELECT page_count FROM pragma_page_count) AS pages,
         (SELECT freelist_count FROM pragma_freelist_count) AS unusedPages,
         (SELECT count(DISTINCT segid) FROM item_search_idx) AS searchPieces,
         (SELECT group_concat(line) FROM (SELECT concat(tbl, ' ', idx, ' ', stat) AS line FROM sqlite_stat1 ORDER BY line))
           AS statistics`

async function conditionOf({ database }: Library): Promise<Condition> {
  const [found] = database.all<Omit<Condition, 'bytes' | 'logBytes'>>(inside)
  if (!found) throw new Error(`${database.file} does not say how it is kept.`)
  return { ...found, bytes: await bytesOf(database.file), logBytes: await bytesOf(`${database.file}-wal`) }
}

/** A file that is not there has none. */
async function bytesOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined)
  return found?.size ?? 0
}
