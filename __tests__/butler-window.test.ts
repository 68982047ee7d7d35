import { held, NIGHT, NOON, next, openButler, record } from './helpers/butler'

const HOUR = 3_600_000

describe('when the window opens', () => {
  test('a task that is due starts, by itself and once', async () => {
    const task = held()
    const { butler, clock, statusOf } = await openButler({ tasks: { BackupDatabase: task } })
    expect(await statusOf('BackupDatabase')).toMatchObject({ state: 'idle', nextRun: '2026-01-15T02:00:00.000Z' })
    await clock.moveTo('2026-01-15T02:00Z')
    expect(await statusOf('BackupDatabase')).toMatchObject({ state: 'running', lastRun: { trigger: 'window' } })
    task.finish()
    await next(butler as never, 'run:ended')
    await clock.moveTo('2026-01-15T23:00Z')
    expect(task.calls).toHaveLength(1)
    expect(await statusOf('BackupDatabase')).toMatchObject({ nextRun: '2026-01-18T02:00:00.000Z' })
  })

  test('a randomised task is given a moment of it, and starts then', async () => {
    const { clock, statusOf } = await openButler({ tasks: { GenerateAutoTags: held() } })
    await clock.moveTo('2026-01-15T02:00Z')
    expect(await statusOf('GenerateAutoTags')).toMatchObject({
      state: 'scheduled',
      scheduledFor: '2026-01-15T03:30:00.000Z',
    })
    await clock.moveTo('2026-01-15T03:30Z')
    expect(await statusOf('GenerateAutoTags')).toMatchObject({ state: 'running', lastRun: { trigger: 'window' } })
  })

  test('a task that is disabled or not due rests', async () => {
    const { butler, clock, ended, stateOf } = await openButler({
      tasks: { Off: { run: held(), enabled: false }, Weekly: { run: async () => {}, intervalDays: 7 } },
    })
    const run = ended('Weekly')
    await butler.start('Weekly')
    await run
    await clock.moveTo('2026-01-15T02:00Z')
    expect([await stateOf('Off'), await stateOf('Weekly')]).toEqual(['idle', 'idle'])
  })

  test('a Butler that opens in the middle of it plans at once', async () => {
    const { stateOf } = await openButler({ at: NIGHT, tasks: { BackupDatabase: held() } })
    expect(await stateOf('BackupDatabase')).toBe('running')
  })
})

describe('when the window closes', () => {
  test('what the window started is stopped, and is due again the next night', async () => {
    const { clock, ended, statusOf } = await openButler({ at: NIGHT, tasks: { BackupDatabase: held() } })
    const run = ended('BackupDatabase')
    await clock.moveTo('2026-01-14T05:00Z')
    expect(await run).toMatchObject({ outcome: 'window-closed', endedAt: '2026-01-14T05:00:00.000Z' })
    expect(await statusOf('BackupDatabase')).toMatchObject({ nextRun: '2026-01-15T02:00:00.000Z' })
    await clock.moveTo('2026-01-15T02:00Z')
    expect(await statusOf('BackupDatabase')).toMatchObject({ state: 'running' })
  })

  test('what may finish goes on', async () => {
    const { clock, stateOf } = await openButler({ at: NIGHT, tasks: { Scan: { run: held(), atWindowEnd: 'finish' } } })
    await clock.moveTo('2026-01-14T05:00Z')
    expect(await stateOf('Scan')).toBe('running')
  })

  test('what a person started is left alone', async () => {
    const { butler, clock, stateOf } = await openButler({
      at: '2026-01-14T01:59Z',
      tasks: { ByHand: held(), InAll: { run: held(), randomized: false } },
    })
    await butler.start('ByHand')
    await butler.startAll()
    await clock.moveTo('2026-01-14T06:00Z')
    expect([await stateOf('ByHand'), await stateOf('InAll')]).toEqual(['running', 'running'])
  })

  test('what still waits because of it is removed, and told', async () => {
    const first = held()
    const { butler, clock, stateOf } = await openButler({
      at: NIGHT,
      concurrency: 1,
      tasks: { First: { run: first, atWindowEnd: 'finish' }, Second: held() },
    })
    const told = record(butler as never, ['task:removed', 'window:closed'])
    expect(await stateOf('Second')).toBe('queued')
    await clock.moveTo('2026-01-14T05:00Z')
    expect(await stateOf('Second')).toBe('idle')
    expect(told.map(([event]) => event)).toEqual(['window:closed', 'task:removed'])
  })

  test('what a start-all queued goes on waiting', async () => {
    const first = held()
    const { butler, clock, stateOf } = await openButler({ concurrency: 1, tasks: { First: first, Second: held() } })
    await butler.startAll()
    await clock.moveTo('2026-01-15T06:00Z')
    expect([await stateOf('First'), await stateOf('Second')]).toEqual(['running', 'queued'])
  })
})

