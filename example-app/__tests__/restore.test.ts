import { copyFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import Database from 'libsql'
import { backupsIn } from '../library/backups'
import type { Folders } from '../library/folders'
import { closeLibrary, type Library, openLibrary } from '../library/library'
import { lockLibrary } from '../library/library-lock'
import { backupDatabase } from '../tasks/BackupDatabase'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { contentsOf } from './helpers/files'
import { killServers, startServer } from './helpers/media-server'
import {
  aLibraryWithBackup,
  elsewhere,
  endRestoring,
  npmRunRestore,
  on,
  open,
  project,
  restore,
} from './helpers/restore'
import { itemCount, removeItems } from './helpers/rows'
import { aFolder, aLibrary, aSampleLibrary, cleanUp, forgetSamples } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(async () => {
  await killServers()
  await endRestoring()
  await cleanUp()
})
afterAll(forgetSamples)

function itemsOf({ database }: Library): unknown[] {
  return database.all('SELECT * FROM item ORDER BY path')
}

describe('a library that was destroyed comes back', () => {
  const noise = Buffer.alloc(200_000, 'noise')

  test.each<[string, (file: string, log: Buffer) => Promise<unknown>]>([
    ['truncated', (file) => truncate(file, 5_000)],
    ['emptied', (file) => truncate(file, 0)],
    ['overwritten', (file) => writeFile(file, noise)],
    ['deleted', (file) => rm(file)],
    [
      'overwritten, and its log is still there',
      (file, log) => Promise.all([writeFile(file, noise), writeFile(`${file}-wal`, log)]),
    ],
    ['deleted, and its log is still there', (file, log) => Promise.all([rm(file), writeFile(`${file}-wal`, log)])],
    ['sound, and its log is still there', (file, log) => writeFile(`${file}-wal`, log)],
  ])('%s', async (_, destroy) => {
    const library = await aSampleLibrary({ now: on(2026, 3, 9) })
    await runTask(refreshLibraries(library))
    const items = itemsOf(library)
    expect(items).toHaveLength(9)
    await runTask(backupDatabase(library))
    // What is in the log now would empty the library that is brought back, if it stayed beside it.
    await removeItems(library, 'true')
    const log = await readFile(`${library.database.file}-wal`)
    const folders = await elsewhere(library.folders)
    await rm(join(folders.data, 'library.db-wal'))
    await destroy(join(folders.data, 'library.db'), log)
    const before = await contentsOf(folders.data)

    const { said, complained, exitCode } = await npmRunRestore(['library.db-2026-03-09'], folders)
    expect({ exitCode, complained }).toMatchObject({ exitCode: 0 })
    expect(said).toContain('library.db-2026-03-09 is sound: 9 items')

    const restored = await open(folders)
    expect(itemsOf(restored)).toEqual(items)
    expect(restored.database.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    expect(restored.database.all("SELECT * FROM item_search WHERE item_search MATCH 'chapters'")).not.toEqual([])
    const { result } = await runTask(refreshLibraries(restored))
    expect(result.summary).toMatch(/^0 changed .* 9 unchanged, 0 failed/)

    const kept = Object.entries(before).filter(([name]) => /^library\.db(-wal)?$/.test(name))
    const after = await contentsOf(folders.data)
    const [, folder = ''] = /is in (\S+)\./.exec(said) ?? []
    for (const [name, checksum] of kept) {
      expect([name, after[join(relative(folders.data, folder), name)]]).toEqual([name, checksum])
    }
    expect(said).toMatch(kept.length > 0 ? /To undo.* npm run restore -- / : /nothing was set aside/)
    expect(Object.keys(after).filter((name) => /part|restored/.test(name))).toEqual([])
  })
})

test('the server starts with what was brought back, and refuses nothing', async () => {
  const library = await aSampleLibrary()
  const { folders } = library
  await runTask(refreshLibraries(library))
  await runTask(backupDatabase(library))
  await closeLibrary(library)
  await writeFile(library.database.file, 'destroyed')
  const [backup = ''] = await backupsIn(folders.backups)
  expect((await npmRunRestore([backup], folders)).exitCode).toBe(0)

  const server = startServer({ DATA_DIR: folders.data, MEDIA_DIR: folders.media, BUTLER_TOKEN: 'a-token' })
  const address = await server.address()
  expect(server.said).not.toContain('scanning')
  const answer = await fetch(`${address}/butler/BackupDatabase`, {
    method: 'POST',
    headers: { 'X-Plex-Token': 'a-token' },
  })
  expect(answer.status).toBe(200)

  const refused = await npmRunRestore([backup], folders)
  expect(refused.exitCode).toBe(1)
  expect(refused.complained).toContain(`${folders.data} is in use by another process: a server that runs`)
  server.kill('SIGKILL')
  await server.ended()
  // Killed, it leaves no lock behind.
  expect((await npmRunRestore([backup], folders)).exitCode).toBe(0)
  expect(itemCount(await open(folders))).toBe(9)
})

describe('which backup', () => {
  test('without one, those there are are listed, newest first', async () => {
    const { folders } = await aLibraryWithBackup()
    await copyFile(join(folders.backups, 'library.db-2026-03-09'), join(folders.backups, 'library.db-2026-03-12'))
    const before = await contentsOf(folders.data)
    const { said, complained, exitCode } = await npmRunRestore([], folders, join(project, 'example-app'))
    expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: '' })
    expect(said).toContain(
      `No backup was named, so nothing was brought back. Backups in ${folders.backups}, newest first:`,
    )
    expect(said).toMatch(/:\n {2}library\.db-2026-03-12 {2}\d+ bytes\n {2}library\.db-2026-03-09 {2}\d+ bytes\n/)
    expect(said).toMatch(/^To bring back the newest: npm run restore -- library\.db-2026-03-12$/m)
    expect(await contentsOf(folders.data)).toEqual(before)
  })

  test.each<[string, (folders: Folders) => [string[], string?]]>([
    ['a name', () => [['library.db-2026-03-09']]],
    ['a name, from the folder of the example', () => [['library.db-2026-03-09'], join(project, 'example-app')]],
    ['a path below DATA_DIR', () => [['backups/library.db-2026-03-09']]],
    ['a whole path', ({ backups }) => [[join(backups, 'library.db-2026-03-09')]]],
    [
      'a path from where npm is called',
      ({ backups }) => [[relative(join(project, 'lib'), join(backups, 'library.db-2026-03-09'))], join(project, 'lib')],
    ],
  ])('%s', async (_, calledWith) => {
    const { folders } = await aLibraryWithBackup()
    const [args, cwd] = calledWith(folders)
    const { exitCode, complained } = await npmRunRestore(args, folders, cwd)
    expect({ exitCode, complained }).toMatchObject({ exitCode: 0 })
    expect(itemCount(await open(folders))).toBe(5)
  })
})

