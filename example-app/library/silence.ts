import type { LibraryDatabase } from './database'

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
