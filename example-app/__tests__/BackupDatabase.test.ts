import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { LibraryDatabase } from '../library/database'
import type { Library } from '../library/library'
import { runLongStatement } from '../library/long-statement'
import { backupDatabase } from '../tasks/BackupDatabase'
import { contentsOf } from './helpers/files'
import { addItems, itemCount } from './helpers/rows'
import { stopOnce } from './helpers/stop'
import { aLibrary, cleanUp } from './helpers/test-library'
import { runTask } from './helpers/test-run'
import { until } from './helpers/until'

afterEach(cleanUp)

/** Late in the local evening, when the date is another one elsewhere. */
const on = (year: number, month: number, date: number) => () => new Date(year, month - 1, date, 23, 30)
const backUp = (library: Library) => runTask(backupDatabase(library))
const { signal } = new AbortController()

async function aFilledLibrary(otherwise: Partial<Library> = {}): Promise<Library> {
  const library = await aLibrary(otherwise)
  await addItems(library, 100)
  return library
}

test('makes a copy that is sound, complete, and named by the local date', async () => {
  const library = await aFilledLibrary({ now: on(2026, 3, 9) })
  const { result } = await backUp(library)
  const file = join(library.folders.backups, 'library.db-2026-03-09')
  const { size } = await stat(file)
  const checksum = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  expect(result).toMatchObject({ changed: 1, file: 'library.db-2026-03-09', bytes: size, checksum, removed: [] })

  expect(await runLongStatement(signal, file, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  const [count] = await runLongStatement(signal, file, 'SELECT count(*) AS count FROM item')
  expect(count).toEqual({ count: 100 })
  expect(await readdir(library.folders.backups)).toEqual(['library.db-2026-03-09'])
})

test('a backup brings a destroyed library back', async () => {
  const library = await aFilledLibrary({ now: on(2026, 3, 9) })
  const { file } = library.database
  await backUp(library)
  library.database.close()
  for (const name of [file, `${file}-wal`, `${file}-shm`]) await rm(name, { force: true })
  await writeFile(file, 'destroyed')
  expect(() => new LibraryDatabase(file)).toThrow('file is not a database')

  await copyFile(join(library.folders.backups, 'library.db-2026-03-09'), file)
  const restored = new LibraryDatabase(file)
  expect(itemCount({ database: restored })).toBe(100)
  expect(restored.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  restored.close()
})

test('changes nothing the second time, and says so', async () => {
  const library = await aFilledLibrary({ now: on(2026, 3, 9) })
  const first = await backUp(library)
  const before = await stat(join(library.folders.backups, 'library.db-2026-03-09'))
  const { result } = await backUp(library)
  expect(result).toMatchObject({ changed: 0, checksum: first.result.checksum })
  expect(result.summary).toMatch(/^0 changed/)
  const after = await stat(join(library.folders.backups, 'library.db-2026-03-09'))
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs])
})

test('overwrites the backup of the same day when something is new', async () => {
  const library = await aFilledLibrary({ now: on(2026, 3, 9) })
  const first = await backUp(library)
  await library.database.write(signal, (run) => run('DELETE FROM item WHERE id > 50'))
  const second = await backUp(library)
  expect(second.result.changed).toBe(1)
  expect(second.result.checksum).not.toBe(first.result.checksum)
  expect(await readdir(library.folders.backups)).toEqual(['library.db-2026-03-09'])
})

test('keeps the four newest, and touches no other file', async () => {
  const library = await aFilledLibrary()
  await writeFile(join(library.folders.backups, 'library.db-before-the-move'), 'mine')
  for (const date of [27, 28, 29, 30, 31]) await backUp({ ...library, now: on(2025, 12, date) })
  const { result } = await backUp({ ...library, now: on(2026, 1, 1) })
  expect(result).toMatchObject({ changed: 2, removed: ['library.db-2025-12-28'] })
  expect((await readdir(library.folders.backups)).sort()).toEqual([
    'library.db-2025-12-29',
    'library.db-2025-12-30',
    'library.db-2025-12-31',
    'library.db-2026-01-01',
    'library.db-before-the-move',
  ])
})

test('takes away what was left of a copy when its process was killed', async () => {
  const library = await aFilledLibrary({ now: on(2026, 3, 9) })
  for (const date of ['06', '09']) {
    const left = join(library.folders.backups, `library.db-2026-03-${date}.part`)
    await writeFile(left, 'half a copy')
    await writeFile(`${left}-journal`, 'and its journal')
  }
  await backUp(library)
  expect(await readdir(library.folders.backups)).toEqual(['library.db-2026-03-09'])
})

test('does not begin without room for the copy', async () => {
  const library = await aFilledLibrary({ freeBytes: async () => 100_000 })
  await expect(backUp(library)).rejects.toThrow(/100000 bytes left; a backup needs \d+/)
  expect(await readdir(library.folders.backups)).toEqual([])
})

/** Writes over a part of a file. */
function damage(file: string, at: number, bytes: Buffer): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, bytes, 0, bytes.length, at)
  closeSync(handle)
}

