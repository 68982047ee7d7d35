import { readFile, writeFile } from 'node:fs/promises'
import { OperatorError } from '../library/operator-error'

/** A text that is made once for an installation, and then kept in a file that only its owner may read. `what` names it for people. */
export async function keepText(file: string, what: string, make: () => string): Promise<string> {
  const made = make()
  try {
    await writeFile(file, `${made}\n`, { flag: 'wx', mode: 0o600 })
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const kept = (await readFile(file, 'utf8')).trim()
  if (kept === '') throw new OperatorError(`${file} is empty. Delete it, and a new ${what} is made.`)
  return kept
}
