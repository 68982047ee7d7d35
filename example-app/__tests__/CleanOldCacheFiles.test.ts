import { renameSync, symlinkSync } from 'node:fs'
import { mkdir, readdir, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Library } from '../library/library'
import { cleanOldCacheFiles } from '../tasks/CleanOldCacheFiles'
import { contentsOf } from './helpers/files'
import { aFolder, aLibrary, cleanUp } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)

const DAY_MS = 24 * 60 * 60 * 1_000
const NOW = new Date('2026-11-23T02:00:00Z')

const clean = (library: Library) => runTask(cleanOldCacheFiles(library))
const aCache = () => aLibrary({ now: () => NOW })
const contents = async ({ folders }: Library) => Object.keys(await contentsOf(folders.cache)).sort()

async function write(file: string, ageDays: number): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, '0123456789')
  const at = new Date(NOW.getTime() - ageDays * DAY_MS)
  await utimes(file, at, at)
  return file
}

test('removes what is older than 30 days, at any depth, and says how much that was', async () => {
  const library = await aCache()
  for (const [name, ageDays] of [
    ['old.jpg', 31],
    ['photos/deep/older.jpg', 400],
    ['new.jpg', 1],
    ['photos/month.jpg', 30],
  ] as const) {
    await write(join(library.folders.cache, name), ageDays)
  }
  const { result, messages } = await clean(library)
  expect(result).toMatchObject({ changed: 2, unchanged: 2, failed: 0, bytes: 20 })
  expect(messages).toEqual(expect.arrayContaining(['old.jpg', 'photos/deep/older.jpg']))
  expect(await contents(library)).toEqual(['new.jpg', 'photos/month.jpg'])
})

test('changes nothing the second time, and says so', async () => {
  const library = await aCache()
  await write(join(library.folders.cache, 'old.jpg'), 31)
  await write(join(library.folders.cache, 'new.jpg'), 1)
  await clean(library)
  const { result } = await clean(library)
  expect(result).toMatchObject({ changed: 0, unchanged: 1, bytes: 0 })
  expect(result.summary).toMatch(/^0 changed/)
})

test('follows no link out of the cache, and leaves links alone', async () => {
  const library = await aCache()
  const { cache } = library.folders
  const outside = await aFolder()
  const file = await write(join(outside, 'precious.jpg'), 400)
  await symlink(outside, join(cache, 'folder'))
  await symlink(file, join(cache, 'file.jpg'))
  await symlink('..', join(cache, 'circle'))
  expect((await clean(library)).result).toMatchObject({ changed: 0, failed: 0 })
  await expect(stat(file)).resolves.toBeDefined()
  expect(await readdir(cache)).toHaveLength(3)
})

test('removes nothing through a folder that is swapped for a link meanwhile', async () => {
  const library = await aCache()
  const { cache } = library.folders
  const outside = await aFolder()
  const precious = await write(join(outside, 'a.jpg'), 400)
  await write(join(cache, 'photos', 'a.jpg'), 400)
  const { result } = await runTask(cleanOldCacheFiles(library), {
    onProgress: (message) => {
      if (message !== join('photos', 'a.jpg')) return
      renameSync(join(cache, 'photos'), join(cache, 'moved'))
      symlinkSync(outside, join(cache, 'photos'))
    },
  })
  const reason = expect.stringContaining('outside of the cache')
  expect(result).toMatchObject({ changed: 0, failed: 1, problems: [{ item: join('photos', 'a.jpg'), reason }] })
  await expect(stat(precious)).resolves.toBeDefined()
})

test('a cache that is itself a link is cleaned where it lies', async () => {
  const library = await aCache()
  const elsewhere = join(await aFolder(), 'cache')
  await rename(library.folders.cache, elsewhere)
  await symlink(elsewhere, library.folders.cache)
  await write(join(elsewhere, 'old.jpg'), 31)
  expect((await clean(library)).result).toMatchObject({ changed: 1 })
  expect(await readdir(elsewhere)).toEqual([])
})

test('a stop in the middle is heard between two files, and the next run goes on', async () => {
  const library = await aCache()
  for (const name of ['a', 'b', 'c', 'd']) await write(join(library.folders.cache, `${name}.jpg`), 31)
  const stop = new AbortController()
  const seen: string[] = []
  const running = runTask(cleanOldCacheFiles(library), {
    signal: stop.signal,
    onProgress: (message) => {
      seen.push(message)
      if (seen.length === 3) stop.abort(new Error('stop'))
    },
  })
  await expect(running).rejects.toThrow('stop')
  expect(await contents(library)).toHaveLength(2)
  expect((await clean(library)).result).toMatchObject({ changed: 2 })
})
