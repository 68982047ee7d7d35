import { join } from 'node:path'
import type { TaskFunction } from 'express-butler'
import { itemsOf } from '../library/items'
import type { Library } from '../library/library'
import { probeVersion } from '../media/probe'
import { inspect } from './inspection'
import { expectUnchanged } from './once-per-file'
import { conclude, workThrough } from './work-list'

/**
 * Probes those items again that an older version of the probe has looked at. A file that cannot be probed any more, or has changed
 * since, keeps what is known of it and its old version: it is named, and tried again each time. Files with a problem are the scan's.
 */
export function upgradeMediaAnalysis(library: Library): TaskFunction {
  return async (context) => {
    const { database, folders } = library
    const items = await itemsOf(database, ['video', 'music', 'photo'])
    const report = await workThrough(context, items, {
      nameOf: ({ path }) => path,
      work: async (item) => {
        if (item.probeVersion >= probeVersion) return false
        await expectUnchanged(join(folders.media, item.path), item)
        await inspect(library, item, context.signal)
        return true
      },
    })
    const { changed, unchanged, failed } = report
    const summary = `${changed} changed: upgraded to version ${probeVersion}; ${unchanged} unchanged, ${failed} failed`
    return conclude(context, summary, { ...report, version: probeVersion })
  }
}
