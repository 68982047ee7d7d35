import { posix } from 'node:path'
import type { TaskFunction } from 'express-butler'
import { eachItem, findItem, hasItems, type Item, removeItems, saveItem } from '../library/items'
import type { Library } from '../library/library'
import { withoutArt } from '../media/art'
import { breather } from '../media/breather'
import { BadMedia } from '../media/probe'
import { type MediaFile, type Walk, walkMedia } from '../media/walk'
import { inspect } from './inspection'
import { addProblem, conclude, type WorkContext, workThrough } from './work-list'

/**
 * Compares the media folder with the library by path, size and time of change. New and changed files are probed; what is no longer
 * there is removed, unless everything is gone: then a disk is missing, not the media. Files with a problem are tried again each time.
 */
export function refreshLibraries(library: Library): TaskFunction {
  return async (context) => {
    context.progress(0, `looking through ${library.folders.media}`)
    const walk = await findMedia(library, context.signal)
    let added = 0
    const report = await workThrough(context, walk.files, {
      nameOf: (file) => file.path,
      work: async (file) => {
        const known = findItem(library.database, file.path)
        if (known && isUpToDate(known, file)) return false
        await look(library, file, known, context.signal)
        if (!known || known.problem !== null) added += 1
        return true
      },
    })
    const breathe = breather()
    for (const { path, reason } of walk.unread) {
      addProblem(report, { item: path, reason }, context.log)
      await breathe()
    }
    const removed = await removeMissing(library, walk, context)
    const updated = report.changed - added
    const changed = report.changed + removed
    const counts = `${added} added, ${updated} updated, ${removed} removed`
    const summary = `${changed} changed (${counts}), ${report.unchanged} unchanged, ${report.failed} failed`
    return conclude(context, summary, { ...report, changed, added, updated, removed })
  }
}

function isUpToDate(known: Item, { size, mtimeMs }: MediaFile): boolean {
  return known.size === size && known.mtimeMs === mtimeMs && known.problem === null
}

/** All media that are there, but not the pictures that belong to others of them. Rejects when there is no folder, or nothing in it where there was something. */
async function findMedia({ folders, database }: Library, signal: AbortSignal): Promise<Walk> {
  const refusal = `${folders.media} is missing or holds no media; is its disk mounted? Nothing was removed from the library.`
  const walk = await walkMedia(folders.media, folders.data, signal).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw new Error(refusal, { cause })
  })
  if (walk.files.length === 0 && hasItems(database)) throw new Error(refusal)
  return { ...walk, files: await withoutArt(walk.files) }
}

/** Finds out what a file is and saves that. A file that is not what its name claims is saved with its problem. */
async function look(library: Library, file: MediaFile, known: Item | undefined, signal: AbortSignal): Promise<void> {
  try {
    await inspect(library, file, signal)
  } catch (error) {
    const isNews = error instanceof BadMedia && !isSameProblem(known, file, error.message)
    if (isNews) await saveItem(library.database, signal, file, { problem: error.message })
    throw error
  }
}

function isSameProblem(known: Item | undefined, { size, mtimeMs }: MediaFile, problem: string): boolean {
  return known?.size === size && known.mtimeMs === mtimeMs && known.problem === problem
}

async function removeMissing(
  { database, now }: Library,
  walk: Walk,
  { signal, progress }: WorkContext,
): Promise<number> {
  const there = new Set(walk.files.map(({ path }) => path))
  const unread = new Set(walk.unread.map(({ path }) => path))
  const missing: Pick<Item, 'id' | 'path'>[] = []
  for await (const { id, path } of eachItem(database)) {
    signal.throwIfAborted()
    if (!there.has(path) && !isUnknown(path, unread)) missing.push({ id, path })
  }
  const [first] = missing
  if (!first) return 0
  progress(1, missing.length === 1 ? `removing ${first.path}` : `removing ${missing.length} files`)
  await removeItems(database, signal, missing, now())
  return missing.length
}

/** Whether something on the way to a file could not be read: then nobody knows whether the file is still there. */
function isUnknown(path: string, unread: ReadonlySet<string>): boolean {
  for (let at = path; at !== '.'; at = posix.dirname(at)) if (unread.has(at)) return true
  return false
}
