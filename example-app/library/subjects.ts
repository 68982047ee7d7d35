import { isDeepStrictEqual } from 'node:util'
import { episodeOf } from '../media/episode'
import { artistOf } from '../media/membership'
import type { LibraryDatabase } from './database'
import { eachItem } from './items'
import type { Metadata, Subject } from './metadata-provider'

/** An artist or a show, and when it was asked about. Instants in milliseconds since 1970; `null`: never. */
export interface SubjectState extends Subject {
  triedAt: number | null
  refreshedAt: number | null
  /** Since it was last refreshed. */
  failures: number
  retryAt: number | null
}

/**
 * All artists and shows of the library. Those that are new are noted, those that have left it are forgotten, one by one: whoever is
 * stopped in between leaves the rest to the next. Resolves with them and with how many were forgotten.
 */
export async function followSubjects(database: LibraryDatabase, signal: AbortSignal) {
  const present = await subjectsOf(database)
  const change = async (sql: string, { kind, name }: Subject) => {
    signal.throwIfAborted()
    await database.write(signal, (run) => run(sql, kind, name))
  }
  let forgotten = 0
  for await (const subject of eachSubject(database)) {
    if (present.delete(keyOf(subject))) continue
    await change('DELETE FROM subject WHERE kind = ? AND name = ?', subject)
    forgotten += 1
  }
  for (const subject of present.values()) await change('INSERT INTO subject (kind, name) VALUES (?, ?)', subject)
  const subjects: SubjectState[] = []
  for await (const subject of eachSubject(database)) subjects.push(subject)
  return { subjects, forgotten }
}

function eachSubject(database: LibraryDatabase): AsyncGenerator<SubjectState> {
  const sql = `SELECT kind, name, tried_at AS triedAt, refreshed_at AS refreshedAt, failures, retry_at AS retryAt
               FROM subject WHERE (kind, name) > (?, ?) ORDER BY kind, name LIMIT 500`
  return database.each<SubjectState>({ sql, keyOf: ({ kind, name }) => [kind, name], first: ['', ''] })
}

async function subjectsOf(database: LibraryDatabase): Promise<Map<string, Subject>> {
  const subjects = new Map<string, Subject>()
  const note = (subject: Subject) => subjects.set(keyOf(subject), subject)
  for await (const { tag } of eachArtistTag(database)) {
    const name = artistOf(tag)
    if (name !== null) note({ kind: 'artist', name })
  }
  for await (const { kind, path, problem } of eachItem(database)) {
    const name = kind === 'video' && problem === null ? episodeOf(path)?.show : undefined
    if (name !== undefined) note({ kind: 'show', name })
  }
  return subjects
}

function eachArtistTag(database: LibraryDatabase): AsyncGenerator<{ tag: string }> {
  const sql = `SELECT DISTINCT artist AS tag FROM item
               WHERE kind = 'music' AND problem IS NULL AND artist > ? ORDER BY artist LIMIT 500`
  return database.each<{ tag: string }>({ sql, keyOf: ({ tag }) => [tag], first: [''] })
}

function keyOf({ kind, name }: Subject): string {
  return `${kind} ${name}`
}

export function metadataOf(database: LibraryDatabase, { kind, name }: Subject): Metadata | null {
  const sql = 'SELECT metadata FROM subject WHERE kind = ? AND name = ? AND metadata IS NOT NULL'
  const row = database.get<{ metadata: string }>(sql, kind, name)
  return row ? JSON.parse(row.metadata) : null
}

/** Resolves with whether anything is different from what was known. */
export async function noteRefreshed(
  database: LibraryDatabase,
  signal: AbortSignal,
  subject: Subject,
  metadata: Metadata,
  now: number,
): Promise<boolean> {
  const isNews = !isDeepStrictEqual(metadataOf(database, subject), metadata)
  const sql = `UPDATE subject SET tried_at = ?, refreshed_at = ?, failures = 0, retry_at = NULL, metadata = ?
               WHERE kind = ? AND name = ?`
  await database.write(signal, (run) => run(sql, now, now, JSON.stringify(metadata), subject.kind, subject.name))
  return isNews
}

export async function noteFailed(
  database: LibraryDatabase,
  signal: AbortSignal,
  { kind, name }: Subject,
  now: number,
  retryAt: number,
): Promise<void> {
  const sql = 'UPDATE subject SET tried_at = ?, failures = failures + 1, retry_at = ? WHERE kind = ? AND name = ?'
  await database.write(signal, (run) => run(sql, now, retryAt, kind, name))
}
