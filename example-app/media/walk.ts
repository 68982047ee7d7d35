import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, posix, sep } from 'node:path'
import { type Kind, kindOf } from './kind'

export interface MediaFile {
  /** Below the root, with '/'. */
  path: string
  kind: Kind
  size: number
  mtimeMs: number
}

export interface Unread {
  path: string
  reason: string
}

export interface Walk {
  files: MediaFile[]
  /** Files, links and folders that could not be looked at. Nothing is known of them, nor of what lies beneath them. */
  unread: Unread[]
}

/**
 * Finds all media below a folder, in a stable order. Links are followed, once all that lies there for real has been seen; a folder
 * that can be reached in several ways is looked into once. Hidden names are passed over, and so is the folder `own`, to which a link may
 * lead: the pictures that a server makes are nobody's photos. Rejects when the root cannot be read.
 */
export async function walkMedia(root: string, own: string, signal: AbortSignal): Promise<Walk> {
  const walker = new Walker(root, await realpath(own))
  await walker.enter('', walker.folders)
  for (const queue of [walker.folders, walker.linked]) {
    for (const folder of queue) {
      signal.throwIfAborted()
      await walker.enter(folder, queue).catch((error: unknown) => walker.passOver(folder, error))
    }
  }
  return walker.walk
}

class Walker {
  readonly walk: Walk = { files: [], unread: [] }
  /** Folders to look into, and those that only a link leads to. Both grow while we walk. */
  readonly folders: string[] = []
  readonly linked: string[] = []
  readonly #root: string
  readonly #own: string
  /** Folders that have been looked into, by their real paths. The first is the root. */
  readonly #seen = new Set<string>()

  constructor(root: string, own: string) {
    this.#root = root
    this.#own = own
  }

  passOver(path: string, error: unknown): void {
    this.walk.unread.push({ path, reason: reasonOf(error) })
  }

  async enter(folder: string, queue: string[]): Promise<void> {
    const full = join(this.#root, folder)
    const real = await realpath(full)
    if (folder !== '' && isWithin(await realpath(dirname(full)), real)) throw new Error('a link to a folder it lies in')
    if (this.#seen.has(real) || this.#isOwn(real)) return
    this.#seen.add(real)
    const entries = await readdir(full, { withFileTypes: true })
    for (const entry of entries.sort(byName)) {
      const path = posix.join(folder, entry.name)
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory()) queue.push(path)
      else await this.#look(path, entry).catch((error: unknown) => this.passOver(path, error))
    }
  }

  /** The media themselves may lie among what is ours. */
  #isOwn(real: string): boolean {
    const [root = real] = this.#seen
    return isWithin(real, this.#own) && !isWithin(real, root)
  }

  async #look(path: string, entry: Dirent): Promise<void> {
    const kind = kindOf(path)
    if (!entry.isSymbolicLink() && !kind) return
    const found = await stat(join(this.#root, path))
    const { size, mtimeMs } = found
    if (found.isDirectory()) this.linked.push(path)
    else if (kind && !found.isFile()) throw new Error('a pipe, a socket or a device, and no file')
    else if (kind) this.walk.files.push({ path, kind, size, mtimeMs: Math.floor(mtimeMs) })
  }
}

function byName(one: Dirent, other: Dirent): number {
  return one.name < other.name ? -1 : 1
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep)
}

const reasons: Record<string, string> = {
  EACCES: 'may not be read',
  ELOOP: 'a link that leads to itself',
  ENOENT: 'no longer there, or a link to nothing',
}

/** Why a file or folder could not be looked at, in words where we have them. */
export function reasonOf(error: unknown): string {
  const { code, message, path = '' } = error as NodeJS.ErrnoException
  // Bytes that are no UTF-8 come as this sign, by which nothing is found again.
  if (code === 'ENOENT' && path.includes('\uFFFD')) return 'its name is not UTF-8'
  return reasons[code ?? ''] ?? message
}
