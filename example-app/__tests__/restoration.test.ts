import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Database from 'libsql'
import { type Folders, foldersOf } from '../library/folders'
import { contentsOf } from './helpers/files'
import { addMore, aLibraryWithBackup, closeLast, endRestoring, open, restore } from './helpers/restore'
import { itemCount } from './helpers/rows'
import { aFolder, cleanUp } from './helpers/test-library'

afterEach(async () => {
  await endRestoring()
  await cleanUp()
})

describe('a server that shares its library', () => {
  const openShared = (folders: Folders) => open(folders, { isShared: true })

  test('finishes what a process that was killed had decided', async () => {
    const { folders } = await aLibraryWithBackup()
    const decided = join(folders.setAside, '2026-03-10T03-00-00')
    await mkdir(decided, { recursive: true })
    await copyFile(join(folders.backups, 'library.db-2026-03-09'), join(decided, 'library.db-restored'))
    const [one, other] = [await openShared(folders), await openShared(folders)]
    expect([itemCount(one), itemCount(other)]).toEqual([5, 5])
    expect(await readdir(decided)).toContain('library.db')
  })

  test('leaves alone what somebody else keeps beside a copy that was never finished', async () => {
    const { folders } = await aLibraryWithBackup()
    const stranger = join(folders.setAside, 'mine')
    await mkdir(stranger, { recursive: true })
    for (const name of ['library.db.part', 'notes.txt']) await writeFile(join(stranger, name), 'mine')
    expect(itemCount(await openShared(folders))).toBe(25)
    expect((await readdir(stranger)).sort()).toEqual(['library.db.part', 'notes.txt'])
  })
})

test('a backup whose list of unused pages is damaged becomes a library that can be written to', async () => {
  const { folders } = await aLibraryWithBackup()
  const backup = join(folders.backups, 'library.db-2026-03-09')
  const bytes = await readFile(backup)
  bytes.writeInt32BE(9, 36)
  await writeFile(backup, bytes)
  expect((await restore(['library.db-2026-03-09'], folders)).exitCode).toBe(0)
  const library = await open(folders)
  await addMore(library, 1_000)
  expect(itemCount(library)).toBe(1_005)
})

test('what was set aside can be brought back, with what was only in its log', async () => {
  const { folders } = await aLibraryWithBackup()
  const { said } = await restore(['library.db-2026-03-09'], folders)
  const [, former = ''] = /npm run restore -- "(.*)"/.exec(said) ?? []
  const setAside = await contentsOf(dirname(former))
  const first = await open(folders)
  expect(itemCount(first)).toBe(5)
  await closeLast()

  expect((await restore([former], folders)).exitCode).toBe(0)
  expect(await contentsOf(dirname(former))).toEqual(setAside)
  expect(itemCount(await open(folders))).toBe(25)
})

test('killed at any step, it leaves the former library or the new one, and the former is never lost', async () => {
  const { folders } = await aLibraryWithBackup()
  const found: number[] = []
  for (let step = 1; ; step += 1) {
    const data = join(await aFolder(), 'data')
    await cp(folders.data, data, { recursive: true })
    const copy = foldersOf(data, folders.media)
    const env = { NODE_OPTIONS: `--require ${join(__dirname, 'helpers/killed-at.js')}`, KILLED_AT: String(step) }
    const { exitCode } = await restore(['library.db-2026-03-09'], copy, env)

    const library = await open(copy)
    found.push(itemCount(library))
    expect(library.database.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    await closeLast()
    const [setAside] = await readdir(copy.setAside).catch(() => [])
    expect([step, setAside !== undefined]).toEqual([step, found.at(-1) === 5])
    if (setAside) {
      const former = new Database(join(copy.setAside, setAside, 'library.db'))
      expect(former.prepare('SELECT count(*) AS count FROM item').all([])).toEqual([{ count: 25 }])
      former.close()
    }
    if (exitCode === 0) break
    expect(exitCode).toBeNull()
  }
  expect([...new Set(found)]).toEqual([25, 5])
  expect(found.filter((count) => count === 5).length).toBeGreaterThan(2)
})

test('the next one finishes what a killed one had decided, and says so', async () => {
  const { folders } = await aLibraryWithBackup()
  await mkdir(join(folders.setAside, 'decided'), { recursive: true })
  await copyFile(join(folders.backups, 'library.db-2026-03-09'), join(folders.setAside, 'decided/library.db-restored'))
  const { said, exitCode } = await restore(['library.db-2026-03-09'], folders)
  expect(exitCode).toBe(0)
  expect(said).toContain(
    `First finished what was cut off before; the database from before that is in ${folders.setAside}/decided`,
  )
  const former = new Database(join(folders.setAside, 'decided/library.db'))
  expect(former.prepare('SELECT count(*) AS count FROM item').all([])).toEqual([{ count: 25 }])
  former.close()
})