describe('start-all', () => {
  test('outside the window starts everything that is due, randomised or not', async () => {
    const { butler, stateOf } = await openButler({
      tasks: { Plain: held(), Random: { run: held(), randomized: true } },
    })
    const plan = await butler.startAll({ trigger: 'start-all', by: 'ada' })
    expect(plan).toMatchObject({ night: null, date: '2026-01-14' })
    expect(plan.decisions.map(({ task, kind, reason }) => [task, kind, reason])).toEqual([
      ['Plain', 'start', 'outside-window'],
      ['Random', 'start', 'outside-window'],
    ])
    expect([await stateOf('Plain'), await stateOf('Random')]).toEqual(['running', 'running'])
    expect((await butler.history('Plain'))[0]).toMatchObject({ trigger: 'start-all', by: 'ada' })
  })

  test('inside the window keeps the moment that was drawn', async () => {
    const chances = [0.5, 0.9]
    const { butler, statusOf } = await openButler({
      at: NIGHT,
      random: () => chances.shift() as number,
      tasks: { Random: { run: held(), randomized: true } },
    })
    const drawn = (await statusOf('Random'))?.scheduledFor
    await butler.stopAll()
    expect((await statusOf('Random'))?.state).toBe('idle')
    expect((await butler.startAll()).decisions).toMatchObject([{ kind: 'schedule', at: drawn }])
    expect((await statusOf('Random'))?.scheduledFor).toBe(drawn)
  })

  test('called twice at once runs nothing twice', async () => {
    const calls: string[] = []
    const { butler } = await openButler({ tasks: { Quick: async ({ runId }) => void calls.push(runId) } })
    await Promise.all([butler.startAll(), butler.startAll(), butler.startAll()])
    await butler.stopAll()
    expect(calls).toHaveLength(1)
  })

  test('leaves alone what runs, waits and is scheduled', async () => {
    const { butler } = await openButler({
      at: NIGHT,
      concurrency: 1,
      tasks: { Runs: held(), Waits: held(), Random: { run: held(), randomized: true } },
    })
    expect((await butler.startAll()).decisions.map(({ reason }) => reason)).toEqual([
      'already-running',
      'already-queued',
      'already-scheduled',
    ])
  })
})

describe('concurrency and order', () => {
  test('a plan starts so many at once; the rest follows in order', async () => {
    const tasks = { A: held(), B: held(), C: held() }
    const { butler, ended, stateOf } = await openButler({ concurrency: 2, tasks })
    await butler.startAll()
    expect([await stateOf('A'), await stateOf('B'), await stateOf('C')]).toEqual(['running', 'running', 'queued'])
    const run = ended('B')
    tasks.B.finish()
    await run
    expect(await stateOf('C')).toBe('running')
  })

  test('a person does not wait for a place', async () => {
    const { butler, stateOf } = await openButler({ concurrency: 1, tasks: { A: held(), B: held() } })
    await butler.startAll()
    await butler.start('B')
    expect([await stateOf('A'), await stateOf('B')]).toEqual(['running', 'running'])
  })

  test('a task waits for those of the same plan that it comes after, however they end', async () => {
    const backup = held()
    const { butler, ended, stateOf } = await openButler({
      tasks: { Backup: backup, Optimize: { run: held(), after: ['Backup'] } },
    })
    await butler.startAll()
    expect([await stateOf('Backup'), await stateOf('Optimize')]).toEqual(['running', 'queued'])
    const run = ended('Backup')
    await butler.stop('Backup')
    expect((await run).outcome).toBe('stopped')
    expect(await stateOf('Optimize')).toBe('running')
  })

  test('a task does not wait for those that the plan leaves out', async () => {
    const { butler, stateOf } = await openButler({
      tasks: { Backup: { run: held(), enabled: false }, Optimize: { run: held(), after: ['Backup'] } },
    })
    await butler.startAll()
    expect(await stateOf('Optimize')).toBe('running')
  })
})

