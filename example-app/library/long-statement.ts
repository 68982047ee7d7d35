import { dirname, join } from 'node:path'
import { runProgram } from '../programs/program'
import type { Value } from './database'

/** Where a program of this room lies: as JavaScript also where this file runs as TypeScript, under Jest. */
export function programOf(name: string): string {
  return join(__dirname, __filename.endsWith('.ts') ? '../dist/library' : '', `${name}.js`)
}

/** SQLite's temporary files may grow as large as the database: they belong on its disk, where room was looked for. */
export function envFor(databaseFile: string): NodeJS.ProcessEnv {
  return { ...process.env, SQLITE_TMPDIR: dirname(databaseFile) }
}

/**
 * Runs a statement that goes through the whole database, such as `VACUUM`, in a process of its own, and resolves with its rows.
 * The server answers meanwhile, and a stop ends the statement at once, which SQLite survives as it survives a crash. A thread
 * would not do: nothing can end a thread that is inside a statement.
 */
export async function runLongStatement<Row>(
  signal: AbortSignal,
  databaseFile: string,
  sql: string,
  ...values: Value[]
): Promise<Row[]> {
  const args = [programOf('statement-process'), databaseFile, sql, JSON.stringify(values)]
  return JSON.parse(await runProgram(process.execPath, args, { signal, env: envFor(databaseFile) })) as Row[]
}
