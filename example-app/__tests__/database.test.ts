import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'libsql'
import { LibraryDatabase } from '../library/database'
import { foldersOf } from '../library/folders'
import { openLibrary } from '../library/library'
import { runLongStatement } from '../library/long-statement'
import { addItems, itemCount } from './helpers/rows'
import { aFolder, aLibrary, cleanUp } from './helpers/test-library'

afterEach(cleanUp)

const { signal } = new AbortController()
const add = "INSERT INTO departure (bundle, left_at) VALUES ('a bundle', 1)"
const countOf = (database: LibraryDatabase) => database.all('SELECT * FROM departure').length

test('is opened again with what was written, and its schema is made once', async () => {
  const file = join(await aFolder(), 'library.db')
  const first = new LibraryDatabase(file)
  await first.write(signal, (run) => run(add))
  first.close()
  const second = new LibraryDatabase(file)
  expect(countOf(second)).toBe(1)
  second.close()
})

test('a write that fails in the middle writes nothing, and the next one works', async () => {
  const { database } = await aLibrary()
  const failing = database.write(signal, (run) => {
    run(add)
    run(add)
  })
  await expect(failing).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })
  expect(countOf(database)).toBe(0)
  await database.write(signal, (run) => run(add))
  expect(countOf(database)).toBe(1)
})

test('a write to a database that is closed fails at once', async () => {
  const { database } = await aLibrary()
  database.close()
  await expect(database.write(signal, (run) => run(add))).rejects.toThrow('not open')
})

describe('while somebody else writes', () => {
  async function aBusyLibrary() {
    const { database } = await aLibrary()
    const other = new Database(database.file)
    other.exec('BEGIN IMMEDIATE')
    return { database, other }
  }

  test('a write waits its turn, reads go on, and nothing stands still', async () => {
    const { database, other } = await aBusyLibrary()
    const writing = database.write(signal, (run) => run(add))
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(countOf(database)).toBe(0)
    other.exec('COMMIT')
    await writing
    expect(countOf(database)).toBe(1)
    other.close()
  })

  test('a stop ends the waiting', async () => {
    const { database, other } = await aBusyLibrary()
    const stop = new AbortController()
    const writing = database.write(stop.signal, (run) => run(add))
    stop.abort()
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' })
    other.exec('COMMIT')
    other.close()
    expect(countOf(database)).toBe(0)
  })
})

test('an operator is told what to do with a damaged database', async () => {
  const folders = foldersOf(await aFolder(), null)
  await writeFile(join(folders.data, 'library.db'), 'garbage'.repeat(1_000))
  const message = `The library database ${folders.data}/library.db is damaged.`
  await expect(openLibrary(folders)).rejects.toThrow(message)
})

describe('a long statement', () => {
  test('runs in a process of its own, with its values, and gives its rows back', async () => {
    const library = await aLibrary()
    await addItems(library, 3)
    const rows = await runLongStatement(signal, library.database.file, 'SELECT id FROM item WHERE id > ?', 1)
    expect(rows).toEqual([{ id: 2 }, { id: 3 }])
    expect(itemCount(library)).toBe(3)
  })

  test('says what SQLite said when it fails', async () => {
    const library = await aLibrary()
    const failing = runLongStatement(signal, library.database.file, 'SELECT * FROM nowhere')
    await expect(failing).rejects.toThrow('no such table: nowhere')
  })

  test('that would take for ever ends at once when it is stopped', async () => {
    const library = await aLibrary()
    const stop = new AbortController()
    const endless = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'
    const running = runLongStatement(stop.signal, library.database.file, endless)
    stop.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
  })
})
