import type { Library } from '../library/library'
import { type Condition, changesBetween, judgeVacuum, optimizeDatabase } from '../tasks/OptimizeDatabase'
import { isAtWork } from './helpers/processes'
import { addItems, itemCount, removeItems } from './helpers/rows'
import { stopOnce } from './helpers/stop'
import { aLibrary, cleanUp } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)

const optimize = (library: Library) => runTask(optimizeDatabase(library))
const { signal } = new AbortController()

/** The first half of what was in it has gone. */
async function aHollowLibrary(items = 2_000): Promise<Library> {
  const library = await aLibrary()
  await addItems(library, items)
  await removeItems(library, `id <= ${items / 2}`)
  return library
}

const isSound = ({ database }: Library) => database.all('PRAGMA integrity_check')

test('gives unused space back, refreshes statistics and empties the log, and the rows are all there', async () => {
  const library = await aHollowLibrary()
  const { result, messages } = await optimize(library)
  expect(result.changes).toEqual(['unused space given back', 'statistics refreshed', 'log emptied'])
  expect(result.changed).toBe(3)
  expect(result.bytesAfter).toBeLessThan(result.bytesBefore / 1.5)
  expect(result.vacuum).toMatch(/^vacuumed, \d+ of \d+ pages unused$/)
  expect(messages).toContain('giving unused space back')
  expect(itemCount(library)).toBe(1_000)
  expect(isSound(library)).toEqual([{ integrity_check: 'ok' }])
  expect(library.database.get('PRAGMA freelist_count')).toEqual({ freelist_count: 0 })
})

test('merges the full-text index', async () => {
  const library = await aLibrary()
  for (const title of ['one', 'two', 'three']) {
    await library.database.write(signal, (run) => run('INSERT INTO item_search (title) VALUES (?)', title))
  }
  expect((await optimize(library)).result.changes).toContain('search index merged')
  expect(library.database.all(`SELECT title FROM item_search WHERE item_search MATCH 'two'`)).toEqual([
    { title: 'two' },
  ])
})

test('changes nothing the second time, and says so', async () => {
  const library = await aHollowLibrary()
  await optimize(library)
  const { result } = await optimize(library)
  expect(result).toMatchObject({ changed: 0, changes: [] })
  expect(result.bytesAfter).toBe(result.bytesBefore)
  expect(result.summary).toMatch(/^0 changed: all was in order; not vacuumed, 0 of \d+ pages unused$/)
})

test('says what was done again where others have written since', async () => {
  const library = await aHollowLibrary()
  await optimize(library)
  await addItems(library, 10)
  const { result } = await optimize(library)
  expect(result.summary).toMatch(/^2 changed: statistics refreshed, log emptied; not vacuumed/)
})

test('does not vacuum without room, says what it needs, and does the rest', async () => {
  const library = await aHollowLibrary()
  const { result } = await optimize({ ...library, freeBytes: async () => 1_000 })
  expect(result.vacuum).toMatch(/for want of room.*1000 bytes free, \d+ needed/)
  expect(result.changes).toEqual(['statistics refreshed', 'log emptied'])
})

test('a stop in the middle of a VACUUM ends it within a second, and the database is sound', async () => {
  const library = await aHollowLibrary(60_000)
  await stopOnce(
    () => isAtWork('VACUUM'),
    (signal) => runTask(optimizeDatabase(library), { signal }),
  )
  expect(itemCount(library)).toBe(30_000)
  expect(isSound(library)).toEqual([{ integrity_check: 'ok' }])
})

describe('the decision to vacuum', () => {
  const aCondition = (change: Partial<Condition>): Condition => ({
    bytes: 4_096_000,
    logBytes: 0,
    pages: 1_000,
    unusedPages: 0,
    statistics: '',
    searchPieces: 1,
    ...change,
  })

  test.each([
    // unused  free        vacuum
    [0, 100_000_000, false],
    [99, 100_000_000, false],
    [100, 100_000_000, true],
    [100, 2 * 4_096_000, true],
    [100, 2 * 4_096_000 - 1, false],
    [1_000, 0, false],
  ])('%d of 1000 pages unused, %d bytes free: %s', (unusedPages, freeBytes, expected) => {
    expect(judgeVacuum(aCondition({ unusedPages }), freeBytes).isWorthIt).toBe(expected)
  })

  test('a log or a database that has grown meanwhile is no change of ours', () => {
    expect(changesBetween(aCondition({}), aCondition({ pages: 1_001, logBytes: 4_096 }))).toEqual([])
  })
})