test.each([
  ['a page', 20 * 4096, Buffer.alloc(4096, 0x5a)],
  // A copy would come out well, and hide that the disk is failing: it never looks at unused pages.
  ['the list of unused pages', 36, Buffer.from([0, 0, 0, 9])],
])('fails when %s is damaged, and keeps the earlier copies', async (_, at, bytes) => {
  const library = await aLibrary({ now: on(2026, 3, 9) })
  await addItems(library, 1_000)
  await backUp({ ...library, now: on(2026, 3, 6) })
  const before = await contentsOf(library.folders.backups)
  library.database.close()
  damage(library.database.file, at, bytes)
  await expect(backUp(library)).rejects.toThrow(
    'library.db is damaged, and earlier backups were kept. quick_check says: ',
  )
  expect(await contentsOf(library.folders.backups)).toEqual(before)
})

test('a copy that the disk spoilt does not take the place of a good one', async () => {
  const library = await aLibrary({ now: on(2026, 3, 9) })
  await addItems(library, 1_000)
  await backUp(library)
  const before = await contentsOf(library.folders.backups)
  const spoiling = runTask(backupDatabase(library), {
    onProgress: (message) => {
      const copy = join(library.folders.backups, 'library.db-2026-03-09.part')
      if (message === 'checking the copy') damage(copy, 20 * 4096, Buffer.alloc(4096, 0x5a))
    },
  })
  await expect(spoiling).rejects.toThrow(/damaged|malformed/)
  expect(await contentsOf(library.folders.backups)).toEqual(before)
})

test('a copy goes on while the library is written to', async () => {
  const library = await aLibrary({ now: on(2026, 3, 9) })
  await addItems(library, 20_000)
  const copying = backUp(library)
  let written = 0
  await until(() => existsSync(join(library.folders.backups, 'library.db-2026-03-09.part')), copying)
  while (!existsSync(join(library.folders.backups, 'library.db-2026-03-09'))) {
    const row = ['INSERT INTO departure (bundle, left_at) VALUES (?, 1)', `bundle ${written}`] as const
    await library.database.write(signal, (run) => run(...row))
    written += 1
    await nextTurn()
  }
  expect((await copying).result.changed).toBe(1)
  expect(written).toBeGreaterThan(0)
})

test('a stop in the middle ends the copy within a second and leaves nothing of it', async () => {
  const library = await aLibrary({ now: on(2026, 3, 9) })
  await addItems(library, 60_000)
  await stopOnce(
    () => existsSync(join(library.folders.backups, 'library.db-2026-03-09.part')),
    (signal) => runTask(backupDatabase(library), { signal }),
  )
  expect(await readdir(library.folders.backups)).toEqual([])
})
