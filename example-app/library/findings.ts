import type { LibraryDatabase } from './database'
import type { Item } from './items'

/** What a finding is of: one task, as far as its code has come. */
export interface Finder {
  task: string
  /** Counts up when the task learns something; then every file has its turn again. */
  version: number
}

/** What a task found in a file as it is today, with today's code; `undefined` when it has yet to look. */
export function findingOf<Found extends object>(
  database: LibraryDatabase,
  { task, version }: Finder,
  { id, size, mtimeMs }: Item,
): Found | undefined {
  const sql = 'SELECT found FROM finding WHERE item_id = ? AND task = ? AND version = ? AND size = ? AND mtime_ms = ?'
  const row = database.get<{ found: string }>(sql, id, task, version, size, mtimeMs)
  return row && (JSON.parse(row.found) as Found)
}

/** Keeps what was found, instead of what was found before. An item that has left the library meanwhile stays away. */
export async function saveFinding(
  database: LibraryDatabase,
  signal: AbortSignal,
  { task, version }: Finder,
  { id, size, mtimeMs }: Item,
  found: object,
): Promise<void> {
  const sql = `INSERT OR REPLACE INTO finding (item_id, task, version, size, mtime_ms, found)
               SELECT id, ?, ?, ?, ?, ? FROM item WHERE id = ?`
  await database.write(signal, (run) => run(sql, task, version, size, mtimeMs, JSON.stringify(found), id))
}
