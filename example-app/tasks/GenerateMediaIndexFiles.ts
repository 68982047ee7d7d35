import { mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TaskFunction } from 'express-butler'
import { bundleOf } from '../library/bundles'
import type { Item } from '../library/items'
import type { Library } from '../library/library'
import { replaceFile } from '../library/replace-file'
import { atWorkbench, expectRoom } from '../library/workbench'
import { checkBif, PictureFile, writeBif } from '../media/bif'
import { readLength } from '../media/chapters'
import { areEnough } from '../media/key-frames'
import { readKeyFrames } from '../media/packets'
import { BadMedia } from '../media/probe'
import { type Film, type Series, takePictures } from '../media/thumbnails'
import { oncePerFile } from './once-per-file'
import { conclude } from './work-list'

export const mediaIndex = { task: 'GenerateMediaIndexFiles', version: 1 }

/** One picture for so many seconds. */
const EVERY_S = 2
/** What Roku calls HD, in pixels. */
const LONGEST_SIDE = 320
/** Most pictures of one film: those of a whole day. A damaged file may claim to last for years. */
const MOST = (24 * 60 * 60) / EVERY_S

/** What was made of one film. */
export interface MediaIndex {
  pictures: number
  bytes: number
}

/** Where the index of an item lies. */
export function mediaIndexOf({ folders }: Pick<Library, 'folders'>, { path }: Pick<Item, 'path'>): string {
  return join(folders.metadata, bundleOf(path), 'index.bif')
}

/** Makes an index of pictures, one for every two seconds, of every film: what players show while somebody winds. */
export function generateMediaIndexFiles(library: Library): TaskFunction {
  return async (context) => {
    const { folders, freeBytes } = library
    const report = await atWorkbench(folders, mediaIndex.task, (bench) =>
      oncePerFile<MediaIndex>(library, context, {
        ...mediaIndex,
        kinds: ['video'],
        find: async (item, file, signal) => {
          await expectRoom(folders.metadata, freeBytes)
          return makeIndex(library, item, file, bench, signal)
        },
        isThere: async (item, { bytes }) => (await sizeOf(mediaIndexOf(library, item))) === bytes,
      }),
    )
    const { changed, unchanged, failed } = report
    const summary = `${changed} changed: films with a new index; ${unchanged} unchanged, ${failed} failed`
    return conclude(context, summary, report)
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  )
}

async function makeIndex(
  library: Library,
  item: Item,
  file: string,
  bench: string,
  signal: AbortSignal,
): Promise<MediaIndex> {
  const film = { tools: library.tools, file }
  const durationS = await readLength(film.tools, file, signal)
  const pictures = await picturesOf(film, durationS, join(bench, 'pictures'), signal)
  const target = mediaIndexOf(library, item)
  await mkdir(dirname(target), { recursive: true })
  const write = async (temporary: string) => {
    await writeBif(temporary, pictures, EVERY_S * 1_000)
    await checkBif(temporary, EVERY_S * 1_000)
  }
  await replaceFile(target, write, join(bench, 'index.bif'))
  return { pictures: pictures.sizes.length, bytes: (await stat(target)).size }
}

/** Takes all pictures of a film, of its key frames where those will do. */
async function picturesOf(film: Film, durationS: number | null, path: string, signal: AbortSignal) {
  const keyFrames = await readKeyFrames(film.tools, film.file, signal)
  if (areEnough(keyFrames, durationS, EVERY_S)) {
    try {
      return await fill(path, film, { durationS, isKeyFramesOnly: true }, signal)
    } catch (error) {
      // Some decoders, such as Theora's, call every picture that they pass over a mistake.
      if (!(error instanceof BadMedia)) throw error
    }
  }
  return fill(path, film, { durationS, isKeyFramesOnly: false }, signal)
}

type Way = Pick<Series, 'isKeyFramesOnly'> & { durationS: number | null }

async function fill(path: string, film: Film, { durationS, isKeyFramesOnly }: Way, signal: AbortSignal) {
  const expected = durationS === null ? null : Math.min(MOST, Math.max(1, Math.ceil(durationS / EVERY_S)))
  const series = { everyS: EVERY_S, most: expected ?? MOST, longestSide: LONGEST_SIDE, isKeyFramesOnly }
  const pictures = await PictureFile.create(path)
  try {
    let last: Buffer | undefined
    await takePictures(film, series, signal, async (picture) => {
      await pictures.add(picture)
      last = picture
    })
    if (!last) throw new BadMedia('holds no picture')
    // Where the sound goes on without pictures, the last one stands.
    while (expected !== null && pictures.sizes.length < expected) {
      signal.throwIfAborted()
      await pictures.add(last)
    }
    return pictures
  } finally {
    await pictures.close()
  }
}
