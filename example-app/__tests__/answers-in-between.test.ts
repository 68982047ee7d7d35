import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleOf } from '../library/bundles'
import { bundleStates, forgetAllBut } from '../library/departures'
import { eachItem, removeItems as removeAll } from '../library/items'
import type { Library } from '../library/library'
import { forgetStaleTags } from '../library/photo-tags'
import { followSubjects } from '../library/subjects'
import { withoutArt } from '../media/art'
import { breather } from '../media/breather'
import { addItems, addSongs, itemCount, removeItems } from './helpers/rows'
import { aLibrary, cleanUp } from './helpers/test-library'
import { turnsDuring } from './helpers/turns'

/** What goes through the whole library lets the server answer in between, however large it is. */

afterEach(cleanUp)

const { signal } = new AbortController()
const COUNT = 3_000
/** Of what is asked for a page at a time. */
const PAGES = COUNT / 500

const departed = ({ database }: Library) =>
  database.write(signal, (run) => {
    run("INSERT INTO departure (bundle, path, left_at) SELECT 'gone ' || id, path, 1 FROM item")
  })

test('one write after the other', async () => {
  const { database } = await aLibrary()
  const writeAll = async () => {
    for (let count = 0; count < 100; count += 1) await database.write(signal, (run) => run('DELETE FROM item'))
  }
  expect(await turnsDuring(writeAll())).toBeGreaterThanOrEqual(100)
})

test('noting new artists, and forgetting those that have left', async () => {
  const library = await aLibrary()
  await addSongs(library, COUNT)
  expect(await turnsDuring(followSubjects(library.database, signal))).toBeGreaterThanOrEqual(COUNT)
  await removeItems(library, 'true')
  const following = followSubjects(library.database, signal)
  expect(await turnsDuring(following)).toBeGreaterThanOrEqual(COUNT)
  expect(await following).toEqual({ subjects: [], forgotten: COUNT })
})

test('looking at artists that are all known', async () => {
  const library = await aLibrary()
  await addSongs(library, COUNT)
  await followSubjects(library.database, signal)
  const following = followSubjects(library.database, signal)
  // Through the artists, the items, what is known, and what is known then.
  expect(await turnsDuring(following)).toBeGreaterThanOrEqual(4 * PAGES)
  expect((await following).subjects).toHaveLength(COUNT)
})

test('looking at all bundles, and at the notes of those that have gone', async () => {
  const library = await aLibrary()
  await addItems(library, COUNT)
  await departed(library)
  for (let count = 1; count <= COUNT; count += 1) {
    await mkdir(join(library.folders.metadata, bundleOf(`Films/${count}.mp4`)))
  }
  const looking = bundleStates(library)
  expect(await turnsDuring(looking)).toBeGreaterThanOrEqual(3 * PAGES)
  const states = await looking
  expect(states).toHaveLength(COUNT)
  expect(states.every(({ hasItem }) => hasItem)).toBe(true)
  expect(await turnsDuring(forgetAllBut(states, library, signal))).toBeGreaterThanOrEqual(COUNT)
  expect(library.database.all('SELECT 1 FROM departure')).toEqual([])
})

test('forgetting tags of photos that have changed', async () => {
  const library = await aLibrary()
  await addItems(library, COUNT)
  await library.database.write(signal, (run) =>
    run("INSERT INTO photo_tag SELECT id, 'exif', 'camera', 'A Camera' FROM item"),
  )
  const forgetting = forgetStaleTags(library.database, signal, { task: 'GenerateAutoTags', version: 1 })
  expect(await turnsDuring(forgetting)).toBeGreaterThanOrEqual(PAGES)
  expect(await forgetting).toBe(COUNT)
  expect(library.database.all('SELECT 1 FROM photo_tag')).toEqual([])
})

test.each(['one folder', 'a folder for each'])('telling art from photos, of %s', async (where) => {
  const folder = (number: number) => (where === 'one folder' ? 'Films' : `Films/${number}`)
  const files = Array.from({ length: COUNT }, (_, number) => [
    { path: `${folder(number)}/Film ${number}.mp4`, kind: 'video' as const, size: 1, mtimeMs: 1 },
    { path: `${folder(number)}/Film ${number}-poster.jpg`, kind: 'photo' as const, size: 1, mtimeMs: 1 },
  ]).flat()
  const telling = withoutArt(files)
  // Through all files, and through the photos.
  expect(await turnsDuring(telling)).toBeGreaterThanOrEqual(3 * PAGES)
  expect((await telling).map(({ kind }) => kind)).toEqual(Array(COUNT).fill('video'))
})

test('what breathes after every step lets the server answer every 500 steps', async () => {
  const breathe = breather()
  const work = async () => {
    for (let step = 0; step < COUNT; step += 1) await breathe()
  }
  expect(await turnsDuring(work())).toBeGreaterThanOrEqual(PAGES)
})

async function everyItem({ database }: Library) {
  const items: { id: number; path: string }[] = []
  for await (const item of eachItem(database)) items.push(item)
  return items
}

test('taking thousands of items out of the library, with a note for each', async () => {
  const library = await aLibrary()
  await addItems(library, COUNT)
  const items = await everyItem(library)
  const removing = removeAll(library.database, signal, items.slice(1), new Date(7))
  expect(await turnsDuring(removing)).toBeGreaterThanOrEqual(PAGES)
  expect(itemCount(library)).toBe(1)
  const departures = library.database.all<{ bundle: string; left_at: number }>('SELECT bundle, left_at FROM departure')
  expect(departures).toHaveLength(COUNT - 1)
  expect(departures).toContainEqual({ bundle: bundleOf('Films/2.mp4'), left_at: 7 })
})

test('a stop while thousands of items are taken out leaves all of them', async () => {
  const library = await aLibrary()
  await addItems(library, COUNT)
  const items = await everyItem(library)
  const stop = new AbortController()
  function* half() {
    yield* items.slice(0, COUNT / 2)
    stop.abort(new Error('stop'))
    yield* items.slice(COUNT / 2)
  }
  await expect(removeAll(library.database, stop.signal, half(), new Date())).rejects.toThrow('stop')
  expect(itemCount(library)).toBe(COUNT)
  expect(library.database.all('SELECT 1 FROM departure')).toEqual([])
})
