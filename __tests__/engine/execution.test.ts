import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import { execute } from '../../lib/engine/execution'
import { RunAborted, type StopCause } from '../../lib/engine/run'
import { readTasks, type Task, type TaskContext, type TaskDefinition } from '../../lib/engine/task'
import { type FakeClock, fakeClock } from '../../lib/testing/fake-clock'
import { aNewRun } from '../helpers/memories'

const aTask = (run: TaskDefinition['run'], more: Partial<TaskDefinition> = {}): Task =>
  readTasks({ Tidy: { run, ...more } }).get('Tidy') as Task

/** Executes one task to its end, unless the test has something to do meanwhile. */
function executed(
  run: TaskDefinition['run'],
  {
    clock = fakeClock(),
    stop = new AbortController(),
    ...more
  }: Partial<TaskDefinition> & { clock?: FakeClock; stop?: AbortController } = {},
) {
  const record = aNewRun()
  const told: unknown[] = []
  const ending = execute(aTask(run, more), record, stop, clock, {
    progressed: () => told.push(record.progress),
    logged: ({ message }) => told.push(message),
    warn: (message) => told.push(message),
  })
  return { ending, record, told, stop }
}

/** Aborts as the queue does. */
const abort = (stop: AbortController, cause: StopCause = 'stopped') => stop.abort(new RunAborted('Tidy', cause))

/** Ends when its signal aborts, as a well-behaved task does. */
const untilAborted = ({ signal }: TaskContext) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

/** An error with members that are no plain strings, or that throw when they are read. */
const errorWith = (members: PropertyDescriptorMap) => Object.defineProperties(new Error('disk full'), members)
const thrower = {
  get() {
    throw new Error('No.')
  },
}
const { proxy: revoked, revoke } = Proxy.revocable({}, {})
revoke()

const nonError = (what: string) => ({ name: 'NonError', message: `The task threw ${what}, which is no Error.` })
const unreadable = nonError('something that cannot be read')

/** What can be awaited without being a promise. */
const thenable = (then: PropertyDescriptor) => Object.defineProperty({}, 'then', then)

test('hands the task its context', async () => {
  const given: TaskContext[] = []
  const { ending, stop } = executed((context) => void given.push(context))
  await ending
  expect(given).toEqual([
    {
      name: 'Tidy',
      runId: 'run-1',
      trigger: 'start-all',
      signal: stop.signal,
      progress: expect.any(Function),
      log: expect.any(Function),
    },
  ])
})

describe('what a task returns', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle

  test.each([
    // returned, kept
    [
      { files: 3, names: ['a'] },
      { files: 3, names: ['a'] },
    ],
    ['done', 'done'],
    [0, 0],
    [false, false],
    [null, null],
    [
      [1, 2],
      [1, 2],
    ],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [undefined, null],
    [() => 1, null],
    [Symbol('done'), null],
    [10n, null],
    [{ bytes: 10n }, null],
    [cycle, null],
    [Number.NaN, null],
    [new Map([['a', 1]]), {}],
    ['x'.repeat(9_998), 'x'.repeat(9_998)],
    ['x'.repeat(9_999), null],
    [JSON.parse('{"__proto__":{"polluted":true}}'), JSON.parse('{"__proto__":{"polluted":true}}')],
  ])('%p is kept as JSON has it', async (returned, result) => {
    for (const run of [() => returned, async () => returned]) {
      expect(await executed(run).ending).toEqual({ outcome: 'completed', error: null, result })
    }
    expect({}).not.toHaveProperty('polluted')
  })

  const atMost = 'is left out; expected at most 10000 characters of JSON.'

  test.each([
    [() => 1, `The result a function, which JSON cannot hold, ${atMost}`],
    [10n, `The result 10, which JSON cannot hold, ${atMost}`],
    [cycle, `The result an object, which JSON cannot hold, ${atMost}`],
    [Number.NaN, `The result NaN, which JSON cannot hold, ${atMost}`],
    [Number.POSITIVE_INFINITY, `The result Infinity, which JSON cannot hold, ${atMost}`],
    [new Date(Number.NaN), `The result Invalid Date, which JSON cannot hold, ${atMost}`],
    ['x'.repeat(9_999), `The result "${'x'.repeat(79)}… (10001 characters), 10001 characters as JSON, ${atMost}`],
  ])('%p is left out, and somebody is told why, once', async (returned, warning) => {
    const { ending, told } = executed(() => returned)
    expect(await ending).toEqual({ outcome: 'completed', error: null, result: null })
    expect(told).toEqual([warning])
  })

  test('that does not want to be read is left out alike', async () => {
    const { ending, told } = executed(() => Object.defineProperty({}, 'toJSON', { get: thrower.get }))
    expect(await ending).toEqual({ outcome: 'completed', error: null, result: null })
    expect(told).toEqual([`The result an object, which JSON cannot hold, ${atMost}`])
  })

  test.each([[undefined], [null], ['x'.repeat(9_998)], [{ files: 3 }]])('nobody is told of %p', async (returned) => {
    const { ending, told } = executed(() => returned)
    await ending
    expect(told).toEqual([])
  })

  test('is kept as it was when the task ended', async () => {
    const files = ['a']
    const { result } = await executed(() => files).ending
    files.push('b')
    expect(result).toEqual(['a'])
  })

  test.each<[string, (then: (value: unknown) => void) => unknown]>([
    [
      'settles twice',
      (resolve) => {
        resolve('first')
        resolve('second')
      },
    ],
    [
      'throws after it has settled',
      (resolve) => {
        resolve('first')
        throw new Error('Too late.')
      },
    ],
  ])('a thenable that %s counts once', async (_, then) => {
    expect(await executed(() => thenable({ value: then })).ending).toEqual({
      outcome: 'completed',
      error: null,
      result: 'first',
    })
  })

  test('a promise that settles twice counts once', async () => {
    const run = () =>
      new Promise((resolve, reject) => {
        resolve('first')
        reject(new Error('Too late.'))
        resolve('second')
      })
    expect(await executed(run).ending).toEqual({ outcome: 'completed', error: null, result: 'first' })
  })
})

