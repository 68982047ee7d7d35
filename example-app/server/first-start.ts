import { on } from 'node:events'
import type { Butler, Run } from 'express-butler'
import { hasItems } from '../library/items'
import { makeSamples } from '../media/samples'
import type { MediaServer } from './media-server'

/** Makes sample media where there are none and nobody brought their own, and has an empty library filled. */
export async function firstStart(media: MediaServer, butler: Butler): Promise<void> {
  const { folders, library, signal } = media
  const say = (line: string) => console.log(line)
  const areNew = folders.ownsMedia && (await makeSamples(folders.media, { ffmpeg: library.tools.ffmpeg, signal, say }))
  if (hasItems(library.database)) return
  console.log(`scanning ${folders.media}`)
  const ended = endOf('RefreshLibraries', butler, signal)
  await butler.start('RefreshLibraries', { by: 'the first start' })
  // Samples take a second. Somebody's own films may take an hour, and the server should answer meanwhile.
  if (areNew) await ended
  else ended.catch(() => {})
}

/** Resolves once a run of that task has ended, whatever else runs. */
async function endOf(task: string, butler: Butler, signal: AbortSignal): Promise<void> {
  for await (const [run] of on(butler, 'run:ended', { signal }) as AsyncIterable<[Run]>) if (run.task === task) return
}
