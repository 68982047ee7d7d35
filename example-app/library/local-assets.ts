import { isDeepStrictEqual } from 'node:util'
import type { Nfo } from '../media/nfo'
import type { Role } from '../media/sidecars'
import type { LibraryDatabase } from './database'

/** Something of an item that lies beside it, or in it. */
export interface LocalAsset {
  /** Below the media folder; the item's own when it lies in it. */
  path: string
  role: Role | 'embedded'
  size: number
  mtimeMs: number
  language: string | null
  forced: boolean
  sdh: boolean
  /** The copy in the item's bundle. `null`: it stays where it is, or, embedded, there is none. */
  copy: string | null
  /** What a .nfo file says. */
  nfo: Nfo | null
}

type Row = Omit<LocalAsset, 'forced' | 'sdh' | 'nfo'> & { forced: number; sdh: number; nfo: string | null }

export function localAssetsOf(database: LibraryDatabase, itemId: number): LocalAsset[] {
  const columns = 'path, role, size, mtime_ms AS mtimeMs, language, forced, sdh, copy, nfo'
  const rows = database.all<Row>(`SELECT ${columns} FROM local_asset WHERE item_id = ? ORDER BY role, path`, itemId)
  return rows.map((row) => ({
    ...row,
    forced: row.forced === 1,
    sdh: row.sdh === 1,
    nfo: row.nfo === null ? null : JSON.parse(row.nfo),
  }))
}

/** What is new or newer among the assets of an item, and what is no longer there. */
export function compareAssets(before: readonly LocalAsset[], after: readonly LocalAsset[]) {
  const found = after.filter((asset) => isThere(asset) && !before.some((old) => isDeepStrictEqual(old, asset)))
  const isLeft = ({ path, role }: LocalAsset) =>
    after.some((asset) => asset.path === path && asset.role === role && isThere(asset))
  const gone = before.filter((old) => isThere(old) && !isLeft(old))
  return { found: found.length, gone: gone.length }
}

/** That a file has no picture in it is kept too. */
function isThere({ role, copy }: LocalAsset): boolean {
  return role !== 'embedded' || copy !== null
}

/** How many there are of all items. That a file has no picture in it is no asset. */
export function countLocalAssets(database: LibraryDatabase): number {
  const sql = `SELECT count(*) AS count FROM local_asset WHERE role <> 'embedded' OR copy IS NOT NULL`
  return database.get<{ count: number }>(sql)?.count ?? 0
}

/** Keeps the assets of an item, instead of what was kept before. An item that has left the library meanwhile stays away. */
export async function saveLocalAssets(
  database: LibraryDatabase,
  signal: AbortSignal,
  itemId: number,
  assets: readonly LocalAsset[],
): Promise<void> {
  const insert = `INSERT INTO local_asset (path, role, size, mtime_ms, language, forced, sdh, copy, nfo, item_id)
                  SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, id FROM item WHERE id = ?`
  await database.write(signal, (run) => {
    run('DELETE FROM local_asset WHERE item_id = ?', itemId)
    for (const { path, role, size, mtimeMs, language, forced, sdh, copy, nfo } of assets) {
      const said = nfo && JSON.stringify(nfo)
      run(insert, path, role, size, mtimeMs, language, Number(forced), Number(sdh), copy, said, itemId)
    }
  })
}
