import { createReporter, cut } from '../../lib/engine/reporter'
import type { LogLine } from '../../lib/engine/run'
import { type FakeClock, fakeClock } from '../../lib/testing/fake-clock'
import { aNewRun } from '../helpers/memories'

/** A reporter, its run, and what its watcher was told. */
function aReporter(clock: FakeClock = fakeClock()) {
  const run = aNewRun({ task: 'Scan', trigger: 'manual' })
  const told: { ms: number; progress: number | null; message: string | null }[] = []
  const logged: LogLine[] = []
  const warnings: string[] = []
  const start = clock.now()
  const reporter = createReporter(run, clock, {
    progressed: () => told.push({ ms: clock.now() - start, progress: run.progress, message: run.progressMessage }),
    logged: (line) => logged.push(line),
    warn: (message) => warnings.push(message),
  })
  return { run, clock, reporter, told, logged, warnings }
}

describe('progress', () => {
  test('is told at once, with its message', () => {
    const { run, reporter, told } = aReporter()
    reporter.progress(0.25, 'film 1 of 4')
    expect(run).toMatchObject({ progress: 0.25, progressMessage: 'film 1 of 4' })
    expect(told).toEqual([{ ms: 0, progress: 0.25, message: 'film 1 of 4' }])
  })

  test('keeps the message until there is another', () => {
    const { run, reporter } = aReporter()
    reporter.progress(0.25, 'film 1 of 4')
    reporter.progress(0.3)
    expect(run).toMatchObject({ progress: 0.3, progressMessage: 'film 1 of 4' })
  })

  test.each([
    // said, kept
    [[0], 0],
    [[1], 1],
    [[-0.5], 0],
    [[2], 1],
    [[Number.POSITIVE_INFINITY], 1],
    [[Number.NEGATIVE_INFINITY], 0],
    [[0.5, 0.25], 0.5],
    [[0.5, -1], 0.5],
    [[0.5, 0.75], 0.75],
  ])('%p is kept as %p: never below 0, above 1, or going back', (fractions, kept) => {
    const { run, reporter, warnings } = aReporter()
    for (const fraction of fractions) reporter.progress(fraction)
    expect(run.progress).toBe(kept)
    expect(warnings).toEqual([])
  })

  test.each([
    [Number.NaN, 'progress(NaN) is left out; expected a number from 0 to 1.'],
    ['0.5', 'progress("0.5") is left out; expected a number from 0 to 1.'],
    [undefined, 'progress(undefined) is left out; expected a number from 0 to 1.'],
    [null, 'progress(null) is left out; expected a number from 0 to 1.'],
    [{ valueOf: (): number => 0.5 }, 'progress({}) is left out; expected a number from 0 to 1.'],
    [5n, 'progress(5) is left out; expected a number from 0 to 1.'],
  ])('%p is left out, and somebody is told why', (fraction, warning) => {
    const { run, reporter, told, warnings } = aReporter()
    reporter.progress(fraction as number, 'left out, too')
    expect(run).toMatchObject({ progress: null, progressMessage: null })
    expect(told).toEqual([])
    expect(warnings).toEqual([warning])
  })

  test('that is left out again and again is complained of once', () => {
    const { reporter, warnings } = aReporter()
    for (let index = 0; index < 10_000; index++) reporter.progress(Number.NaN)
    expect(warnings).toHaveLength(1)
  })

  test('is told four times a second at most, however often it is said, and the last value always', async () => {
    const { run, clock, reporter, told } = aReporter()
    const [calls, seconds] = [10_000, 10]
    for (let call = 1; call <= calls; call++) {
      reporter.progress(call / calls, `item ${call}`)
      if (call % (calls / (seconds * 100)) === 0) await clock.moveBy(10)
    }
    await clock.moveBy(1_000)
    for (let second = 0; second < seconds; second++) {
      const inSecond = told.filter(({ ms }) => ms >= second * 1_000 && ms < (second + 1) * 1_000)
      expect(inSecond).toHaveLength(4)
    }
    expect(told.at(-1)).toMatchObject({ progress: 1, message: 'item 10000' })
    expect(run.progress).toBe(1)
  })

  test('that does not change any more is not told any more', async () => {
    const { clock, reporter, told } = aReporter()
    reporter.progress(0.1)
    reporter.progress(0.2)
    await clock.moveBy(60_000)
    expect(told.map(({ ms, progress }) => [ms, progress])).toEqual([
      [0, 0.1],
      [250, 0.2],
    ])
    reporter.progress(0.3)
    expect(told.at(-1)).toMatchObject({ ms: 60_000, progress: 0.3 })
  })
})

