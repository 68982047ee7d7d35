import { mkdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where everything is kept. All but `media` lie in DATA_DIR. */
export interface Folders {
  data: string
  /** The films, music and photos. */
  media: string
  /** Whether `media` is a folder of ours, for samples. Somebody's own media are only ever read. */
  ownsMedia: boolean
  /** A bundle for each item: what was found out about it. */
  metadata: string
  /** Bundles that are on their way out. */
  quarantine: string
  /** What can be made again at any time. */
  cache: string
  backups: string
  /** Databases in whose place a backup was put, and one that is on its way. */
  setAside: string
}

export function foldersOf(dataDir: string, mediaDir: string | null): Folders {
  return {
    data: dataDir,
    media: mediaDir ?? join(dataDir, 'media'),
    ownsMedia: mediaDir === null,
    metadata: join(dataDir, 'metadata'),
    quarantine: join(dataDir, 'quarantine'),
    cache: join(dataDir, 'cache'),
    backups: join(dataDir, 'backups'),
    setAside: join(dataDir, 'set-aside'),
  }
}

/** Makes what is not there yet. The media folder is made only where it is ours. */
export async function makeFolders(folders: Folders): Promise<void> {
  const { metadata, quarantine, cache, backups, media, ownsMedia } = folders
  for (const folder of [metadata, quarantine, cache, backups]) await makeFolder(folder)
  if (ownsMedia) await makeFolder(media)
}

/**
 * Makes a folder, and those on the way to it, where they are not there yet. Node's `recursive` never ends where the system says that
 * there is no such folder of one that is there, as `/proc` does when something is to be made in it. Rejects with the system's error.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isThere(folder)) return
  if (!(await isThere(dirname(folder)))) await makeFolder(dirname(folder))
  await mkdir(folder).catch(async (error: unknown) => {
    // Somebody else may have made it meanwhile.
    if (!(await isThere(folder))) throw error
  })
}

/** Rejects where there is something else than a folder. */
async function isThere(folder: string): Promise<boolean> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (found && !found.isDirectory()) throw Object.assign(new Error(`${folder} is no folder`), { code: 'ENOTDIR' })
  return found !== undefined
}

/** How many bytes may still be written to the disk of a folder. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
