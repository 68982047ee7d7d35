import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql'
import { codeOf } from './error-code'
import type { Folders } from './folders'
import { OperatorError } from './operator-error'

/** Nobody else has a lock while somebody has it alone; many may share it. */
export interface LibraryLock {
  release(): void
}

/** How long a server that shares its library waits for one that opens it alone, and how often it looks, in milliseconds. */
const LONGEST_WAIT = 10_000
const LOOK_EVERY = 100

/**
 * Locks the library against other processes: for one server, or one backup that is being brought back. The lock is SQLite's on an
 * empty file beside the library, so the system takes it back when a process ends, however it ends, and a database that was destroyed
 * does not matter. Rejects with an `OperatorError`.
 */
export async function lockLibrary({ data }: Pick<Folders, 'data'>): Promise<LibraryLock> {
  const lock = await tryLock(join(data, 'library.lock'), ALONE)
  if (lock) return lock
  throw inUse(data)
}

/**
 * Locks the library against whoever wants it alone: for servers on one machine that share a Butler, and so a library. `prepare` is
 * done alone by whoever comes first, for as long as it `isNeeded`. Rejects with an `OperatorError`.
 */
export async function shareLibrary(
  { data }: Pick<Folders, 'data'>,
  { isNeeded, prepare }: { isNeeded(): Promise<boolean>; prepare(): Promise<void> },
): Promise<LibraryLock> {
  const file = join(data, 'library.lock')
  for (let waited = 0; waited < LONGEST_WAIT; waited += LOOK_EVERY) {
    const alone = (await isNeeded()) ? await tryLock(file, ALONE) : null
    if (alone) await prepare().finally(() => alone.release())
    const lock = await tryLock(file, SHARED)
    if (lock && !(await isNeeded())) return lock
    lock?.release()
    await sleep(LOOK_EVERY)
  }
  throw inUse(data)
}

/** Waits until nobody else does what goes by that name in the data folder. */
export async function waitForLock({ data }: Pick<Folders, 'data'>, name: string, signal: AbortSignal) {
  for (;;) {
    const lock = await tryLock(join(data, `${name}.lock`), ALONE)
    if (lock) return lock
    await sleep(LOOK_EVERY, undefined, { signal })
  }
}

// Nothing is ever written, so there is nothing to keep a journal of.
const ALONE = 'PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'
/** Whoever has read within a transaction keeps others from having it alone. */
const SHARED = 'PRAGMA journal_mode = MEMORY; BEGIN; SELECT * FROM sqlite_schema'

/** `null`: somebody else has it. */
async function tryLock(file: string, statements: string): Promise<LibraryLock | null> {
  await expectOurs(file)
  const connection = new Database(file)
  try {
    connection.exec(statements)
  } catch (cause) {
    connection.close()
    if (codeOf(cause) !== 'SQLITE_BUSY') throw cause
    return null
  }
  return { release: () => connection.close() }
}

function inUse(data: string): OperatorError {
  const wayOut = 'Stop that process first, or wait for it; or name another folder: DATA_DIR'
  const message = `${data} is in use by another process: a server that runs, or a backup that is being brought back.`
  return new OperatorError(`${message} ${wayOut}`)
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
