import { readdir, readFile, readlink, realpath, rename, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ButlerError } from '../errors'
import { expectThat } from '../options'
import { codeOf, replaceFile } from './atomic-file'
import { type FileLock, lockFile } from './file-lock'
import type { Logger } from './logger'
import { readMemory, writeMemory } from './memory'
import type { Memory, Store, StoreContext } from './store'

/**
 * Keeps a Butler's memory in one JSON file, a run to a line. The folder must exist: a folder that is not there is more often a disk
 * that is not mounted than a wish for a new one, and a Butler that forgot everything would run everything. A symbolic link is followed.
 * Beside the file lie, at times, `.tmp` (the next text), `.lock-<n>` (who uses it) and `.damaged-<n>` (what could not be read).
 */
export function fileStore(path: string): Store {
  const isPath = typeof path === 'string' && path !== '' && !path.includes('\0')
  expectThat(
    isPath,
    'fileStore(path)',
    path,
    (path as unknown) instanceof URL
      ? 'the path of a file: fileURLToPath(url)'
      : 'the path of a file, such as "butler.json"',
  )
  return new FileStore(resolve(path))
}

/** What is ours while the store is open. */
interface Possession {
  /** Where the memory really lies, behind all links. */
  file: string
  lock: FileLock
}

class FileStore implements Store {
  readonly #path: string
  #possession: Possession | null = null
  /** Ends with the last opening or closing that was asked for: these go one after the other. */
  #lifecycle: Promise<unknown> = Promise.resolve()
  /** Ends with the last write that was asked for. */
  #written: Promise<unknown> = Promise.resolve()
  /** The write that later calls can still join. */
  #group: Promise<void> | null = null
  #latest: Memory | null = null

  constructor(path: string) {
    this.#path = path
  }

  open(context: StoreContext): Promise<Memory | null> {
    return this.#inTurn('open', async () => {
      const file = await targetOf(this.#path)
      const lock = await lockFile(file, context)
      try {
        const memory = await recall(file, context.logger)
        this.#possession = { file, lock }
        return memory
      } catch (error) {
        await lock.release()
        throw error
      }
    })
  }

  save(memory: Memory): Promise<void> {
    if (!this.#possession) return Promise.reject(notOpen(this.#path))
    this.#latest = memory
    this.#group ??= this.#writeAfter(this.#written, this.#possession)
    return this.#group
  }

  close(): Promise<void> {
    return this.#inTurn('close', async () => {
      const possession = this.#possession
      this.#possession = null
      await this.#written
      await possession?.lock.release()
    })
  }

  /** Whoever calls until the lock has been checked belongs to the group; then the memory is turned into text as it is. */
  #writeAfter(earlier: Promise<unknown>, { file, lock }: Possession): Promise<void> {
    const write = async () => {
      await earlier
      try {
        await lock.check()
      } finally {
        this.#group = null
      }
      await replaceFile(file, writeMemory(this.#latest as Memory))
    }
    const group = explained('write', this.#path, write)
    this.#written = group.catch(() => {}) // Told to those who asked for it.
    return group
  }

  #inTurn<Result>(action: Action, step: () => Promise<Result>): Promise<Result> {
    const result = this.#lifecycle.then(() => explained(action, this.#path, step))
    this.#lifecycle = result.catch(() => {})
    return result
  }
}

/** The file that a path leads to, which need not exist yet. A folder, a device or a pipe is refused before anything touches it. */
async function targetOf(path: string): Promise<string> {
  const file = await behindLinks(path)
  const found = await stat(file).catch(nullIfMissing)
  if (found && !found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : 'no ordinary file'
    throw new ButlerError(
      'BUTLER_STORE_FAILED',
      `"${path}" is ${kind}; expected the path of a file, such as "butler.json".`,
    )
  }
  return file
}

async function behindLinks(path: string): Promise<string> {
  const file = await realpath(path).catch(nullIfMissing)
  if (file !== null) return file
  const folder = await realpath(dirname(path))
  // A link may lead to a file that does not exist yet.
  const target = await readlink(path).catch(nullIfMissing)
  return target === null ? join(folder, basename(path)) : behindLinks(resolve(folder, target))
}

function nullIfMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null
  throw error
}

/** What the file remembers. What is no memory is set aside, so that nothing is lost and the host can start. */
async function recall(file: string, logger: Logger): Promise<Memory | null> {
  const text = await readFile(file, 'utf8').catch(nullIfMissing)
  if (text === null) return null
  const reading = readMemory(text)
  if (reading.kind === 'memory') return reading.memory
  if (reading.kind === 'newer') {
    throw new ButlerError(
      'BUTLER_STORE_FAILED',
      `"${file}" has version ${reading.version}, and this express-butler knows version 1. Install the version that wrote it, or name another file.`,
    )
  }
  const keptAs = await setAside(file)
  logger.error(
    { file, keptAs, reason: reading.reason },
    `The Butler's memory is damaged: ${reading.reason}. The file is now "${keptAs}", and the Butler starts without a memory: every task is due.`,
  )
  return null
}

/** Renames a file to the next free `<file>.damaged-<n>`. Nobody else does so meanwhile: we have the lock. */
async function setAside(file: string): Promise<string> {
  const prefix = `${basename(file)}.damaged-`
  const ends = (await readdir(dirname(file)))
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
  const numbers = ends.filter((end) => /^\d{1,15}$/.test(end)).map(Number)
  const keptAs = `${file}.damaged-${1 + Math.max(0, ...numbers)}`
  await rename(file, keptAs)
  return keptAs
}

type Action = 'open' | 'write' | 'close'

const whatHolds: Record<Action, string> = {
  open: 'Nothing was changed.',
  write: 'What was stored before is still there, and the next save tries again.',
  close: 'Its lock is left behind, and counts as dead when this process ends.',
}

const wayOut: Record<string, string> = {
  ENOSPC: 'Make room on that disk.',
  EDQUOT: 'Make room within the quota of the user.',
  EFBIG: 'Raise the limit on the size of files (ulimit -f).',
  EACCES: 'Give this process the right to read and write the file and its folder.',
  EPERM: 'Give this process the right to read and write the file and its folder.',
  EROFS: 'Name a file on a disk that can be written to.',
  ENOENT: 'Create the folder first, or name a file in one that exists.',
  ENOTDIR: 'Create the folder first, or name a file in one that exists.',
  EBUSY:
    'If the file is mounted into a container by itself, mount its folder instead: a mounted file cannot be replaced.',
}

/** Runs a step, and turns what the system says when it fails into what a person can act on. */
async function explained<Result>(action: Action, path: string, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step()
  } catch (cause) {
    if (cause instanceof ButlerError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    const remedy = wayOut[codeOf(cause)] ?? 'Mend that, or name another file.'
    const message = `Cannot ${action} the Butler's memory in "${path}": ${reason}. ${remedy} ${whatHolds[action]}`
    throw new ButlerError('BUTLER_STORE_FAILED', message, { cause })
  }
}

function notOpen(path: string): ButlerError {
  return new ButlerError('BUTLER_STORE_FAILED', `"${path}" is not open, so nothing is saved in it; await open() first.`)
}
