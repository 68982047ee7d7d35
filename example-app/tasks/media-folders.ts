import { readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { eachItem } from '../library/items'
import type { Library } from '../library/library'
import { type MediaFolder, subtitleFolder } from '../media/sidecars'

/** Folders beneath a film's own that hold more of the same film. */
const extras =
  /^(extras?|featurettes|trailers|behind the scenes|deleted scenes|interviews|scenes|shorts|samples?|other)$/i

/** The folders that the items of a library lie in. Each is read once, when it is first asked for. */
export class MediaFolders {
  readonly #root: string
  readonly #media = new Map<string, MediaFolder['media'][number][]>()
  readonly #withFilmsBeneath = new Set<string>()
  readonly #listings = new Map<string, Promise<string[]>>()

  static async of({ folders, database }: Library): Promise<MediaFolders> {
    const all = new MediaFolders(folders.media)
    for await (const { path, kind } of eachItem(database)) {
      const folder = folderOf(path)
      const media = all.#media.get(folder) ?? []
      all.#media.set(folder, media)
      media.push({ name: posix.basename(path), kind })
      if (kind === 'video') all.#noteFilmsBeneath(folder)
    }
    return all
  }

  private constructor(root: string) {
    this.#root = root
  }

  /** Rejects when the folder cannot be read: then nobody knows what lies in it. */
  async of(path: string): Promise<MediaFolder> {
    const folder = folderOf(path)
    const above = folderOf(folder)
    return {
      path: folder,
      names: await this.#namesIn(folder),
      namesAbove: above === '' ? [] : await this.#namesIn(above),
      subtitles: await this.#subtitlesIn(folder),
      media: this.#media.get(folder) ?? [],
      hasFilmsBeneath: this.#withFilmsBeneath.has(folder),
    }
  }

  #noteFilmsBeneath(folder: string): void {
    if (extras.test(posix.basename(folder))) return
    for (let at = folder; at !== ''; at = folderOf(at)) this.#withFilmsBeneath.add(folderOf(at))
  }

  async #subtitlesIn(folder: string): Promise<MediaFolder['subtitles']> {
    const name = (await this.#namesIn(folder)).find((each) => subtitleFolder.test(each))
    if (name === undefined) return null
    const path = posix.join(folder, name)
    try {
      return { path, names: await this.#namesIn(path) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null
      throw error
    }
  }

  async #namesIn(folder: string): Promise<string[]> {
    const known = this.#listings.get(folder) ?? this.#read(folder)
    this.#listings.set(folder, known)
    return known
  }

  async #read(folder: string): Promise<string[]> {
    const names = await readdir(join(this.#root, folder))
    return names.filter((name) => !name.startsWith('.')).sort()
  }
}

/** '' for what lies right in the media folder. */
function folderOf(path: string): string {
  const folder = posix.dirname(path)
  return folder === '.' ? '' : folder
}
