import { join } from 'node:path'
import { findMediaTools, type MediaTools } from '../media/tools'
import { Places } from '../workers/places'
import { Workers } from '../workers/workers'
import { LibraryDatabase } from './database'
import { codeOf } from './error-code'
import { FirstScan } from './first-scan'
import { type Folders, freeBytesOf, makeFolders } from './folders'
import { hasItems } from './items'
import { type LibraryLock, lockLibrary, shareLibrary } from './library-lock'
import { OperatorError } from './operator-error'
import { finishRestorations, isRestorationUnfinished } from './restoration'

/** What the tasks work on. */
export interface Library {
  lock: LibraryLock
  folders: Folders
  database: LibraryDatabase
  tools: MediaTools
  workers: Workers
  /** Where heavy work waits its turn. */
  places: Places
  /** Over, where there are items already. */
  firstScan: FirstScan
  now(): Date
  /** How many bytes may still be written to the disk of a folder. */
  freeBytes(folder: string): Promise<number>
}

/** How a library is opened. */
interface Opening {
  /** Hears of what was found half done and has been finished. Default: nobody. */
  say?(line: string): void
  /** Other servers on this machine may have it open, too. Default: `false`. */
  isShared?: boolean
}

export async function openLibrary(
  folders: Folders,
  { say = () => {}, isShared = false }: Opening = {},
): Promise<Library> {
  const tools = findMediaTools()
  await makeFolders(folders)
  const prepare = async () => {
    for (const folder of await finishRestorations(folders)) {
      say(`A backup has been brought back. The database from before that is in ${folder}`)
    }
  }
  const isNeeded = () => isRestorationUnfinished(folders)
  const lock = isShared ? await shareLibrary(folders, { isNeeded, prepare }) : await lockLibrary(folders)
  try {
    if (!isShared) await prepare()
    const database = openDatabase(folders)
    return {
      lock,
      folders,
      tools,
      database,
      workers: new Workers(),
      places: new Places(),
      firstScan: new FirstScan(hasItems(database)),
      now: () => new Date(),
      freeBytes: freeBytesOf,
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

export async function closeLibrary({ workers, database, lock }: Pick<Library, 'workers' | 'database' | 'lock'>) {
  await workers.close()
  database.close()
  lock.release()
}

const damaged: ReadonlySet<string> = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT'])

function openDatabase({ data }: Folders): LibraryDatabase {
  const file = join(data, 'library.db')
  try {
    return new LibraryDatabase(file)
  } catch (cause) {
    if (!damaged.has(codeOf(cause))) throw cause
    const wayOut = 'Bring a backup back: npm run restore tells which there are.'
    throw new OperatorError(`The library database ${file} is damaged. ${wayOut}`, { cause })
  }
}
