import { rmSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleOf, bundlesIn } from '../library/bundles'
import type { BundleState } from '../library/departures'
import { findItem, removeItems } from '../library/items'
import type { Library } from '../library/library'
import { cleanOldBundles, type Step, stepFor } from '../tasks/CleanOldBundles'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { aSampleLibrary, cleanUp, forgetSamples } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)
afterAll(forgetSamples)

const DAY_MS = 24 * 60 * 60 * 1_000
const START = Date.parse('2026-11-23T02:00:00Z')
const chapters = 'Films/Three Chapters (2024).mp4'

/** A library that has been scanned, and whose calendar can be moved on. */
async function aScannedLibrary() {
  let days = 0
  const library = await aSampleLibrary({ now: () => new Date(START + days * DAY_MS) })
  const refresh = () => runTask(refreshLibraries(library))
  const clean = async () => (await runTask(cleanOldBundles(library))).result
  const passDays = (count: number) => (days += count)
  await refresh()
  return { library, refresh, clean, passDays }
}

async function bundles({ folders }: Library): Promise<number> {
  let count = 0
  for await (const _ of bundlesIn(folders.metadata)) count += 1
  return count
}
const quarantined = ({ folders }: Library) => readdir(folders.quarantine)
const remove = ({ folders }: Library, path: string) => rm(join(folders.media, path))

test('a bundle whose item has left goes by way of grace and quarantine, and nothing else goes', async () => {
  const { library, refresh, clean, passDays } = await aScannedLibrary()
  await remove(library, chapters)
  await refresh()
  expect(await clean()).toMatchObject({ changed: 0, unchanged: 9 })

  passDays(13)
  expect(await clean()).toMatchObject({ changed: 0 })
  passDays(1)
  expect(await clean()).toMatchObject({ changed: 1, quarantined: 1, deleted: 0 })
  expect(await quarantined(library)).toEqual([bundleOf(chapters)])
  expect(await bundles(library)).toBe(8)

  passDays(6)
  expect(await clean()).toMatchObject({ changed: 0 })
  passDays(1)
  expect(await clean()).toMatchObject({ changed: 1, quarantined: 0, deleted: 1 })
  expect(await quarantined(library)).toEqual([])
  expect(await bundles(library)).toBe(8)
  expect(library.database.all('SELECT * FROM departure')).toEqual([])
})

test('changes nothing while every bundle has its item, and says so', async () => {
  const { clean, passDays } = await aScannedLibrary()
  passDays(100)
  const result = await clean()
  expect(result).toMatchObject({ changed: 0, unchanged: 9, failed: 0 })
  expect(result.summary).toMatch(/^0 changed/)
})

test('names the items it is at', async () => {
  const { library } = await aScannedLibrary()
  expect((await runTask(cleanOldBundles(library))).messages).toContain(chapters)
})

test('an item that comes back in time keeps its bundle, from quarantine too', async () => {
  const { library, refresh, clean, passDays } = await aScannedLibrary()
  const file = join(library.folders.media, chapters)
  const film = await readFile(file)
  await writeFile(join(library.folders.metadata, bundleOf(chapters), 'thumbnail.jpg'), 'made earlier')
  await rm(file)
  await refresh()
  passDays(14)
  await clean()
  await writeFile(file, film)
  await refresh()
  expect(await readFile(join(library.folders.metadata, bundleOf(chapters), 'thumbnail.jpg'), 'utf8')).toBe(
    'made earlier',
  )
  expect(library.database.all('SELECT * FROM departure')).toEqual([])
  passDays(100)
  expect(await clean()).toMatchObject({ changed: 0, unchanged: 9 })
})

test('takes a bundle out of quarantine whose item is there', async () => {
  const { library, clean } = await aScannedLibrary()
  const { metadata, quarantine } = library.folders
  await rename(join(metadata, bundleOf(chapters)), join(quarantine, bundleOf(chapters)))
  expect(await clean()).toMatchObject({ changed: 1, reclaimed: 1 })
  expect(await bundles(library)).toBe(9)
})

test('a bundle that nobody has ever heard of has its days of grace too', async () => {
  const { library, clean, passDays } = await aScannedLibrary()
  await mkdir(join(library.folders.metadata, bundleOf('stray.mp4')))
  await mkdir(join(library.folders.metadata, 'notes of the operator'))
  expect((await clean()).summary).toBe(
    '1 changed: 1 newly without media, 0 put into quarantine, 0 deleted, 0 back from quarantine; ' +
      '9 kept: 9 belong to media, 0 wait until their time is over; 0 failed',
  )
  expect((await clean()).summary).toMatch(/^0 changed: 0 newly.*; 10 kept: 9 belong to media, 1 wait until/)
  passDays(14)
  expect(await clean()).toMatchObject({ changed: 1, quarantined: 1 })
  expect(await readdir(library.folders.metadata)).toContain('notes of the operator')
})