describe('the log', () => {
  test('has the time and the words of each line, and tells of it at once', async () => {
    const { run, clock, reporter, logged } = aReporter()
    reporter.log('begins')
    await clock.moveBy(1_500)
    reporter.log('goes on')
    expect(run.log).toEqual([
      { at: '2026-01-01T12:00:00.000Z', message: 'begins' },
      { at: '2026-01-01T12:00:01.500Z', message: 'goes on' },
    ])
    expect(logged).toEqual(run.log)
  })

  test('keeps the newest 100 lines, and tells of all', () => {
    const { run, reporter, logged } = aReporter()
    for (let line = 1; line <= 250; line++) reporter.log(`line ${line}`)
    expect(run.log).toHaveLength(100)
    expect(run.log.at(0)?.message).toBe('line 151')
    expect(run.log.at(-1)?.message).toBe('line 250')
    expect(logged).toHaveLength(250)
  })

  test('keeps a thousand characters of a line, however long it is', () => {
    const { run, reporter } = aReporter()
    reporter.log('x'.repeat(10 * 1024 * 1024))
    reporter.progress(0.5, 'y'.repeat(1_001))
    expect(run.log[0]?.message).toBe('x'.repeat(1_000))
    expect(run.progressMessage).toBe('y'.repeat(1_000))
  })
})

test('its functions need no this', () => {
  const { run, reporter } = aReporter()
  const { progress, log } = reporter
  progress(0.5)
  log('hello')
  expect(run).toMatchObject({ progress: 0.5, log: [{ message: 'hello' }] })
})

describe('once it is closed', () => {
  test('progress and log are harmless', async () => {
    const { run, clock, reporter, told, logged, warnings } = aReporter()
    reporter.progress(0.5)
    reporter.close()
    reporter.progress(0.75, 'too late')
    reporter.progress(Number.NaN)
    reporter.log('too late')
    await clock.moveBy(1_000)
    expect(run).toMatchObject({ progress: 0.5, progressMessage: null, log: [] })
    expect([told.length, logged.length, warnings.length]).toEqual([1, 0, 0])
  })

  test('what it had still to tell is not told any more', async () => {
    const { run, clock, reporter, told } = aReporter()
    reporter.progress(0.5)
    reporter.progress(0.75)
    reporter.close()
    await clock.moveBy(1_000)
    expect(told).toHaveLength(1)
    expect(run.progress).toBe(0.75)
  })

  test('it can be closed again', () => {
    const { reporter } = aReporter()
    reporter.close()
    expect(() => reporter.close()).not.toThrow()
  })
})

describe('a message', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle

  test.each([
    ['words', 'words'],
    ['', ''],
    [42, '42'],
    [null, 'null'],
    [undefined, 'undefined'],
    [new Error('disk full'), 'Error: disk full'],
    [new URL('file:///backup'), 'file:///backup'],
    [{ files: 3 }, '{"files":3}'],
    [['a', 2], '["a",2]'],
    [new Map([['a', 1]]), '{}'],
    [circle, '[object Object]'],
    [{ text: 'x'.repeat(1_000) }, `{"text":"${'x'.repeat(991)}`],
    [Symbol('night'), 'Symbol(night)'],
    ['x'.repeat(1_001), 'x'.repeat(1_000)],
    ['half a pair: \ud83c', 'half a pair: \ud83c'],
  ])('%p is kept as %p', (message, kept) => {
    expect(cut(message)).toBe(kept)
  })

  test.each([
    ['without a prototype', Object.create(null)],
    [
      'that throws when it is read',
      {
        toString() {
          throw new Error('No.')
        },
      },
    ],
  ])('an object %s makes a line, too, instead of ending the run', (_, message) => {
    const { run, reporter } = aReporter()
    reporter.log(message as string)
    reporter.progress(0.5, message as string)
    expect(run.log).toHaveLength(1)
    expect(run.log[0]?.message).toBe('something that cannot be read')
    expect(run.progressMessage).toBe('something that cannot be read')
  })
})
