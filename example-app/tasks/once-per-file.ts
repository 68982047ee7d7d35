import { access, constants, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finder, findingOf, saveFinding } from '../library/findings'
import { type Item, itemsOf } from '../library/items'
import type { Library } from '../library/library'
import type { Kind } from '../media/kind'
import { type WorkContext, type WorkReport, workThrough } from './work-list'

/** Work that is done once for every file, and again when the file or the work has changed. */
export interface FileWork<Found extends object> extends Finder {
  kinds: readonly Kind[]
  /** Looks into a file, or makes something from it. What it resolves with is kept; what it rejects with is the file's problem. */
  find(item: Item, file: string, signal: AbortSignal): Promise<Found>
  /** Whether what was made is still there. Default: nothing was made that could go. */
  isThere?(item: Item, found: Found): Promise<boolean>
}

/**
 * Does the work for every file of the library that has not had it yet. What is done is kept file by file, so that a run that was
 * stopped, or killed, is continued by the next. A file that failed is tried again each time. The work counts as heavy: it waits for
 * one of the library's places.
 */
export async function oncePerFile<Found extends object>(
  library: Library,
  context: WorkContext,
  { find, isThere = async () => true, kinds, ...finder }: FileWork<Found>,
): Promise<WorkReport> {
  const { database, folders, places } = library
  const { signal } = context
  return workThrough(context, await itemsOf(database, kinds), {
    nameOf: ({ path }) => path,
    work: async (item) => {
      const known = findingOf<Found>(database, finder, item)
      if (known && (await isThere(item, known))) return false
      const file = join(folders.media, item.path)
      await expectUnchanged(file, item)
      const found = await places.use(signal, () => find(item, file, signal))
      await saveFinding(database, signal, finder, item, found)
      return true
    },
  })
}

/** Rejects when a file may not be read, or is not the one that was scanned: then it is the scan's turn first. */
export async function expectUnchanged(file: string, { size, mtimeMs }: Item): Promise<void> {
  const found = await stat(file)
  await access(file, constants.R_OK)
  if (found.size !== size || Math.floor(found.mtimeMs) !== mtimeMs) throw new Error('has changed since the last scan')
}
