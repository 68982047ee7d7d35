import type { LibraryDatabase } from './database'
import type { Item } from './items'

/** Whether a file has been analysed as it is today, by today's analysis. */
export function isAnalysed(database: LibraryDatabase, { id, size, mtimeMs }: Item, version: number): boolean {
  const sql = 'SELECT 1 FROM analysis WHERE item_id = ? AND version = ? AND size = ? AND mtime_ms = ?'
  return database.get(sql, id, version, size, mtimeMs) !== undefined
}

/** What was measured of an item, or `undefined`. */
export function analysisOf<Measures>(database: LibraryDatabase, id: number): Measures | undefined {
  const row = database.get<{ measures: string }>('SELECT measures FROM analysis WHERE item_id = ?', id)
  return row && (JSON.parse(row.measures) as Measures)
}

/** Keeps what was measured. An item that has left the library meanwhile stays away. */
export async function saveAnalysis(
  database: LibraryDatabase,
  signal: AbortSignal,
  { id, size, mtimeMs }: Item,
  version: number,
  measures: object,
): Promise<void> {
  const sql = `INSERT OR REPLACE INTO analysis (item_id, version, size, mtime_ms, measures)
               SELECT id, ?, ?, ?, ? FROM item WHERE id = ?`
  await database.write(signal, (run) => run(sql, version, size, mtimeMs, JSON.stringify(measures), id))
}
