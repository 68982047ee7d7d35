import { rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { TaskFunction } from 'express-butler'
import { backupOf, backupsIn, checksumOf, unfinishedIn } from '../library/backups'
import type { Library } from '../library/library'
import { runLongStatement } from '../library/long-statement'
import { replaceFile, temporaryOf } from '../library/replace-file'
import { conclude, type WorkContext } from './work-list'

/** How many backups are kept, the new one among them. */
const KEPT = 4
/** What must stay free on the disk beside the copy, in bytes. */
const RESERVE = 16 * 1024 * 1024

/**
 * Keeps a verified copy of the library database, one for each day. A damaged database is not copied, and the earlier copies stay.
 * The copy is made in one step, `VACUUM INTO`: one made page by page would start anew whenever somebody writes.
 */
export function backupDatabase(library: Library): TaskFunction {
  const { folders, database, now } = library
  return async (context) => {
    const { signal, progress } = context
    const name = backupOf(now())
    const target = join(folders.backups, name)

    await expectRoom(library)
    progress(0.1, 'checking the database')
    await expectSound(signal, database.file, 'quick_check')
    progress(0.3, `copying to ${name}`)
    const { isNew, checksum } = await copy(library, target, context)
    const removed = await removeOld(folders.backups)

    const { size: bytes } = await stat(target)
    const changed = (isNew ? 1 : 0) + removed.length
    const summary = `${changed} changed: ${name} ${isNew ? 'written' : 'is up to date'}, ${removed.length} old ones removed`
    return conclude(context, summary, { changed, file: name, bytes, checksum, removed })
  }
}

async function expectRoom({ folders, database, freeBytes }: Library): Promise<void> {
  const { size } = await stat(database.file)
  const free = await freeBytes(folders.backups)
  if (free >= size + RESERVE) return
  throw new Error(`${folders.backups} has ${free} bytes left; a backup needs ${size + RESERVE}. Nothing was changed.`)
}

/** Rejects with the first thing that a check of SQLite's finds. */
async function expectSound(signal: AbortSignal, file: string, check: 'quick_check' | 'integrity_check'): Promise<void> {
  const [finding = {}] = await runLongStatement<Record<string, string>>(signal, file, `PRAGMA ${check}(1)`)
  const [said] = Object.values(finding)
  if (said !== 'ok')
    throw new Error(`${basename(file)} is damaged, and earlier backups were kept. ${check} says: ${said}`)
}

async function copy({ database }: Library, target: string, { signal, progress }: WorkContext) {
  const before = await checksumOf(target, signal)
  let checksum: string | null = null
  await removeJournal(target)
  try {
    await replaceFile(target, async (temporary) => {
      await runLongStatement(signal, database.file, 'VACUUM INTO ?', temporary)
      progress(0.7, 'checking the copy')
      await expectSound(signal, temporary, 'integrity_check')
      checksum = await checksumOf(temporary, signal)
      return checksum !== before
    })
  } finally {
    await removeJournal(target)
  }
  return { isNew: checksum !== before, checksum }
}

/** A VACUUM INTO that is killed leaves its journal, which SQLite would later apply to another copy of the same name. */
async function removeJournal(target: string): Promise<void> {
  await rm(`${temporaryOf(target)}-journal`, { force: true })
}

async function removeOld(folder: string): Promise<string[]> {
  const old = (await backupsIn(folder)).slice(KEPT)
  for (const name of [...old, ...(await unfinishedIn(folder))]) await rm(join(folder, name), { force: true })
  return old
}
