import { addProblem, type WorkReport, workThrough } from '../tasks/work-list'

const aContext = (signal = new AbortController().signal) => ({ signal, progress: jest.fn(), log: jest.fn() })
const nameOf = (item: string) => item

test('says which item it is at and how far it is, and counts what was changed', async () => {
  const context = aContext()
  const report = await workThrough(context, ['a', 'b', 'c', 'd'], { nameOf, work: async (item) => item !== 'b' })
  expect(context.progress.mock.calls).toEqual([
    [0, 'a'],
    [0.25, 'b'],
    [0.5, 'c'],
    [0.75, 'd'],
  ])
  expect(report).toEqual({ changed: 3, unchanged: 1, failed: 0, problems: [] })
})

test('counts and names what failed, and goes on', async () => {
  const report = await workThrough(aContext(), ['a', 'b', 'c'], {
    nameOf,
    work: async (item) => {
      if (item === 'b') throw new Error('is bad')
      return true
    },
  })
  expect(report).toEqual({ changed: 2, unchanged: 0, failed: 1, problems: [{ item: 'b', reason: 'is bad' }] })
})

test.each(['ENOSPC', 'SQLITE_FULL', 'EROFS', 'EMFILE'])('%s would hit every item, so it ends the run', async (code) => {
  const work = jest.fn(async () => {
    throw Object.assign(new Error('no room'), { code })
  })
  await expect(workThrough(aContext(), ['a', 'b'], { nameOf, work })).rejects.toThrow('no room')
  expect(work).toHaveBeenCalledTimes(1)
})

test('ends with the reason of the signal, whatever the item made of it', async () => {
  const stop = new AbortController()
  const work = jest.fn(async () => {
    stop.abort(new Error('stop'))
    throw new Error('something else')
  })
  await expect(workThrough(aContext(stop.signal), ['a', 'b'], { nameOf, work })).rejects.toThrow('stop')
  expect(work).toHaveBeenCalledTimes(1)
})

test('lets others have their turn between two items, also when nothing is to be done', async () => {
  const seen: string[] = []
  setImmediate(() => seen.push('others'))
  await workThrough(aContext(), ['a', 'b', 'c'], {
    nameOf,
    work: async (item) => {
      seen.push(item)
      return false
    },
  })
  expect(seen.indexOf('others')).toBeLessThan(3)
})

test('names as many problems as a run can keep, and counts them all', () => {
  const report: WorkReport = { changed: 0, unchanged: 0, failed: 0, problems: [] }
  const log = jest.fn()
  for (let n = 0; n < 1_000; n += 1) addProblem(report, { item: `film ${n}\u0000.mp4`, reason: 'Invalid data' }, log)
  expect(report.failed).toBe(1_000)
  expect(report.problems.length).toBeGreaterThan(50)
  expect(JSON.stringify(report).length).toBeLessThan(10_000)
  // As many more as the log of a run can keep.
  expect(log.mock.calls[0]).toEqual([`film ${report.problems.length}\u0000.mp4: Invalid data`])
  expect(log).toHaveBeenCalledTimes(90)
})
