import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { OperatorError } from '../library/operator-error'

/**
 * A text that is made once for an installation, and then kept in a file that only its owner may read. Of several servers that start at
 * once one makes it, and all have the same. `what` names it for people.
 */
export async function keepText(file: string, what: string, make: () => string): Promise<string> {
  const draft = `${file}.${randomUUID()}.part`
  try {
    await writeFile(draft, `${make()}\n`, { flag: 'wx', mode: 0o600 })
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  const kept = (await readFile(file, 'utf8')).trim()
  if (kept === '') throw new OperatorError(`${file} is empty. Delete it, and a new ${what} is made.`)
  return kept
}
