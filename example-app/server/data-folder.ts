import { mkdtemp, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../library/error-code'
import { makeFolder } from '../library/folders'
import { OperatorError } from '../library/operator-error'

const reasons: Record<string, string> = {
  ENOTDIR: 'it, or something on the way to it, is a file',
  EEXIST: 'a link to nothing lies there',
  EACCES: 'this account may not write there',
  EPERM: 'this account may not write there',
  EROFS: 'its disk can only be read',
  ENOSPC: 'its disk is full',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'a link on the way leads to itself',
  // As /proc has it, whoever asks.
  ENOENT: 'the system lets nobody make anything there',
}

/** Makes the folder in which everything is kept, and sees that something can be kept there. Rejects with an `OperatorError`. */
export async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir)
    await rmdir(await mkdtemp(join(dataDir, '.can-be-written-')))
  } catch (cause) {
    const reason = reasons[codeOf(cause)] ?? (cause as Error).message
    const hope = 'expected a folder that this server may write to, or a place where it may make one'
    throw new OperatorError(`DATA_DIR is ${dataDir}, and ${reason}; ${hope}.`, { cause })
  }
}