describe('what a task throws', () => {
  test.each<[string, unknown, object]>([
    ['an error', new Error('disk full'), { name: 'Error', message: 'disk full' }],
    ['an error of a class', new RangeError('too far'), { name: 'RangeError', message: 'too far' }],
    ['an error without words', new Error(), { name: 'Error', message: '' }],
    [
      'an error with a code',
      errorWith({ code: { value: 'ENOSPC' } }),
      { name: 'Error', message: 'disk full', code: 'ENOSPC' },
    ],
    [
      'an error with a code that is no string',
      errorWith({ code: { value: 28 } }),
      { name: 'Error', message: 'disk full' },
    ],
    [
      'an error of another realm',
      runInNewContext('new TypeError("elsewhere")'),
      { name: 'TypeError', message: 'elsewhere' },
    ],
    [
      'an exception of the platform',
      new DOMException('too big', 'QuotaExceededError'),
      { name: 'QuotaExceededError', message: 'too big' },
    ],
    ['a long error', new Error('x'.repeat(10_000_000)), { name: 'Error', message: 'x'.repeat(1_000) }],
    ['undefined', undefined, nonError('undefined')],
    ['null', null, nonError('null')],
    ['a string', 'disk full', nonError('"disk full"')],
    ['an empty string', '', nonError('""')],
    ['a number', 28, nonError('28')],
    ['a BigInt', 28n, nonError('28')],
    ['a symbol', Symbol('full'), nonError('Symbol(full)')],
    ['a function', () => {}, nonError('a function')],
    ['an object', { full: true }, nonError('{"full":true}')],
    ['an object without a prototype', Object.create(null), nonError('{}')],
    ['a name without a message', { name: 'Ada' }, nonError('{"name":"Ada"}')],
    ['a message without a name', { message: 'hello' }, nonError('{"message":"hello"}')],
    ['an error whose name cannot be read', errorWith({ name: thrower }), unreadable],
    ['an error whose message cannot be read', errorWith({ message: thrower }), unreadable],
    ['an error whose code cannot be read', errorWith({ code: thrower }), unreadable],
    ['an object that cannot be read', Object.defineProperties({}, { name: thrower, toJSON: thrower }), unreadable],
    ['a proxy that cannot be read', new Proxy({}, { get: thrower.get, getPrototypeOf: thrower.get }), unreadable],
    ['a revoked proxy', revoked, unreadable],
  ])('%s makes a failed run that can be told', async (_, thrown, error) => {
    const throws: TaskDefinition['run'][] = [
      () => {
        throw thrown
      },
      () => Promise.reject(thrown),
      () => thenable({ value: (_: unknown, reject: (reason: unknown) => void) => reject(thrown) }),
      () =>
        thenable({
          get() {
            throw thrown
          },
        }),
    ]
    for (const run of throws) {
      expect(await executed(run).ending).toEqual({ outcome: 'failed', error, result: null })
    }
  })

  // Inside Jest, and in every vm, what Node itself throws is no instance of the Error that code sees there.
  test('an error of Node itself keeps its code', async () => {
    const { error } = await executed(() => readFileSync('/nobody/has/this/file')).ending
    expect(error).toMatchObject({
      name: 'Error',
      code: 'ENOENT',
      message: expect.stringContaining('/nobody/has/this/file'),
    })
  })
})

