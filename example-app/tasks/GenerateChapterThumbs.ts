import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskFunction } from 'express-butler'
import { bundleOf } from '../library/bundles'
import type { Item } from '../library/items'
import type { Library } from '../library/library'
import { replaceFolder } from '../library/replace-file'
import { atWorkbench, expectRoom } from '../library/workbench'
import { type Chapter, momentsOf, readContents } from '../media/chapters'
import { BadMedia } from '../media/probe'
import { takePicture } from '../media/thumbnails'
import { oncePerFile } from './once-per-file'
import { conclude } from './work-list'

export const chapterThumbs = { task: 'GenerateChapterThumbs', version: 1 }

/** In pixels. */
const LONGEST_SIDE = 480

/** What was made of one film: a picture for each. */
export interface ChapterThumbs {
  chapters: Chapter[]
}

/** Where the picture of the n-th chapter of an item lies, counted from 0. */
export function chapterThumbOf(
  { folders }: Pick<Library, 'folders'>,
  { path }: Pick<Item, 'path'>,
  index: number,
): string {
  return join(folders.metadata, bundleOf(path), FOLDER, nameOf(index))
}

const FOLDER = 'chapters'
const nameOf = (index: number) => `${String(index + 1).padStart(3, '0')}.jpg`

/** Makes a JPEG for every chapter of a film; where it has no chapters, one about every five minutes. All of them, or none. */
export function generateChapterThumbs(library: Library): TaskFunction {
  return async (context) => {
    const { folders, freeBytes } = library
    const report = await atWorkbench(folders, chapterThumbs.task, (bench) =>
      oncePerFile<ChapterThumbs>(library, context, {
        ...chapterThumbs,
        kinds: ['video'],
        find: async (item, file, signal) => {
          await expectRoom(folders.metadata, freeBytes)
          return makeThumbs(library, item, file, bench, signal)
        },
        isThere: (item, thumbs) => areThere(library, item, thumbs),
      }),
    )
    const { changed, unchanged, failed } = report
    const summary = `${changed} changed: films with new chapter pictures; ${unchanged} unchanged, ${failed} failed`
    return conclude(context, summary, report)
  }
}

async function makeThumbs(
  library: Library,
  { path }: Item,
  file: string,
  bench: string,
  signal: AbortSignal,
): Promise<ChapterThumbs> {
  const { folders, tools } = library
  const { chapters, durationS } = await readContents(tools, file, signal)
  const bundle = join(folders.metadata, bundleOf(path))
  const made = join(bench, bundleOf(path))
  await mkdir(made)
  for (const [index, chapter] of chapters.entries()) {
    const picture = await pictureOf(library, file, momentsOf(chapter, durationS), signal)
    await writeFile(join(made, nameOf(index)), picture)
  }
  await mkdir(bundle, { recursive: true })
  await replaceFolder(join(bundle, FOLDER), made)
  return { chapters }
}

/** The first that is not black; of a chapter that is black all through, black. */
async function pictureOf({ tools, workers }: Library, file: string, momentsS: readonly number[], signal: AbortSignal) {
  let first: Buffer | undefined
  for (const atS of momentsS) {
    try {
      const picture = await takePicture({ tools, file }, atS, LONGEST_SIDE, signal)
      first ??= picture
      if (!(await workers.run('isBlack', picture, signal))) return picture
    } catch (error) {
      if (first === undefined || !(error instanceof BadMedia)) throw error
    }
  }
  if (first === undefined) throw new BadMedia('holds no picture')
  return first
}

async function areThere({ folders }: Library, { path }: Item, { chapters }: ChapterThumbs): Promise<boolean> {
  const names = new Set(await readdir(join(folders.metadata, bundleOf(path), FOLDER)).catch(() => []))
  return chapters.every((_, index) => names.has(nameOf(index)))
}
