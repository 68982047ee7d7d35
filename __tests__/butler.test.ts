import { createButler } from '../lib/butler'
import { fileStore } from '../lib/engine/file-store'
import { held, NIGHT, openButler, stubborn } from './helpers/butler'

describe('one task', () => {
  test('starts when it is asked to, and says what came of it', async () => {
    const { butler, ended } = await openButler({ tasks: { BackupDatabase: async () => ({ bytes: 4096 }) } })
    const run = ended('BackupDatabase')
    expect(await butler.start('BackupDatabase', { trigger: 'manual', by: 'ada' })).toBe('started')
    expect(await run).toMatchObject({
      task: 'BackupDatabase',
      trigger: 'manual',
      by: 'ada',
      outcome: 'completed',
      result: { bytes: 4096 },
      error: null,
    })
  })

  test('is already running when it is started twice', async () => {
    const { butler, stateOf } = await openButler({ tasks: { BackupDatabase: held() } })
    expect(await butler.start('BackupDatabase')).toBe('started')
    expect(await butler.start('BackupDatabase')).toBe('already-running')
    expect(await stateOf('BackupDatabase')).toBe('running')
  })

  test('times out when it outstays its minute', async () => {
    const { butler, clock, ended } = await openButler({ tasks: { backup: { run: held(), timeoutMs: 60_000 } } })
    await butler.start('backup')
    const run = ended('backup')
    await clock.moveBy(60_000)
    expect((await run).outcome).toBe('timed-out')
  })

  test('keeps its slot while it ignores that it must stop', async () => {
    const task = stubborn()
    const { butler, clock, stateOf, ended } = await openButler({ tasks: { backup: task } })
    await butler.start('backup')
    const answer = butler.stop('backup')
    await clock.moveBy(5_000)
    expect(await answer).toBe('stopping')
    expect(await stateOf('backup')).toBe('stopping')
    expect(await butler.start('backup')).toBe('already-running')
    const run = ended('backup')
    task.finish()
    expect((await run).outcome).toBe('stopped')
    expect(await stateOf('backup')).toBe('idle')
  })

  test('is pulled forward when it is started while it is scheduled', async () => {
    const { butler, statusOf } = await openButler({ at: NIGHT, tasks: { Tag: { run: held(), randomized: true } } })
    expect(await statusOf('Tag')).toMatchObject({ state: 'scheduled', scheduledFor: '2026-01-14T03:45:00.000Z' })
    expect(await butler.start('Tag')).toBe('started')
    expect(await statusOf('Tag')).toMatchObject({ state: 'running', lastRun: { trigger: 'manual' } })
  })
})

describe('a stop that names a run', () => {
  test('stops that one', async () => {
    const { butler, ended, statusOf } = await openButler({ tasks: { A: held() } })
    await butler.start('A')
    const run = ended('A')
    const runId = (await statusOf('A'))?.lastRun?.id
    expect(await butler.stop('A', { runId })).toBe('stopped')
    expect(await run).toMatchObject({ id: runId, outcome: 'stopped' })
  })

  test('leaves a later one alone', async () => {
    const { butler, statusOf } = await openButler({ tasks: { A: held() } })
    await butler.start('A')
    const runId = (await statusOf('A'))?.lastRun?.id
    await butler.stop('A')
    await butler.start('A')
    expect(await butler.stop('A', { runId })).toBe('not-running')
    expect(await statusOf('A')).toMatchObject({ state: 'running' })
  })

  test('leaves what waits alone', async () => {
    const { butler, stateOf } = await openButler({ at: NIGHT, tasks: { R: { run: held(), randomized: true } } })
    expect(await butler.stop('R', { runId: 'one of yesterday' })).toBe('not-running')
    expect(await stateOf('R')).toBe('scheduled')
  })
})

test.each([
  ['by', { by: 42 }],
  ['trigger', { trigger: 'cron' }],
  ['who', { who: 'ada' }],
])('refuses a request whose %s could not be read back from the memory', async (member, request) => {
  const { butler, stateOf } = await openButler({ tasks: { BackupDatabase: held() } })
  const refusal = { code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining(member) }
  await expect(butler.start('BackupDatabase', request as never)).rejects.toMatchObject(refusal)
  await expect(butler.startAll(request as never)).rejects.toMatchObject(refusal)
  expect(await stateOf('BackupDatabase')).toBe('idle')
})

