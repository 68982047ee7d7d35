import type { PhotoTag } from '../media/photo-tags'
import type { LibraryDatabase } from './database'
import type { Finder } from './findings'
import { runLongStatement } from './long-statement'

/** Gives a photo these tags instead of those it had, all in one transaction. One that has left the library stays away. */
export async function saveTags(
  database: LibraryDatabase,
  signal: AbortSignal,
  item: number,
  tags: readonly PhotoTag[],
): Promise<void> {
  await database.write(signal, (run) => {
    run('DELETE FROM photo_tag WHERE item_id = ?', item)
    for (const { source, kind, name } of tags) {
      run(
        'INSERT OR IGNORE INTO photo_tag (item_id, source, kind, name) SELECT id, ?, ?, ? FROM item WHERE id = ?',
        source,
        kind,
        name,
        item,
      )
    }
  })
}

const stale = `
  FROM photo_tag WHERE NOT EXISTS (
    SELECT 1 FROM item JOIN finding ON finding.item_id = item.id
    WHERE item.id = photo_tag.item_id AND task = ? AND version = ?
      AND finding.size = item.size AND finding.mtime_ms = item.mtime_ms AND item.problem IS NULL)`

/** Removes the tags of photos that have changed since and could not be read again. Resolves with how many photos those are. */
export async function forgetStaleTags(
  database: LibraryDatabase,
  signal: AbortSignal,
  { task, version }: Finder,
): Promise<number> {
  const ask = <Row>(sql: string) => runLongStatement<Row>(signal, database.file, sql, task, version)
  const [found] = await ask<{ photos: number }>(`SELECT count(DISTINCT item_id) AS photos ${stale}`)
  const photos = found?.photos ?? 0
  if (photos > 0) await ask(`DELETE ${stale}`)
  return photos
}
