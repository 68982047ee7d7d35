import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'

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
  for (const folder of [metadata, quarantine, cache, backups]) await mkdir(folder, { recursive: true })
  if (ownsMedia) await mkdir(media, { recursive: true })
}

/** How many bytes may still be written to the disk of a folder. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
