import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LibraryDatabase } from '../library/database'
import { findingOf } from '../library/findings'
import { type Folders, foldersOf } from '../library/folders'
import { itemsOf } from '../library/items'
import { OperatorError } from '../library/operator-error'
import { drawContactSheet, type SheetFilm } from '../media/contact-sheet'
import { readEnvironment } from '../server/environment'
import { type ChapterThumbs, chapterThumbOf, chapterThumbs } from '../tasks/GenerateChapterThumbs'
import { runScript } from './run-script'

/** Most pictures on one sheet. */
const MOST = 120

/**
 * Draws the chapter pictures of the library on one sheet: `npm run contact-sheet -w example-app [-- sheet.png]`. A name is seen from
 * where npm was called; without one it is `contact-sheet.jpg` in the folder of the example, where npm runs this.
 */
async function main([name]: string[]): Promise<void> {
  const target = name === undefined ? resolve('contact-sheet.jpg') : resolve(process.env.INIT_CWD ?? '', name)
  const { dataDir, mediaDir } = readEnvironment(process.env)
  const films = await filmsIn(foldersOf(dataDir, mediaDir))
  const pictures = films.reduce((sum, film) => sum + film.pictures.length, 0)
  if (pictures === 0)
    throw new OperatorError(`${dataDir} holds no chapter pictures yet; run GenerateChapterThumbs first.`)
  await drawContactSheet(films, target)
  console.log(`${target}: ${pictures} pictures of ${films.length} films`)
}

/** The films that have pictures, in the order of the library, as many as fit on the sheet. */
async function filmsIn(folders: Folders): Promise<SheetFilm[]> {
  const file = join(folders.data, 'library.db')
  if (!existsSync(file)) throw new OperatorError(`There is no ${file}; start the server first, or set DATA_DIR.`)
  const database = new LibraryDatabase(file)
  try {
    let room = MOST
    const films: SheetFilm[] = []
    for (const item of await itemsOf(database, ['video'])) {
      const { chapters = [] } = findingOf<ChapterThumbs>(database, chapterThumbs, item) ?? {}
      const pictures = chapters
        .map(({ title, startS }, index) => ({
          file: chapterThumbOf({ folders }, item, index),
          title: title ?? `Chapter ${index + 1}`,
          startS,
        }))
        .filter((picture) => existsSync(picture.file))
        .slice(0, room)
      room -= pictures.length
      if (pictures.length > 0) films.push({ title: item.title, pictures })
    }
    return films
  } finally {
    database.close()
  }
}

runScript(main)
