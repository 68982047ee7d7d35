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

const page = `
  SELECT item.id AS item, finding.found FROM item JOIN finding ON finding.item_id = item.id
  WHERE finding.task = ? AND finding.version = ? AND finding.size = item.size AND finding.mtime_ms = item.mtime_ms
    AND item.problem IS NULL AND item.id > ?
  ORDER BY item.id LIMIT 500`

/** What a task found in each of the files as they are today, in the order of the items' ids. The server answers in between. */
export async function* eachFinding<Found extends object>(database: LibraryDatabase, { task, version }: Finder) {
  type Row = { item: number; found: string }
  const rows = database.each<Row>({ sql: page, values: [task, version], keyOf: ({ item }) => [item], first: [0] })
  for await (const { item, found } of rows) yield { item, found: JSON.parse(found) as Found }
}