describe('clocks that misbehave', () => {
  test('a night that shows two o’clock twice is planned once', async () => {
    const calls: string[] = []
    const failing = async ({ runId }: { runId: string }) => {
      calls.push(runId)
      throw new Error('no luck')
    }
    const { clock } = await openButler({ at: '2026-01-14T01:30Z', tasks: { Failing: failing } })
    await clock.moveTo('2026-01-14T02:10Z')
    await clock.stepBy(-HOUR)
    await clock.moveTo('2026-01-14T04:00Z')
    expect(calls).toHaveLength(1)
  })

  test('a machine that slept through the opening plans what is left of the night', async () => {
    const { clock, statusOf } = await openButler({ at: NOON, tasks: { Random: { run: held(), randomized: true } } })
    await clock.stepBy(15 * HOUR)
    expect(await statusOf('Random')).toMatchObject({ state: 'scheduled', scheduledFor: '2026-01-15T04:00:00.000Z' })
  })

  test('a machine that slept through the whole night makes nothing up by day', async () => {
    const { clock, statusOf } = await openButler({ at: NOON, tasks: { BackupDatabase: held() } })
    await clock.stepBy(22 * HOUR)
    expect(await statusOf('BackupDatabase')).toMatchObject({ state: 'idle', nextRun: '2026-01-16T02:00:00.000Z' })
  })

  test('a task that was scheduled when the machine fell asleep does not start after the window', async () => {
    const { clock, stateOf } = await openButler({ at: NIGHT, tasks: { Random: { run: held(), randomized: true } } })
    expect(await stateOf('Random')).toBe('scheduled')
    await clock.stepBy(8 * HOUR)
    expect(await stateOf('Random')).toBe('idle')
  })

  test('a task that a person scheduled starts late rather than never', async () => {
    const { butler, clock, stateOf } = await openButler({
      at: NOON,
      tasks: { Random: { run: held(), randomized: true } },
    })
    await butler.configure({ window: { opensAt: '11:00', closesAt: '14:00' }, enabled: { Random: true } })
    await butler.stopAll()
    await butler.startAll()
    expect(await stateOf('Random')).toBe('scheduled')
    await clock.stepBy(8 * HOUR)
    expect(await stateOf('Random')).toBe('running')
  })
})

describe('what the window left unseen', () => {
  test('a task switched on after the window closed, before anybody noticed, does not start', async () => {
    const { butler, clock, stateOf } = await openButler({
      at: '2026-01-14T03:00Z',
      tasks: { New: { run: held(), enabled: false } },
    })
    // The watch is asleep while the clock is stepped past the closing.
    const now = jest.spyOn(clock, 'now').mockReturnValue(Date.parse('2026-01-14T07:00Z'))
    await butler.configure({ enabled: { New: true } })
    expect(await stateOf('New')).toBe('idle')
    now.mockRestore()
  })

  test('a task waits only for those of the same plan: not for one that somebody started by hand', async () => {
    const { butler, stateOf } = await openButler({
      tasks: { Backup: held(), Optimize: { run: held(), after: ['Backup'] } },
    })
    await butler.start('Backup')
    await butler.startAll()
    expect(await stateOf('Optimize')).toBe('running')
  })
})
