import { join } from 'node:path'
import { findMediaTools, type MediaTools } from '../media/tools'
import { Places } from '../workers/places'
import { Workers } from '../workers/workers'
import { codeOf, LibraryDatabase } from './database'
import { type Folders, freeBytesOf, makeFolders } from './folders'
import { OperatorError } from './operator-error'

/** What the tasks work on. */
export interface Library {
  folders: Folders
  database: LibraryDatabase
  tools: MediaTools
  workers: Workers
  /** Where heavy work waits its turn. */
  places: Places
  now(): Date
  /** How many bytes may still be written to the disk of a folder. */
  freeBytes(folder: string): Promise<number>
}

export async function openLibrary(folders: Folders): Promise<Library> {
  const tools = findMediaTools()
  await makeFolders(folders)
  const database = openDatabase(folders)
  return {
    folders,
    tools,
    database,
    workers: new Workers(),
    places: new Places(),
    now: () => new Date(),
    freeBytes: freeBytesOf,
  }
}

export async function closeLibrary({ workers, database }: Pick<Library, 'workers' | 'database'>): Promise<void> {
  await workers.close()
  database.close()
}

const damaged: ReadonlySet<string> = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT'])

function openDatabase({ data, backups }: Folders): LibraryDatabase {
  const file = join(data, 'library.db')
  try {
    return new LibraryDatabase(file)
  } catch (cause) {
    if (!damaged.has(codeOf(cause))) throw cause
    const wayOut = `Move it away together with its -wal and -shm, and copy the newest file of ${backups} in its place.`
    throw new OperatorError(`The library database ${file} is damaged. ${wayOut}`, { cause })
  }
}
