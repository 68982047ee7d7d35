import { join } from 'node:path'
import { bundleOf, reclaimBundle, writeInBundle } from '../library/bundles'
import { saveItem } from '../library/items'
import type { Library } from '../library/library'
import { probe } from '../media/probe'
import type { MediaFile } from '../media/walk'

/** Probes a file and keeps what it says of itself: all of it in the item's bundle, what is searched for in the database. */
export async function inspect(library: Library, file: MediaFile, signal: AbortSignal): Promise<void> {
  const { folders, database, tools } = library
  const found = await probe(tools, join(folders.media, file.path), file.kind, signal)
  const bundle = bundleOf(file.path)
  await reclaimBundle(folders, bundle)
  await writeInBundle(folders, bundle, 'probe.json', found.report)
  await saveItem(database, signal, file, found)
}
