import { access, chmod, copyFile, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Folders, makeFolder } from './folders'
import { runLongStatement } from './long-statement'
import { OperatorError } from './operator-error'
import { flush, flushFolder } from './replace-file'
import { schemaSteps } from './schema'

/** A database that is complete and sound, and takes the place of the present one. It being there is the decision. */
const DECIDED = 'library.db-restored'
/** The same before it is known to be sound. */
const DRAFT = 'library.db.part'

/** What SQLite keeps beside a database: without them it is not complete, and beside another one they would spoil it. */
const companions = ['-wal', '-shm', '-journal']

export interface Restored {
  items: number
  bytes: number
  /** The folder in which the former database lies now; `null` when there was none. */
  setAside: string | null
}

/**
 * Puts a copy of a backup in the place of the library database, which is set aside as it is, together with what SQLite keeps beside
 * it. For whoever has the library's lock. Killed at any moment, it leaves the former database, or the decision for the new one:
 * then whoever opens the library next finishes with `finishRestorations`. Rejects with an `OperatorError`, and nothing was changed.
 */
export async function restoreBackup(folders: Folders, backup: string, now: Date): Promise<Restored> {
  const folder = await newFolder(folders.setAside, now)
  let found: Omit<Restored, 'setAside'>
  try {
    const draft = join(folder, DRAFT)
    await copyDatabase(backup, draft)
    found = await expectLibrary(draft, backup)
    await flush(draft)
    await rename(draft, join(folder, DECIDED))
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  await flushFolder(folder)
  await flushFolder(folders.setAside)
  await flushFolder(folders.data)
  return { ...found, setAside: await finish(folders, folder) }
}

/** Whether a process that was killed had decided for another database, or had begun to look at one. */
export async function isRestorationUnfinished({ setAside }: Folders): Promise<boolean> {
  for (const name of await namesIn(setAside)) {
    const files = await namesIn(join(setAside, name))
    if (isDecided(files) || (files.length > 0 && isDraft(files))) return true
  }
  return false
}

/**
 * Finishes what a process that was killed had decided, and takes away what it had not. Resolves with the folders in which former
 * databases lie now. For whoever has the library's lock.
 */
export async function finishRestorations(folders: Folders): Promise<string[]> {
  const finished: string[] = []
  for (const name of await namesIn(folders.setAside)) {
    const folder = join(folders.setAside, name)
    const files = await namesIn(folder)
    if (isDecided(files)) {
      await finish(folders, folder)
      finished.push(folder)
    } else if (isDraft(files)) {
      for (const file of files) await rm(join(folder, file))
      await rmdir(folder).catch(() => {}) // Not a folder of ours.
    }
  }
  return finished
}

function isDecided(files: readonly string[]): boolean {
  return files.includes(DECIDED)
}

/** Nothing has been set aside yet. */
function isDraft(files: readonly string[]): boolean {
  return files.every((file) => file.startsWith(DRAFT))
}

/** Every step can be repeated, and none overwrites. */
async function finish({ data }: Folders, folder: string): Promise<string | null> {
  for (const end of [...companions, '']) {
    await setAside(join(data, `library.db${end}`), join(folder, `library.db${end}`))
  }
  await flushFolder(folder)
  await rename(join(folder, DECIDED), join(data, 'library.db'))
  await flushFolder(data)
  await flushFolder(folder)
  const isEmpty = (await readdir(folder)).length === 0
  if (isEmpty) await rmdir(folder)
  return isEmpty ? null : folder
}

async function setAside(file: string, target: string): Promise<void> {
  if (!(await exists(file))) return
  if (await exists(target)) {
    throw new OperatorError(`${file} was made while a backup was being brought back. Move it away, and try again.`)
  }
  await rename(file, target)
}

/** A backup is one file. A database that was set aside may come with what SQLite keeps beside it. */
async function copyDatabase(from: string, draft: string): Promise<void> {
  for (const end of ['', '-wal', '-journal']) {
    if (end === '' || (await exists(`${from}${end}`))) await copyFile(`${from}${end}`, `${draft}${end}`)
  }
  const { mode } = await stat(draft)
  await chmod(draft, mode | 0o600)
}

/** Brings a copy into one file, and rejects when that is not a sound library that this server can use. */
async function expectLibrary(draft: string, backup: string): Promise<{ items: number; bytes: number }> {
  const { signal } = new AbortController()
  const ask = async (sql: string): Promise<unknown> => {
    const [row = {}] = await runLongStatement<Record<string, unknown>>(signal, draft, sql).catch((cause: Error) => {
      throw unfit(backup, reasonIn(cause.message), cause)
    })
    return Object.values(row)[0]
  }
  const finding = await ask('PRAGMA integrity_check(1)')
  if (finding !== 'ok') throw unfit(backup, `is damaged: ${finding}`)
  await ask('PRAGMA journal_mode = DELETE')
  // The check may pass over the list of unused pages where the schema has virtual tables; this makes a new one.
  await ask('VACUUM')
  const steps = Number(await ask('PRAGMA user_version'))
  if (steps > schemaSteps.length) throw unfit(backup, 'was made by a newer version of this server')
  const tables = await ask("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'item'")
  if (steps === 0 || tables !== 1) throw unfit(backup, 'is a database, but not a library')
  const items = Number(await ask('SELECT count(*) FROM item'))
  for (const end of companions) await rm(`${draft}${end}`, { force: true })
  return { items, bytes: (await stat(draft)).size }
}

function reasonIn(message: string): string {
  if (message.startsWith('SQLITE_NOTADB')) return 'is not a database'
  return message.startsWith('SQLITE_CORRUPT') ? `is damaged: ${message}` : `cannot be checked: ${message}`
}

function unfit(backup: string, reason: string, cause?: Error): OperatorError {
  return new OperatorError(`${backup} ${reason}. Nothing was changed; take another backup.`, { cause })
}

/** Named by the local time, as an operator would call it. */
async function newFolder(parent: string, now: Date): Promise<string> {
  await makeFolder(parent)
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000)
  const name = local.toISOString().slice(0, 19).replaceAll(':', '-')
  for (let count = 1; ; count += 1) {
    const folder = join(parent, count === 1 ? name : `${name}-${count}`)
    if (await isMade(folder)) return folder
  }
}

async function isMade(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

/** Nothing where there is no folder. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
