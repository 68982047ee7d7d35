import { held, NIGHT, NOON, openButler, record } from './helpers/butler'

test('settings are the options until an operator says otherwise', async () => {
  const { butler } = await openButler({ tasks: { On: held(), Off: { run: held(), enabled: false } } })
  expect(await butler.settings()).toEqual({
    window: { opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' },
    enabled: { On: true, Off: false },
  })
})

test('defaults are what the code says, whatever an operator has changed', async () => {
  const { butler } = await openButler({ tasks: { On: held(), Off: { run: held(), enabled: false } } })
  const untouched = await butler.settings()
  await butler.configure({ window: { opensAt: '03:00' }, enabled: { On: false, Off: true } })
  expect(await butler.defaults()).toEqual(untouched)
})

test('what an operator changed survives a restart, and what they never touched follows the code', async () => {
  const before = await openButler({ tasks: { A: held(), B: held() } })
  await before.butler.configure({ window: { opensAt: '03:00' }, enabled: { A: false } })
  const after = await openButler({
    memory: before.store.memory() as never,
    window: { opensAt: '01:00', closesAt: '06:00', timeZone: 'UTC' },
    tasks: { A: held(), B: { run: held(), enabled: false } },
  })
  expect(await after.butler.settings()).toEqual({
    window: { opensAt: '03:00', closesAt: '06:00', timeZone: 'UTC' },
    enabled: { A: false, B: false },
  })
})

test.each([
  ['an unknown key', { windows: {} }, 'BUTLER_INVALID_SETTINGS'],
  ['an unknown task', { enabled: { Nope: true } }, 'BUTLER_INVALID_SETTINGS'],
  ['a switch that is no boolean', { enabled: { A: 'yes' } }, 'BUTLER_INVALID_SETTINGS'],
  ['switches that are no object', { enabled: true }, 'BUTLER_INVALID_SETTINGS'],
  ['no object', 'on', 'BUTLER_INVALID_SETTINGS'],
  ['a switch that is a function', { enabled: { A: () => true } }, 'BUTLER_INVALID_SETTINGS'],
  ['too deep to be copied', JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 'BUTLER_INVALID_SETTINGS'],
  ['a time that is none', { window: { opensAt: '25:00' } }, 'BUTLER_INVALID_WINDOW'],
  ['a zone that is none', { window: { timeZone: 'Mars/Olympus' } }, 'BUTLER_INVALID_WINDOW'],
  ['an unknown member of the window', { window: { opens: '02:00' } }, 'BUTLER_INVALID_WINDOW'],
  ['one good and one bad thing', { enabled: { A: false }, window: { opensAt: 'x' } }, 'BUTLER_INVALID_WINDOW'],
])('%s is refused, and nothing has changed', async (_what, change, code) => {
  const { butler } = await openButler({ tasks: { A: held() } })
  const before = await butler.settings()
  await expect(butler.configure(change as never)).rejects.toMatchObject({ code })
  expect(await butler.settings()).toEqual(before)
})

test('a window that is moved over the present opens at once', async () => {
  const { butler, stateOf } = await openButler({ at: NOON, tasks: { A: held() } })
  await butler.configure({ window: { opensAt: '11:00', closesAt: '13:00' } })
  expect(await stateOf('A')).toBe('running')
})

test('a window that is moved away closes at once: what it started is stopped, what waits is removed', async () => {
  const { butler, ended, stateOf } = await openButler({
    at: NIGHT,
    tasks: { A: held(), R: { run: held(), randomized: true } },
  })
  const run = ended('A')
  await butler.configure({ window: { opensAt: '22:00', closesAt: '23:00' } })
  expect(await run).toMatchObject({ outcome: 'window-closed' })
  expect([await stateOf('A'), await stateOf('R')]).toEqual(['idle', 'idle'])
})

test('a window that is moved draws again what does not fit into it, and keeps what does', async () => {
  const chances = [0.1, 0.9, 0.5]
  const { butler, statusOf } = await openButler({
    at: NIGHT,
    random: () => chances.shift() as number,
    tasks: { Early: { run: held(), randomized: true }, Late: { run: held(), randomized: true } },
  })
  const early = (await statusOf('Early'))?.scheduledFor
  expect(await statusOf('Late')).toMatchObject({ scheduledFor: '2026-01-14T04:45:00.000Z' })
  await butler.configure({ window: { closesAt: '03:30' } })
  expect(await statusOf('Early')).toMatchObject({ state: 'scheduled', scheduledFor: early })
  expect(await statusOf('Late')).toMatchObject({ state: 'scheduled', scheduledFor: '2026-01-14T03:00:00.000Z' })
})

test('a longer window lets what it started go on', async () => {
  const { butler, clock, stateOf } = await openButler({ at: NIGHT, tasks: { A: held() } })
  await butler.configure({ window: { closesAt: '07:00' } })
  await clock.moveTo('2026-01-14T06:59Z')
  expect(await stateOf('A')).toBe('running')
  await clock.moveTo('2026-01-14T07:00Z')
  expect(await stateOf('A')).toBe('idle')
})

test('a task that is switched off is taken off the schedule, and one that is switched on inside the window is planned', async () => {
  const { butler, stateOf } = await openButler({
    at: NIGHT,
    tasks: { R: { run: held(), randomized: true }, Off: { run: held(), enabled: false } },
  })
  await butler.configure({ enabled: { R: false, Off: true } })
  expect([await stateOf('R'), await stateOf('Off')]).toEqual(['idle', 'running'])
})

test('switching one task on does not start another that failed tonight', async () => {
  let calls = 0
  const failing = async () => {
    calls += 1
    throw new Error('no luck')
  }
  const { butler, clock, statusOf } = await openButler({
    at: NIGHT,
    tasks: { Failing: failing, Off: { run: held(), enabled: false } },
  })
  await clock.moveBy(0)
  expect(await statusOf('Failing')).toMatchObject({ state: 'idle', lastRun: { outcome: 'failed' } })
  await butler.configure({ enabled: { Off: true } })
  expect(calls).toBe(1)
})

test('a task that is switched off can still be started by name', async () => {
  const { butler, stateOf } = await openButler({ tasks: { Off: { run: held(), enabled: false } } })
  expect(await butler.start('Off')).toBe('started')
  expect(await stateOf('Off')).toBe('running')
})

test('a change is told to whoever listens, as a copy', async () => {
  const { butler } = await openButler({ tasks: { A: held() } })
  const told = record(butler as never, ['settings:changed'])
  await butler.configure({ enabled: { A: false } })
  expect(told).toMatchObject([['settings:changed', { enabled: { A: false } }]])
  const [[, copy] = []] = told
  Object.assign((copy as { enabled: object }).enabled, { A: true })
  expect(await butler.settings()).toMatchObject({ enabled: { A: false } })
})