test('forgets an item that left without ever having had a bundle', async () => {
  const { library, refresh, clean } = await aScannedLibrary()
  const bad = join(library.folders.media, 'bad.mp4')
  await writeFile(bad, 'once upon a time')
  await refresh()
  await rm(bad)
  await refresh()
  expect(library.database.all('SELECT path FROM departure')).toEqual([{ path: 'bad.mp4' }])
  await clean()
  expect(library.database.all('SELECT path FROM departure')).toEqual([])
})

test.each([
  ['missing', (folder: string) => rm(folder, { recursive: true })],
  ['empty', (folder: string) => rm(folder, { recursive: true }).then(() => mkdir(folder))],
])('refuses when the media folder is %s', async (_, lose) => {
  const { library, refresh, clean, passDays } = await aScannedLibrary()
  await remove(library, chapters)
  await refresh()
  passDays(14)
  await lose(library.folders.media)
  await expect(clean()).rejects.toThrow('missing or empty; is its disk mounted?')
  expect(await bundles(library)).toBe(9)
})

test('refuses when more than half would go', async () => {
  const { library, clean, passDays } = await aScannedLibrary()
  const { database, now } = library
  const paths = database.all<{ path: string }>('SELECT path FROM item').map(({ path }) => path)
  for (const path of paths.slice(0, 5)) {
    const item = findItem(database, path)
    if (item) await removeItems(database, new AbortController().signal, [item], now())
  }
  passDays(14)
  await expect(clean()).rejects.toThrow('5 of 9 bundles would go, more than half, so none was touched.')
  expect(await bundles(library)).toBe(9)
})

test('a bundle that cannot be moved is counted and named, and the rest goes on', async () => {
  const { library, refresh, clean, passDays } = await aScannedLibrary()
  await remove(library, chapters)
  await refresh()
  passDays(14)
  const { result } = await runTask(cleanOldBundles(library), {
    onProgress: (message) => {
      if (message === chapters) rmSync(join(library.folders.metadata, bundleOf(chapters)), { recursive: true })
    },
  })
  expect(result).toMatchObject({ changed: 0, unchanged: 8, failed: 1, problems: [{ item: chapters }] })
  expect(await clean()).toMatchObject({ changed: 0, unchanged: 8, failed: 0 })
})

test('a stop in the middle is heard between two bundles, and the next run goes on', async () => {
  const { library, refresh, clean, passDays } = await aScannedLibrary()
  const gone = [chapters, 'Photos/2025/Greys.jpg', 'Photos/2024/Fractal.jpg']
  for (const path of gone) await remove(library, path)
  await refresh()
  passDays(14)
  const stop = new AbortController()
  const running = runTask(cleanOldBundles(library), {
    signal: stop.signal,
    onProgress: (message) => {
      if (gone.includes(message)) stop.abort(new Error('stop'))
    },
  })
  await expect(running).rejects.toThrow('stop')
  const left = 3 - (await quarantined(library)).length
  expect(await clean()).toMatchObject({ quarantined: left })
  expect(await quarantined(library)).toHaveLength(3)
})

describe('what becomes of a bundle', () => {
  const DAY = DAY_MS
  const state = (hasItem: boolean, isQuarantined: boolean, leftAt: number | null, quarantinedAt: number | null) =>
    ({ bundle: '', path: null, hasItem, isQuarantined, leftAt, quarantinedAt }) satisfies BundleState

  test.each<[boolean, boolean, number | null, number | null, Step]>([
    // has item  quarantined  left on day  quarantined on day  on day 100
    [true, false, null, null, 'keep'],
    [true, true, null, null, 'reclaim'],
    [true, true, 0, 0, 'reclaim'],
    [false, false, null, null, 'note'],
    [false, false, 87, null, 'keep'],
    [false, false, 86, null, 'quarantine'],
    [false, true, null, null, 'note'],
    [false, true, 0, null, 'note'],
    [false, true, 0, 94, 'keep'],
    [false, true, 0, 93, 'delete'],
  ])(
    'item %s, quarantined %s, left on day %s, quarantined on day %s: %s',
    (...[item, quarantine, left, since, step]) => {
      const days = (day: number | null) => (day === null ? null : day * DAY)
      expect(stepFor(state(item, quarantine, days(left), days(since)), 100 * DAY)).toBe(step)
    },
  )
})