describe('a run that is aborted', () => {
  test.each<StopCause>(['stopped', 'timed-out', 'window-closed', 'interrupted'])(
    'is %s when that was the reason',
    async (cause) => {
      const { ending, stop } = executed(untilAborted)
      abort(stop, cause)
      expect(await ending).toEqual({ outcome: cause, error: null, result: null })
    },
  )

  test('goes on until the task has really ended', async () => {
    let finish = () => {}
    const { ending, stop } = executed(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
    )
    abort(stop)
    const early = await Promise.race([ending, new Promise((resolve) => setImmediate(() => resolve('goes on')))])
    expect(early).toBe('goes on')
    finish()
    expect(await ending).toMatchObject({ outcome: 'stopped' })
  })

  test('has not completed, though the task returned as if it had', async () => {
    const { ending, stop } = executed(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return { files: 3 }
    })
    abort(stop)
    expect(await ending).toEqual({ outcome: 'stopped', error: null, result: null })
  })

  test('keeps an error that is no mere consequence', async () => {
    const { ending, stop } = executed(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      throw new Error('Could not clean up.')
    })
    abort(stop, 'window-closed')
    expect(await ending).toEqual({
      outcome: 'window-closed',
      error: { name: 'Error', message: 'Could not clean up.' },
      result: null,
    })
  })

  test.each<[string, TaskDefinition['run']]>([
    ['its reason', untilAborted],
    [
      'throwIfAborted',
      async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        signal.throwIfAborted()
      },
    ],
    ['a timer of Node', ({ signal }) => sleep(60_000, undefined, { signal })],
    [
      'the platform',
      ({ signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new DOMException('Aborted.', 'AbortError'))),
        ),
    ],
    ['nothing at all', ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject()))],
  ])('counts an abort thrown by %s as no error', async (_, run) => {
    const { ending, stop } = executed(run)
    abort(stop)
    expect(await ending).toEqual({ outcome: 'stopped', error: null, result: null })
  })

  test.each<[string, unknown, object]>([
    ['null', null, nonError('null')],
    ['an error whose name cannot be read', errorWith({ name: thrower }), unreadable],
    ['a proxy that cannot be read', new Proxy({}, { get: thrower.get, getPrototypeOf: thrower.get }), unreadable],
    ['a revoked proxy', revoked, unreadable],
  ])('and throws %s has that as its error', async (_, thrown, error) => {
    const { ending, stop } = executed(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(thrown))),
    )
    abort(stop)
    expect(await ending).toEqual({ outcome: 'stopped', error, result: null })
  })

  test('keeps its first reason', async () => {
    const { ending, stop } = executed(untilAborted)
    abort(stop, 'stopped')
    abort(stop, 'interrupted')
    expect(await ending).toMatchObject({ outcome: 'stopped' })
  })

  test('before it began is never called', async () => {
    const stop = new AbortController()
    abort(stop)
    const run = jest.fn()
    expect(await executed(run, { stop }).ending).toEqual({ outcome: 'stopped', error: null, result: null })
    expect(run).not.toHaveBeenCalled()
  })
})

test.each([
  ['stopped', 'Tidy must end: somebody asked it to stop.'],
  ['timed-out', 'Tidy must end: it outstayed its time limit.'],
  ['window-closed', 'Tidy must end: the maintenance window closed.'],
  ['interrupted', 'Tidy must end: the Butler is closing.'],
] as const)(
  'the signal of a run that must be %s says why, in a way that everything with a signal knows',
  (outcome, message) => {
    const reason = new RunAborted('Tidy', outcome)
    expect(reason).toBeInstanceOf(Error)
    expect(reason).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', outcome, message })
  },
)

describe('the time limit', () => {
  test('ends a run that outstays it', async () => {
    const clock = fakeClock()
    const { ending, stop } = executed(untilAborted, { clock, timeoutMs: 60_000 })
    await clock.moveBy(59_999)
    expect(stop.signal.aborted).toBe(false)
    await clock.moveBy(1)
    expect(await ending).toEqual({ outcome: 'timed-out', error: null, result: null })
  })

  test('does not count against a run that ended in time', async () => {
    const clock = fakeClock()
    const { ending, stop } = executed(async () => 'done', { clock, timeoutMs: 60_000 })
    expect(await ending).toMatchObject({ outcome: 'completed' })
    await clock.moveBy(60_000)
    expect(stop.signal.aborted).toBe(false)
  })

  test('of null never comes', async () => {
    const clock = fakeClock()
    const { stop, ending } = executed(untilAborted, { clock })
    await clock.moveBy(100 * 365 * 86_400_000)
    expect(stop.signal.aborted).toBe(false)
    abort(stop)
    await ending
  })
})

describe('progress and log', () => {
  test('are written into the run as they come', async () => {
    const { ending, record, told } = executed(({ progress, log }) => {
      progress(0.5, 'half of it')
      log('so far, so good')
    })
    await ending
    expect(record).toMatchObject({
      progress: 0.5,
      progressMessage: 'half of it',
      log: [{ message: 'so far, so good' }],
    })
    expect(told).toEqual([0.5, 'so far, so good'])
  })

  test('come too late after the end, and are harmless', async () => {
    const clock = fakeClock()
    const contexts: TaskContext[] = []
    const { ending, record, told } = executed((context) => void contexts.push(context), { clock })
    await ending
    contexts[0]?.progress(0.5)
    contexts[0]?.log('too late')
    await clock.moveBy(1_000)
    expect(record).toMatchObject({ progress: null, log: [] })
    expect(told).toEqual([])
  })
})
