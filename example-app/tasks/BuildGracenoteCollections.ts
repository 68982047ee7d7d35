import type { TaskFunction } from 'express-butler'
import { CollectionBuilder, replaceCollections } from '../library/collections'
import { eachFinding } from '../library/findings'
import type { Library } from '../library/library'
import { type CollectionKind, membershipsOf } from '../media/membership'
import type { MusicTags } from '../media/music-tags'
import { probeMusicTags } from '../media/probed-tags'
import { oncePerFile } from './once-per-file'
import { conclude, type WorkContext } from './work-list'

export const tagReading = { task: 'BuildGracenoteCollections', version: 1 }

/** One piece is no collection. */
const FEWEST = 2
/** The share of the work that reading the files is. */
const READING = 0.9
/** Longest look at the tags of one file, in milliseconds. A hostile file may hold the library for tags up for ever. */
const LONGEST_LOOK = 60_000

/**
 * Rebuilds the collections of music by artist, decade, genre and mood from the tags inside the files. No service is asked: the one that
 * the name recalls is gone. A file whose tags cannot be read is in no collection, unless it could be read before as it is.
 */
export function buildGracenoteCollections(library: Library): TaskFunction {
  return async (context) => {
    const { database } = library
    const read = await oncePerFile<MusicTags>(library, reading(context), {
      ...tagReading,
      kinds: ['music'],
      find: (_item, file, signal) => tagsOf(library, file, signal),
    })
    context.progress(READING, 'comparing the collections')
    const wanted = await collectionsOf(library, context.signal)
    const { made, updated, removed, kept } = await replaceCollections(database, context.signal, wanted)

    const changed = made + updated + removed
    const counts = `${made} made, ${updated} updated, ${removed} removed`
    const files = `${read.changed} files read, ${read.failed} failed`
    const collections = countByKind(wanted)
    const report = { ...read, changed, unchanged: kept, made, updated, removed, read: read.changed, collections }
    return conclude(context, `${changed} changed (${counts}), ${kept} unchanged; ${files}`, report)
  }
}

/** What the library for tags does not find, ffprobe may: all tags of FLAC in Ogg, the date in Matroska. */
async function tagsOf({ tools, workers }: Library, file: string, signal: AbortSignal): Promise<MusicTags> {
  const tags = await workers.run('readMusicTags', file, signal, { longestMs: LONGEST_LOOK })
  const { artists, genres, dates } = tags
  if ([artists, genres, dates].every(({ length }) => length > 0)) return tags
  const others = await probeMusicTags(tools, file, signal)
  const kinds = Object.keys(tags) as (keyof MusicTags)[]
  const whole = kinds.map((kind) => [kind, tags[kind].length > 0 ? tags[kind] : others[kind]])
  return Object.fromEntries(whole) as MusicTags
}

function reading(context: WorkContext): WorkContext {
  return { ...context, progress: (fraction, item) => context.progress(fraction * READING, item) }
}

async function collectionsOf({ database, now }: Library, signal: AbortSignal) {
  const builder = new CollectionBuilder()
  for await (const { item, found } of eachFinding<MusicTags>(database, tagReading)) {
    signal.throwIfAborted()
    builder.add(item, membershipsOf(found, now()))
  }
  return builder.collections(FEWEST)
}

function countByKind(collections: readonly { kind: CollectionKind }[]): Record<CollectionKind, number> {
  const counts = { artist: 0, decade: 0, genre: 0, mood: 0 }
  for (const { kind } of collections) counts[kind] += 1
  return counts
}
