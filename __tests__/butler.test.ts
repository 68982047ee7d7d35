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

test.each([[new Date(Number.NaN)], [42]])('refuses history before %p', async (before) => {
  const { butler } = await openButler({ tasks: { BackupDatabase: held() } })
  const refusal = { code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining('before') }
  await expect(butler.history('BackupDatabase', { before: before as Date })).rejects.toMatchObject(refusal)
})