describe('nothing changes, and why is said, when', () => {
  test.each([
    [['library.db-2020-01-01'], '"library.db-2020-01-01"'],
    [[''], '""'],
    [['--latest'], '"--latest"'],
    [['backups'], '"backups"'],
    [['library.db-2026-03-09', 'library.db-2026-03-09'], '"library.db-2026-03-09" "library.db-2026-03-09"'],
  ])('%j is no backup', async (args, named) => {
    const { folders } = await aLibraryWithBackup()
    const before = await contentsOf(folders.data)
    const { complained, exitCode } = await restore(args, folders)
    expect(exitCode).toBe(1)
    const expected = 'expected the name of one, or its path, in quotes if it has spaces'
    expect(complained).toContain(`${named} is no backup; ${expected}. Backups in ${folders.backups}, newest first:\n`)
    expect(complained).toMatch(/^ {2}library\.db-2026-03-09 {2}\d+ bytes$/m)
    expect(complained).toMatch(/^To bring back the newest: npm run restore -- library\.db-2026-03-09$/m)
    expect(await contentsOf(folders.data)).toEqual(before)
  })

  test.each([
    ['a folder without backups', async () => aFolder()],
    ['no folder', async () => '/no/such/folder'],
  ])('DATA_DIR is %s', async (_, where) => {
    const data = await where()
    const { complained, exitCode } = await restore(['library.db-2026-03-09'], { data })
    expect(exitCode).toBe(1)
    expect(complained).toMatch(new RegExp(`^DATA_DIR is ${data}, which has no folder of backups`))
  })

  test('the backups in DATA_DIR cannot be read', async () => {
    const data = await aFolder()
    await writeFile(join(data, 'backups'), 'no folder')
    const { complained, exitCode } = await restore([], { data })
    expect(exitCode).toBe(1)
    expect(complained).toMatch(new RegExp(`^DATA_DIR is ${data}, whose backups cannot be read: ENOTDIR`))
  })

  test('there are no backups at all', async () => {
    const { folders } = await aLibrary()
    const { said, exitCode } = await restore([], folders)
    expect(exitCode).toBe(0)
    expect(said).toContain(`There are no backups in ${folders.backups}; the task BackupDatabase makes them.`)
  })

  const change = (backup: string, sql: string) => {
    const database = new Database(backup)
    database.exec(sql)
    database.close()
  }

  test.each<[string, (backup: string) => unknown, RegExp]>([
    [
      'is not a database',
      (backup) => writeFile(backup, 'noise'.repeat(10_000)),
      /is not a database\. Nothing was changed/,
    ],
    ['is empty', (backup) => truncate(backup, 0), /is a database, but not a library\. Nothing was changed/],
    ['is cut short', (backup) => truncate(backup, 20_000), /is damaged: .*Nothing was changed/s],
    [
      'has a damaged page',
      async (backup) => {
        const bytes = await readFile(backup)
        await writeFile(backup, bytes.fill(0x5a, 2 * 4096, 3 * 4096))
      },
      /is damaged: /,
    ],
    [
      'has a row that its index does not know',
      async (backup) => {
        const bytes = await readFile(backup)
        await writeFile(
          backup,
          bytes.fill('Films/x.mp4', bytes.indexOf('Films/3.mp4'), bytes.indexOf('Films/3.mp4') + 11),
        )
      },
      /is damaged: .* index/,
    ],
    ['is of something else', (backup) => change(backup, 'DROP TABLE item'), /is a database, but not a library/],
    ['is of a newer server', (backup) => change(backup, 'PRAGMA user_version = 1000'), /was made by a newer version/],
  ])('the backup %s', async (_, spoil, message) => {
    const { folders } = await aLibraryWithBackup()
    await spoil(join(folders.backups, 'library.db-2026-03-09'))
    const before = await contentsOf(folders.data)
    const { complained, exitCode } = await restore(['library.db-2026-03-09'], folders)
    expect(complained).toMatch(message)
    expect(exitCode).toBe(1)
    expect(await contentsOf(folders.data)).toEqual(before)
    expect(await readdir(folders.setAside)).toEqual([])
  })

  test('another backup is being brought back, and the server does not start then either', async () => {
    const { folders } = await aLibraryWithBackup()
    const lock = await lockLibrary(folders)
    const { complained, exitCode } = await restore(['library.db-2026-03-09'], folders)
    expect(exitCode).toBe(1)
    expect(complained).toContain('a backup that is being brought back')
    await expect(openLibrary(folders)).rejects.toThrow('in use by another process')
    lock.release()
    expect(itemCount(await open(folders))).toBe(25)
  })
})
