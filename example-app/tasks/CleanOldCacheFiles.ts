import { lstat, readdir, realpath, rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { TaskFunction } from 'express-butler'
import type { Library } from '../library/library'
import { reasonOf } from '../media/walk'
import { addProblem, conclude, type Problem, workThrough } from './work-list'

/** How long a file stays in the cache after it was last written, in days. */
const KEPT_DAYS = 30
const DAY_MS = 24 * 60 * 60 * 1_000

/**
 * Removes files from the cache that are older than a month. It never leaves the cache: links are neither followed nor removed, and
 * where a file really lies is looked up once more before it goes.
 */
export function cleanOldCacheFiles({ folders, now }: Library): TaskFunction {
  return async (context) => {
    const root = await realpath(folders.cache)
    const oldest = now().getTime() - KEPT_DAYS * DAY_MS
    let bytes = 0
    context.progress(0, 'looking through the cache')
    const { files, unread } = await filesIn(root, context.signal)
    const report = await workThrough(context, files, {
      nameOf: (file) => relative(root, file),
      work: async (file) => {
        const { mtimeMs, size } = await lstat(file)
        if (mtimeMs >= oldest) return false
        await removeWithin(root, file)
        bytes += size
        return true
      },
    })
    for (const problem of unread) addProblem(report, problem, context.log)
    const summary = `${report.changed} changed: removed, ${bytes} bytes; ${report.unchanged} kept, ${report.failed} failed`
    return conclude(context, summary, { ...report, bytes })
  }
}

/** All files in a folder and in those inside it. Links to files are none, and links to folders lead nowhere. */
async function filesIn(root: string, signal: AbortSignal): Promise<{ files: string[]; unread: Problem[] }> {
  const folders = [root]
  const files: string[] = []
  const unread: Problem[] = []
  for (const folder of folders) {
    signal.throwIfAborted()
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      unread.push({ item: relative(root, folder), reason: reasonOf(error) })
      return []
    })
    for (const entry of entries) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else if (entry.isFile()) files.push(path)
    }
  }
  return { files, unread }
}

/** A folder on the way may have been swapped for a link since we looked. */
async function removeWithin(root: string, file: string): Promise<void> {
  const folder = await realpath(dirname(file))
  if (folder !== root && !folder.startsWith(root + sep)) throw new Error(`lies in ${folder}, outside of the cache`)
  await rm(file)
}
