import Database from 'libsql'

/** Longest wait for others who write, in milliseconds. Waiting holds up nobody in a process of its own. */
const LONGEST_WAIT = 60_000

/** The library database as a process of its own opens it, for work that would hold up the server. */
export function openDatabase(file: string): Database.Database {
  const database = new Database(file, { timeout: LONGEST_WAIT })
  database.exec('PRAGMA foreign_keys = ON')
  return database
}

/** Says to the server what went wrong, in a line. */
export function endWith(error: unknown): void {
  const { code, message } = error as { code?: string; message: string }
  process.stderr.write(`${code ?? 'Error'}: ${message}`)
  process.exitCode = 1
}
