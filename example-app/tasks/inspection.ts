import { join } from 'node:path'
import { bundleOf, reclaimBundle, writeInBundle } from '../library/bundles'
import { saveItem } from '../library/items'
import type { Library } from '../library/library'
import type { Kind } from '../media/kind'
import { BadMedia, type Probe, probe } from '../media/probe'
import type { MediaFile } from '../media/walk'

/** Probes a file and keeps what it says of itself: all of it in the item's bundle, what is searched for in the database. */
export async function inspect(library: Library, file: MediaFile, signal: AbortSignal): Promise<void> {
  const { folders, database } = library
  const found = await lookAt(library, join(folders.media, file.path), file.kind, signal)
  const bundle = bundleOf(file.path)
  await reclaimBundle(folders, bundle)
  await writeInBundle(folders, bundle, 'probe.json', found.report)
  await saveItem(database, signal, file, found)
}

/** What ffprobe cannot read, such as HEIC before its version 7, the library for pictures may; else ffprobe's word counts. */
async function lookAt({ tools, workers }: Library, file: string, kind: Kind, signal: AbortSignal): Promise<Probe> {
  try {
    return await probe(tools, file, kind, signal)
  } catch (error) {
    if (kind !== 'photo' || !(error instanceof BadMedia)) throw error
    return await workers.run('probePhoto', file, signal).catch(() => {
      signal.throwIfAborted()
      throw error
    })
  }
}
