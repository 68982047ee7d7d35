import { isDeepStrictEqual } from 'node:util'
import { episodeOf } from '../media/episode'
import type { LibraryDatabase } from './database'
import { itemsOf } from './items'
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
 * All artists and shows of the library. Those that are new are noted, those that have left it are forgotten. Resolves with them and
 * with how many were forgotten.
 */
export async function followSubjects(database: LibraryDatabase, signal: AbortSignal) {
  const present = await subjectsOf(database)
  const known = allSubjects(database)
  const gone = known.filter((subject) => !present.has(keyOf(subject)))
  for (const subject of known) present.delete(keyOf(subject))
  if (gone.length + present.size > 0) {
    await database.write(signal, (run) => {
      for (const { kind, name } of gone) run('DELETE FROM subject WHERE kind = ? AND name = ?', kind, name)
      for (const { kind, name } of present.values()) run('INSERT INTO subject (kind, name) VALUES (?, ?)', kind, name)
    })
  }
  return { subjects: allSubjects(database), forgotten: gone.length }
}

function allSubjects(database: LibraryDatabase): SubjectState[] {
  return database.all(`SELECT kind, name, tried_at AS triedAt, refreshed_at AS refreshedAt, failures, retry_at AS retryAt
                       FROM subject ORDER BY kind, name`)
}

async function subjectsOf(database: LibraryDatabase): Promise<Map<string, Subject>> {
  const artists = database.all<{ name: string }>(
    `SELECT DISTINCT artist AS name FROM item WHERE kind = 'music' AND problem IS NULL AND artist <> ''`,
  )
  const films = await itemsOf(database, ['video'])
  const shows = new Set(films.map(({ path }) => episodeOf(path)?.show).filter((name) => name !== undefined))
  const subjects: Subject[] = [
    ...artists.map(({ name }) => ({ kind: 'artist' as const, name })),
    ...[...shows].map((name) => ({ kind: 'show' as const, name })),
  ]
  return new Map(subjects.map((subject) => [keyOf(subject), subject]))
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

/** How often in a row a provider was found silent, and until when it is left alone. */
export interface Silence {
  failures: number
  retryAt: number
}

export function silenceOf(database: LibraryDatabase, provider: string): Silence | undefined {
  return database.get('SELECT failures, retry_at AS retryAt FROM silent_provider WHERE name = ?', provider)
}

export async function noteSilence(
  database: LibraryDatabase,
  signal: AbortSignal,
  provider: string,
  { failures, retryAt }: Silence,
): Promise<void> {
  const sql = 'INSERT OR REPLACE INTO silent_provider (name, failures, retry_at) VALUES (?, ?, ?)'
  await database.write(signal, (run) => run(sql, provider, failures, retryAt))
}

export async function forgetSilence(database: LibraryDatabase, signal: AbortSignal, provider: string): Promise<void> {
  if (!silenceOf(database, provider)) return
  await database.write(signal, (run) => run('DELETE FROM silent_provider WHERE name = ?', provider))
}
