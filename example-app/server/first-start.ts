import { on } from 'node:events'
import type { Butler, Run } from 'express-butler'
import { waitForLock } from '../library/library-lock'
import { makeSamples } from '../media/samples'
import type { MediaServer } from './media-server'

/** Makes sample media where there are none and nobody brought their own. */
export async function makeMedia({ folders, library, signal }: MediaServer): Promise<void> {
  if (!folders.ownsMedia) return
  const say = (line: string) => console.log(line)
  const lock = await waitForLock(folders, 'samples', signal)
  try {
    await makeSamples(folders.media, { ffmpeg: library.tools.ffmpeg, signal, say })
  } finally {
    lock.release()
  }
}

/** Has an empty library filled, which other tasks wait for. Resolves once samples are known; a scan of somebody's own media goes on. */
export async function firstScan(media: MediaServer, butler: Butler): Promise<void> {
  const { folders, library, signal, logger } = media
  if (library.firstScan.isOver) return
  console.log(`scanning ${folders.media}`)
  const scan = scanOnce(media, butler)
  // Samples take a second. Somebody's own films may take an hour.
  if (folders.ownsMedia) await scan
  else scan.catch((error: unknown) => signal.aborted || logger.error(error))
}

async function scanOnce({ library, signal }: MediaServer, butler: Butler): Promise<void> {
  try {
    const ended = endOf('RefreshLibraries', butler, signal)
    await Promise.all([ended, butler.start('RefreshLibraries', { by: 'the first start' })])
  } finally {
    library.firstScan.end()
  }
}

/** Resolves once a run of that task has ended, whatever else runs. */
async function endOf(task: string, butler: Butler, signal: AbortSignal): Promise<void> {
  for await (const [run] of on(butler, 'run:ended', { signal }) as AsyncIterable<[Run]>) if (run.task === task) return
}
