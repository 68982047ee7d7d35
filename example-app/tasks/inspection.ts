import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleOf, reclaimBundle, writeInBundle } from '../library/bundles'
import { saveItem } from '../library/items'
import type { Library } from '../library/library'
import { isRaw, type Kind } from '../media/kind'
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

/**
 * Of a raw photo, ffprobe would take one of the pictures in it for the whole. What ffprobe cannot read, such as HEIC before its
 * version 7, the library for pictures may; else ffprobe's word counts.
 */
async function lookAt(library: Library, file: string, kind: Kind, signal: AbortSignal): Promise<Probe> {
  const raw = isRaw(file) ? await lookAtRaw(library, file, signal) : null
  if (raw) return raw
  const { tools, workers } = library
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

/** Longest look at one raw photo, in milliseconds: far more than the few hundred short reads of an honest one take. */
const LONGEST_LOOK = 60_000

/** `null`: it is none, whatever its name claims. */
async function lookAtRaw({ workers }: Library, file: string, signal: AbortSignal): Promise<Probe | null> {
  await access(file, constants.R_OK)
  try {
    return await workers.run('probeRaw', file, signal, { longestMs: LONGEST_LOOK })
  } catch (error) {
    signal.throwIfAborted()
    await access(file, constants.R_OK)
    throw new BadMedia((error as Error).message)
  }
}