test.each([[{ runID: 'r' }], [{ runId: 7 }], ['r']])('a request of %j stops nothing', async (request) => {
  const { butler, stateOf } = await openButler({ tasks: { BackupDatabase: held() } })
  await butler.start('BackupDatabase')
  const refusal = { code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining('runId') }
  await expect(butler.stop('BackupDatabase', request as never)).rejects.toMatchObject(refusal)
  await expect(butler.stopAll({ runId: 'r' } as never)).rejects.toMatchObject({ code: 'BUTLER_INVALID_OPTIONS' })
  expect(await stateOf('BackupDatabase')).toBe('running')
})

const noPlaces = [new Date(Number.NaN), 42, '03:00', 'yesterday', '5', 'run-1', '']

test.each(noPlaces)('refuses history before %p', async (before) => {
  const { butler } = await openButler({ tasks: { BackupDatabase: held() } })
  const refusal = { code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining('options).before is') }
  await expect(butler.history('BackupDatabase', { before: before as Date })).rejects.toMatchObject(refusal)
})

test.each([
  ['an instant later', '2026-01-14T12:00:00.001Z', 1],
  ['an instant later, elsewhere', '2026-01-14T13:00:00.001+01:00', 1],
  ['the next day', '2026-01-15', 1],
  ['a Date', new Date('2026-01-15'), 1],
  ['the instant itself', '2026-01-14T12:00:00.000Z', 0],
  ['a run that is not kept', '5d2bb1f9-90a5-4b4c-a0ee-4be5ba6b2d8a', 0],
])('history before %s, of a run of noon, is %j: %d', async (_, before, count) => {
  const { butler, ended } = await openButler({ tasks: { BackupDatabase: () => {} } })
  const run = ended('BackupDatabase')
  await butler.start('BackupDatabase')
  await run
  expect(await butler.history('BackupDatabase', { before })).toHaveLength(count)
})

describe('a plan', () => {
  test.each([['soon'], ['5'], [null], [Number.NaN], [true]])('of %j is refused', async (at) => {
    const { butler } = await openButler({ tasks: { BackupDatabase: held() } })
    const expected = 'expected a Date, an ISO 8601 string or milliseconds since 1970'
    const refusal = { code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining(expected) }
    await expect(butler.plan(at as string)).rejects.toMatchObject(refusal)
  })

  test('of a past night is refused, and says where to find what ran', async () => {
    const { butler } = await openButler({ tasks: { BackupDatabase: held() } })
    await expect(butler.plan('2026-01-14T02:30Z')).rejects.toMatchObject({
      code: 'BUTLER_INVALID_OPTIONS',
      message: expect.stringMatching(
        /^plan\(at\) is "2026-01-14T02:30Z"; expected a moment to come; .*history\(name\)/,
      ),
    })
  })

  test('of a moment that has just passed is one of now', async () => {
    const { butler, clock } = await openButler({ tasks: { BackupDatabase: held() } })
    const justNow = clock.now()
    await clock.moveBy(60_000)
    expect((await butler.plan(justNow)).decisions).toMatchObject([{ kind: 'start' }])
  })
})

test.each<[object, string]>([
  [{ store: 'shop.json' }, '.store is "shop.json"; expected a store, such as fileStore("shop.json").'],
  [{ store: fileStore }, '.store is a function; expected a store, such as fileStore("butler.json").'],
  [{ store: {} }, '.store is {}; expected a store, such as fileStore("butler.json").'],
  [{ store: null }, '.store is null; expected a store, such as fileStore("butler.json").'],
  [{ queue: {} }, '.queue is {}; expected a queue, such as bullmqQueue({ connection }) of express-butler/bullmq.'],
  [{ queue: 'redis://a' }, '.queue is "redis://a"; expected a queue, such as bullmqQueue({ connection }) of '],
  [{ queue: { open() {}, resume: 5 } }, '.queue.resume is 5; expected a function, as every RunQueue has.'],
])('createButler with %j says what belongs there', (options, message) => {
  const create = () => createButler({ tasks: {}, ...options })
  expect(create).toThrow(expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS' }))
  expect(create).toThrow(`createButler(options)${message}`)
})
