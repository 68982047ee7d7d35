import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { backupsIn } from '../library/backups'
import { codeOf } from '../library/error-code'
import { type Folders, foldersOf } from '../library/folders'
import { lockLibrary } from '../library/library-lock'
import { OperatorError } from '../library/operator-error'
import { finishRestorations, restoreBackup } from '../library/restoration'
import { readDataDir } from '../server/environment'
import { runScript } from './run-script'

/** Brings a backup back: `npm run restore -- <backup>`. Without one it tells which there are. */
async function main(args: readonly string[]): Promise<void> {
  const folders = foldersOf(readDataDir(process.env), null)
  const backups = await listBackups(folders)
  if (args.length === 0) {
    console.log(`No backup was named, so nothing was brought back. ${await listing(folders, backups)}`)
    return
  }
  const backup = await find(args, folders, backups)
  const lock = await lockLibrary(folders)
  try {
    for (const folder of await finishRestorations(folders)) {
      console.log(`First finished what was cut off before; the database from before that is in ${folder}.`)
    }
    const { items, bytes, setAside } = await restoreBackup(folders, backup, new Date())
    console.log(
      `${basename(backup)} is sound: ${items} items, ${bytes} bytes. It is now ${join(folders.data, 'library.db')}.`,
    )
    console.log(setAside ? undo(setAside) : 'There was no database before, so nothing was set aside.')
  } finally {
    lock.release()
  }
}

function undo(setAside: string): string {
  return `What was there before is in ${setAside}.\nTo undo, if that one is sound: npm run restore -- "${join(setAside, 'library.db')}"`
}

async function listBackups({ data, backups }: Folders): Promise<string[]> {
  return backupsIn(backups).catch((cause: Error) => {
    const isMissing = codeOf(cause) === 'ENOENT'
    const missing = 'which has no folder of backups; expected the folder of a server.'
    const found = isMissing ? missing : `whose backups cannot be read: ${cause.message}`
    throw new OperatorError(`DATA_DIR is ${data}, ${found}`, { cause })
  })
}

async function listing(folders: Folders, backups: readonly string[]): Promise<string> {
  const [newest] = backups
  if (newest === undefined) return `There are no backups in ${folders.backups}; the task BackupDatabase makes them.`
  const lines = backups.map(async (name) => `  ${name}  ${(await stat(join(folders.backups, name))).size} bytes`)
  const wayOut = `To bring back the newest: npm run restore -- ${newest}`
  return [`Backups in ${folders.backups}, newest first:`, ...(await Promise.all(lines)), wayOut].join('\n')
}

async function find(args: readonly string[], folders: Folders, backups: readonly string[]): Promise<string> {
  const found = args.length === 1 ? await pathOf(args[0] ?? '', folders, backups) : undefined
  if (found !== undefined) return found
  const asked = args.map((arg) => JSON.stringify(arg)).join(' ')
  const expected = 'expected the name of one, or its path, in quotes if it has spaces'
  throw new OperatorError(`${asked} is no backup; ${expected}. ${await listing(folders, backups)}`)
}

/** Of a name among the backups; else of a path, from where npm was called or below DATA_DIR. */
async function pathOf(asked: string, folders: Folders, backups: readonly string[]): Promise<string | undefined> {
  if (backups.includes(asked)) return join(folders.backups, asked)
  for (const path of [resolve(process.env.INIT_CWD ?? '', asked), resolve(folders.data, asked)]) {
    if ((await stat(path).catch(() => undefined))?.isFile()) return path
  }
  return undefined
}

runScript(main)
