import type { Library } from '../../library/library'

/** Fills the library with so many items of half a kilobyte each, without files. */
export async function addItems({ database }: Library, count: number): Promise<void> {
  await database.write(new AbortController().signal, (run) => {
    run(
      `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
       INSERT INTO item (path, kind, size, mtime_ms, title)
       SELECT 'Films/' || n || '.mp4', 'video', 1, 1, hex(randomblob(250)) FROM number`,
      count,
    )
  })
}

/** Fills the library with so many pieces of music, each by an artist of its own, without files. */
export async function addSongs({ database }: Library, count: number): Promise<void> {
  await database.write(new AbortController().signal, (run) => {
    run(
      `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
       INSERT INTO item (path, kind, size, mtime_ms, title, artist)
       SELECT 'Music/' || n || '.flac', 'music', 1, 1, 'A Title', 'Artist ' || n FROM number`,
      count,
    )
  })
}

export async function removeItems({ database }: Library, where: string): Promise<void> {
  await database.write(new AbortController().signal, (run) => run(`DELETE FROM item WHERE ${where}`))
}

export function itemCount({ database }: Pick<Library, 'database'>): number {
  return database.get<{ count: number }>('SELECT count(*) AS count FROM item')?.count ?? 0
}
