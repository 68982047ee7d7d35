import type { TaskFunction } from 'express-butler'
import type { Library } from '../library/library'

/**
 * A task that waits for the first scan of an empty library: it would find nothing, and call that done. Only what somebody starts by
 * name begins at once, unless the media are our samples: their scan takes a second, that of somebody's films may take an hour.
 */
export function afterFirstScan(library: Library, run: TaskFunction): TaskFunction {
  return async (context) => {
    const { firstScan, folders } = library
    const canWait = context.trigger !== 'manual' || folders.ownsMedia
    if (canWait && !firstScan.isOver) {
      context.progress(0, 'waiting for the first scan of the library')
      await firstScan.wait(context.signal)
    }
    return run(context)
  }
}
