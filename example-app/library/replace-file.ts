import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Lets `write` fill a temporary file beside `target`, and puts it in place in one step: whoever reads finds the old file or the
 * new one, never half of one. When `write` resolves with `false`, the old one stays. However it ends, no temporary file is left;
 * one that a killed process left is overwritten.
 */
export async function replaceFile(
  target: string,
  write: (temporary: string) => Promise<unknown>,
  temporary = temporaryOf(target),
): Promise<void> {
  await rm(temporary, { force: true })
  try {
    if ((await write(temporary)) === false) return
    await flush(temporary)
    await rename(temporary, target)
    await flushFolder(dirname(target))
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Puts a finished folder of files in the place of another. Killed in the middle, it leaves none there. */
export async function replaceFolder(target: string, finished: string): Promise<void> {
  for (const name of await readdir(finished)) await flush(join(finished, name))
  await rm(target, { recursive: true, force: true })
  await rename(finished, target)
  await flushFolder(dirname(target))
}

/** Beside its target, because a rename is a single step only within one file system. */
export function temporaryOf(target: string): string {
  return `${target}.part`
}

/** Makes what is in a file durable. */
export async function flush(file: string): Promise<void> {
  const handle = await open(file)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a rename durable. Windows does not open folders, and needs no such step. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform !== 'win32') await flush(folder)
}
