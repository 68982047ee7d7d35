import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'libsql'
import { codeOf } from './database'
import type { Folders } from './folders'
import { OperatorError } from './operator-error'

/** Who has it is alone with the library: one server, or one backup that is being brought back. */
export interface LibraryLock {
  release(): void
}

/**
 * Locks the library against other processes. The lock is SQLite's on an empty file beside the library, so the system takes it back
 * when a process ends, however it ends, and a database that was destroyed does not matter. Rejects with an `OperatorError`.
 */
export async function lockLibrary({ data }: Pick<Folders, 'data'>): Promise<LibraryLock> {
  const file = join(data, 'library.lock')
  await expectOurs(file)
  const connection = new Database(file)
  try {
    // Nothing is ever written, so there is nothing to keep a journal of.
    connection.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (cause) {
    connection.close()
    if (codeOf(cause) !== 'SQLITE_BUSY') throw cause
    const wayOut = 'Stop that process first, or wait for it; or name another folder: DATA_DIR'
    const message = `${data} is in use by another process: a server that runs, or a backup that is being brought back.`
    throw new OperatorError(`${message} ${wayOut}`, { cause })
  }
  return { release: () => connection.close() }
}

/** What one account writes, the server of another one could not write later. */
async function expectOurs(file: string): Promise<void> {
  const owner = (await stat(file).catch(() => undefined))?.uid
  const self = process.getuid?.()
  if (owner === undefined || self === undefined || owner === self) return
  throw new OperatorError(
    `${file} belongs to account ${owner}, and this is account ${self}. Use the account of the server.`,
  )
}
