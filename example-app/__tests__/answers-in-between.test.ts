import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleOf } from '../library/bundles'
import { bundleStates, forgetAllBut } from '../library/departures'
import type { Library } from '../library/library'
import { forgetStaleTags } from '../library/photo-tags'
import { followSubjects } from '../library/subjects'
import { addItems, addSongs, removeItems } from './helpers/rows'
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
