import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Of a file that is not there yet: what a Butler remembers is nobody else's business. */
const NEW_FILE_MODE = 0o600

/**
 * Puts a text in the place of a whole file. Whoever reads it, also after a crash at any moment, finds the earlier text or this one.
 * Resolves when it is durable; when it rejects, the earlier text is still there, unless only the last step failed, which makes the
 * new name durable. A file keeps its mode. For one writer at a time: what lies at `<file>.tmp` is overwritten.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.tmp`
  // Removed rather than emptied: it may be a link to somewhere else, or have another mode.
  await rm(draft, { force: true })
  try {
    await writeDurably(draft, text, await modeOf(file))
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {}) // Room on a full disk. The failure itself matters more than this one.
    throw error
  }
  await syncFolder(dirname(file))
}

async function writeDurably(file: string, text: string, mode: number | null): Promise<void> {
  const handle = await open(file, 'wx', mode ?? NEW_FILE_MODE)
  try {
    // What the umask took away. Not asked for in vain: file systems without modes refuse every change of one.
    if (mode !== null && modeIn(await handle.stat()) !== mode) await handle.chmod(mode)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function modeOf(file: string): Promise<number | null> {
  try {
    return modeIn(await stat(file))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

function modeIn({ mode }: { mode: number }): number {
  return mode & 0o777
}

/** How platforms say that a folder cannot be synced, by opening it or at all. A disk that fails says something else. */
const cannotSyncFolders = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF', 'ENOSYS', 'ENOTSUP'])

async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!cannotSyncFolders.has(codeOf(error))) throw error
  }
}

/** The system's word for a failure, such as `ENOENT`; empty when it has none. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? ''
}
