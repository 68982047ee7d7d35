import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

const backupName = /^library\.db-\d{4}-\d{2}-\d{2}$/

/** The name of a day's backup. The day is the local one, as an operator would call it. */
export function backupOf(day: Date): string {
  const [year, month, date] = [day.getFullYear(), day.getMonth() + 1, day.getDate()]
  return `library.db-${year}-${twoDigits(month)}-${twoDigits(date)}`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}

/** The backups in a folder, newest first. Other files are none of ours. */
export async function backupsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  return names
    .filter((name) => backupName.test(name))
    .sort()
    .reverse()
}

/** What processes that were killed in the middle of a copy left behind. */
export async function unfinishedIn(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  return names.filter((name) => backupName.test(name.replace(/\.part(-\w+)?$/, '')) && !backupName.test(name))
}

/** SHA-256, in hexadecimal digits. `null`: there is no such file. */
export async function checksumOf(file: string, signal: AbortSignal): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(file), hash, { signal })
  } catch (error) {
    signal.throwIfAborted()
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return hash.digest('hex')
}
