import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { backupsIn } from '../library/backups'
import { type Folders, foldersOf } from '../library/folders'
import { lockLibrary } from '../library/library-lock'
import { OperatorError } from '../library/operator-error'
import { finishRestorations, restoreBackup } from '../library/restoration'
import { readDataDir } from '../server/environment'

/** Brings a backup back: `npm run restore -- <backup>`. Without a backup it lists those there are, and exits with 2. */
async function main(args: readonly string[]): Promise<number> {
  const folders = foldersOf(readDataDir(process.env), null)
  const backups = await listBackups(folders)
  const [asked] = args
  if (asked === undefined || asked.startsWith('-') || args.length > 1) {
    console.log(`Which backup? npm run restore -- ${backups[0] ?? '<backup>'}\n${await listing(folders, backups)}`)
    return 2
  }
  const backup = await find(asked, folders, backups)
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
    return 0
  } finally {
    lock.release()
  }
}

function undo(setAside: string): string {
  return `What was there before is in ${setAside}.\nTo undo, if that one is sound: npm run restore -- "${join(setAside, 'library.db')}"`
}

async function listBackups({ data, backups }: Folders): Promise<string[]> {
  return backupsIn(backups).catch((cause: Error) => {
    throw new OperatorError(`DATA_DIR is ${data}, which has no folder of backups; expected the folder of a server.`, {
      cause,
    })
  })
}

async function listing(folders: Folders, backups: readonly string[]): Promise<string> {
  if (backups.length === 0) return `There are no backups in ${folders.backups}.`
  const lines = backups.map(async (name) => `  ${name}  ${(await stat(join(folders.backups, name))).size} bytes`)
  return [`Backups in ${folders.backups}, newest first:`, ...(await Promise.all(lines))].join('\n')
}

/** A name among the backups; else a path, from where npm was called or below DATA_DIR. */
async function find(asked: string, folders: Folders, backups: readonly string[]): Promise<string> {
  if (backups.includes(asked)) return join(folders.backups, asked)
  for (const path of [resolve(process.env.INIT_CWD ?? '', asked), resolve(folders.data, asked)]) {
    if ((await stat(path).catch(() => undefined))?.isFile()) return path
  }
  throw new OperatorError(`There is no backup ${JSON.stringify(asked)}.\n${await listing(folders, backups)}`)
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode
  },
  (error: unknown) => {
    console.error(error instanceof OperatorError ? error.message : error)
    process.exitCode = 1
  },
)
