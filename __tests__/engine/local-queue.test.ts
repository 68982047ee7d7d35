import { LocalQueue } from '../../lib/engine/local-queue'
import type { QueueHost } from '../../lib/engine/queue'
import { newRun, type Run } from '../../lib/engine/run'
import { type Memory, memoryStore } from '../../lib/engine/store'
import { untraced } from '../../lib/engine/tracer'
import { ButlerError } from '../../lib/errors'
import type { Outcome } from '../../lib/registry'
import { fakeClock } from '../../lib/testing/fake-clock'
import { type OpenQueue, QueueBench } from '../helpers/queue-bench'
import { queueContract } from '../helpers/queue-contract'

const MINUTE = 60_000
const byAda = { trigger: 'manual', by: 'ada' } as const
const stopped = { cause: 'stopped', graceMs: null } as const
const diskFull = new ButlerError('BUTLER_STORE_FAILED', 'The disk is full.')

/** A store that keeps the text of what was saved last, and can be broken: then nothing is saved any more. */
function textStore(initial: Memory | null = null) {
  let saved = JSON.stringify(initial)
  const store = {
    broken: false,
    saves: 0,
    memory: (): Memory | null => JSON.parse(saved),
    open: async () => store.memory(),
    async save(memory: Memory) {
      store.saves += 1
      if (store.broken) throw diskFull
      saved = JSON.stringify(memory)
    },
    async close() {},
  }
  return store
}

/** Breaks a store for the next save only. */
function failOnce(store: ReturnType<typeof textStore>): void {
  const { save } = store
  store.save = async () => {
    store.save = save
    throw diskFull
  }
}

/** Keeps the next save of a store waiting until the test lets it fail. */
function holdUp(store: ReturnType<typeof textStore>): () => void {
  const { save } = store
  let fail = () => {}
  store.save = () => {
    store.save = save
    return new Promise((_, reject) => {
      fail = () => reject(diskFull)
    })
  }
  return () => fail()
}

queueContract('the queue in one process', async () => {
  const clock = fakeClock()
  let store = textStore()
  return {
    clock,
    create() {
      store = textStore(store.memory())
      return new LocalQueue(store)
    },
    pass: (ms) => clock.moveBy(ms),
    async crash() {
      store = textStore(store.memory())
    },
    async close() {},
  }
})

const benches: QueueBench[] = []

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.end()
})

/** A queue that is open on a store of the test's. */
async function onTextStore(options: Parameters<QueueBench['open']>[0] = {}, store = textStore()) {
  const clock = fakeClock()
  const bench = new QueueBench(async () => ({
    clock,
    create: () => new LocalQueue(store),
    pass: (ms) => clock.moveBy(ms),
    async crash() {},
    async close() {},
  }))
  await bench.begin()
  benches.push(bench)
  return { store, bench, here: await bench.open(options) }
}

const events = ({ told }: OpenQueue) => told.map(([event]) => event)

describe('a start that cannot be stored', () => {
  test('rejects, and the run never was', async () => {
    const { store, bench, here } = await onTextStore()
    store.broken = true
    await expect(here.queue.start('Backup', byAda)).rejects.toBe(diskFull)
    expect(await here.recordOf('Backup')).toMatchObject({ state: 'idle', lastRun: null })
    expect(await here.queue.history('Backup', { limit: 1, before: null })).toEqual([])
    await bench.called(here)
    expect(here.told).toEqual([])
  })

  test('rejects for everybody who asked meanwhile: nobody is told that it runs', async () => {
    const { store, bench, here } = await onTextStore()
    store.broken = true
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => here.queue.start('Backup', byAda)))
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(50)
    await bench.called(here)
  })

  test('leaves the slot free for the next', async () => {
    const { store, bench, here } = await onTextStore()
    store.broken = true
    await expect(here.queue.start('Backup', byAda)).rejects.toBe(diskFull)
    store.broken = false
    expect(await here.queue.start('Backup', byAda)).toBe('started')
    await bench.called(here, 'Backup')
  })

  test('leaves waiting what was to be pulled forward', async () => {
    const { store, bench, here } = await onTextStore({ concurrency: 1 })
    const at = bench.inMs(MINUTE)
    await here.add('Backup', 'Scan', { task: 'Tag', at })
    await bench.called(here, 'Backup')
    store.broken = true
    for (const name of ['Scan', 'Tag'] as const) await expect(here.queue.start(name, byAda)).rejects.toBe(diskFull)
    expect(await here.recordOf('Tag')).toMatchObject({ state: 'scheduled', waiting: { at, trigger: 'window' } })
    expect(await here.recordOf('Scan')).toMatchObject({ state: 'queued', waiting: { trigger: 'window' } })
    store.broken = false
    here.tasks.Backup.finish()
    await bench.called(here, 'Backup', 'Scan')
    here.tasks.Scan.finish()
    await bench.pass(MINUTE)
    await bench.called(here, 'Backup', 'Scan', 'Tag')
  })

  test('holds up nobody who comes after it', async () => {
    const { store, bench, here } = await onTextStore()
    const fail = holdUp(store)
    const start = here.queue.start('Backup', byAda)
    await here.add({ task: 'Scan', after: ['Backup'] })
    await bench.called(here)
    fail()
    await expect(start).rejects.toBe(diskFull)
    await bench.called(here, 'Scan')
  })

  test('has nothing to stop', async () => {
    const { store, bench, here } = await onTextStore()
    store.broken = true
    const start = here.queue.start('Backup', byAda)
    const stop = here.queue.stop('Backup', stopped)
    await expect(start).rejects.toBe(diskFull)
    expect(await stop).toBe('stopped')
    await bench.called(here)
    expect(here.told).toEqual([])
  })
})

describe('a run that is asked to stop before it is stored', () => {
  test('is told in order, and its task is not called', async () => {
    const { bench, here } = await onTextStore()
    const start = here.queue.start('Backup', byAda)
    const stop = here.queue.stop('Backup', stopped)
    expect(await start).toBe('started')
    expect(await stop).toBe('stopped')
    await bench.called(here)
    expect(events(here)).toEqual(['run:started', 'run:stopping', 'run:ended'])
    expect((await here.recordOf('Backup')).lastRun).toMatchObject({ outcome: 'stopped' })
  })

  test('because the queue closes, is interrupted', async () => {
    const { bench, here } = await onTextStore()
    const start = here.queue.start('Backup', byAda)
    expect(await bench.close(here)).toEqual([])
    await start
    expect(here.told.at(-1)).toMatchObject(['run:ended', { outcome: 'interrupted' }])
  })
})

describe('what a plan adds', () => {
  test('and cannot be stored does not wait, and can be added again', async () => {
    const { store, bench, here } = await onTextStore()
    store.broken = true
    const at = bench.inMs(MINUTE)
    await expect(here.add('Backup', { task: 'Tag', at })).rejects.toBe(diskFull)
    for (const name of ['Backup', 'Tag'] as const) {
      expect(await here.recordOf(name)).toMatchObject({ state: 'idle', waiting: null })
    }
    expect(here.told).toEqual([])
    store.broken = false
    await here.add('Backup', { task: 'Tag', at })
    await bench.pass(MINUTE)
    await bench.called(here, 'Backup', 'Tag')
  })

  test('and cannot be stored when its turn comes is tried again a minute later, until it works', async () => {
    const { store, bench, here } = await onTextStore()
    const at = bench.inMs(MINUTE)
    await here.add({ task: 'Tag', at, trigger: 'start-all', by: 'ada' })
    store.broken = true
    await bench.pass(MINUTE)
    await bench.called(here)
    const again = { ...(await here.recordOf('Tag')).waiting, at: bench.inMs(MINUTE) }
    expect(await here.recordOf('Tag')).toMatchObject({ state: 'scheduled', waiting: again, lastRun: null })
    expect(here.told.at(-1)).toEqual(['task:scheduled', again])
    await bench.pass(MINUTE)
    await bench.called(here)
    store.broken = false
    await bench.pass(MINUTE)
    await bench.called(here, 'Tag')
    expect((await here.recordOf('Tag')).lastRun).toMatchObject({ trigger: 'start-all', by: 'ada' })
  })

  test('gives its place to others meanwhile, and holds up those who come after it', async () => {
    const { store, bench, here } = await onTextStore({ concurrency: 1 })
    await here.add({ task: 'Backup', at: bench.inMs(10) }, { task: 'Scan', after: ['Backup'] })
    failOnce(store)
    await bench.pass(10)
    await here.add('Clean')
    await bench.called(here, 'Clean')
    here.tasks.Clean.finish()
    await bench.idle(here, 'Clean')
    await bench.called(here, 'Clean')
    await bench.pass(MINUTE)
    await bench.called(here, 'Clean', 'Backup')
    here.tasks.Backup.finish()
    await bench.called(here, 'Clean', 'Backup', 'Scan')
  })

  test('is taken off when it is too late for another attempt', async () => {
    const { store, bench, here } = await onTextStore()
    await here.add({ task: 'Tag', at: bench.inMs(10), until: bench.inMs(MINUTE) })
    store.broken = true
    await bench.pass(10)
    store.broken = false
    await bench.pass(MINUTE)
    await bench.called(here)
    expect(await here.recordOf('Tag')).toMatchObject({ state: 'idle', waiting: null })
    expect(here.told.at(-1)).toMatchObject(['task:removed', { task: 'Tag' }])
  })

  test('is not tried again when somebody has started it meanwhile, or it was taken off', async () => {
    const { store, bench, here } = await onTextStore()
    await here.add({ task: 'Tag', at: bench.inMs(10) }, { task: 'Scan', at: bench.inMs(10) })
    store.broken = true
    await bench.pass(10)
    store.broken = false
    await here.queue.start('Tag', byAda)
    await here.queue.stop('Scan', stopped)
    here.tasks.Tag.finish()
    await bench.pass(2 * MINUTE)
    await bench.called(here, 'Tag')
  })

  test('is not tried again when somebody starts it in the very moment it is given up', async () => {
    const { store, bench, here } = await onTextStore()
    await here.add({ task: 'Tag', at: bench.inMs(10) })
    const { save } = store
    let start: Promise<string> | undefined
    store.save = () => {
      store.save = save
      const failed = Promise.reject(diskFull)
      start = failed.catch(() => {}).then(() => here.queue.start('Tag', byAda))
      return failed
    }
    await bench.pass(10)
    expect(await start).toBe('started')
    expect(await here.recordOf('Tag')).toMatchObject({ state: 'running', waiting: null })
    here.tasks.Tag.finish()
    await bench.pass(2 * MINUTE)
    await bench.called(here, 'Tag')
  })

  test('is not tried again when it is stopped while it is being stored in vain', async () => {
    const { store, bench, here } = await onTextStore()
    await here.add({ task: 'Tag', at: bench.inMs(10) }, { task: 'Scan', at: bench.inMs(20), after: ['Tag'] })
    const fail = holdUp(store)
    await bench.pass(20)
    const stop = here.queue.stop('Tag', stopped)
    fail()
    expect(await stop).toBe('stopped')
    expect(await here.recordOf('Tag')).toMatchObject({ state: 'idle', waiting: null, lastRun: null })
    await bench.pass(2 * MINUTE)
    await bench.called(here, 'Scan')
  })

  test('and is found too late, however many there are, is written once', async () => {
    const { store, bench, here } = await onTextStore({ concurrency: 1 })
    const until = bench.inMs(10)
    await here.add('Backup', ...(['Scan', 'Clean', 'Tag'] as const).map((task) => ({ task, until })))
    await bench.called(here, 'Backup')
    await bench.pass(10)
    const { saves } = store
    here.tasks.Backup.finish()
    await bench.idle(here, 'Backup', 'Scan', 'Clean', 'Tag')
    await bench.called(here, 'Backup')
    expect(store.saves - saves).toBe(2)
    expect(store.memory()?.tasks.Tag?.waiting).toBeNull()
  })

  test.each<[string, boolean]>([
    ['closed', false],
    ['closing', true],
  ])('is not tried again by a queue that is %s', async (_, isHeldUp) => {
    const { store, bench, here } = await onTextStore()
    await here.add({ task: 'Tag', at: bench.inMs(10) })
    const fail = holdUp(store)
    await bench.pass(10)
    if (!isHeldUp) fail()
    await bench.pass(0)
    const left = bench.close(here)
    if (isHeldUp) fail()
    expect(await left).toEqual([])
    const told = here.told.length
    await bench.pass(2 * MINUTE)
    await bench.called(here)
    expect(here.told).toHaveLength(told)
    expect(here.told.filter(([event]) => event === 'task:scheduled')).toHaveLength(isHeldUp ? 1 : 2)
  })

  test('and is taken off before it is stored does not wait', async () => {
    const { bench, here } = await onTextStore()
    const add = here.add({ task: 'Tag', at: bench.inMs(10) })
    expect(await here.queue.stop('Tag', stopped)).toBe('stopped')
    await add
    expect(events(here)).toEqual(['task:removed'])
    await bench.pass(MINUTE)
    await bench.called(here)
  })

  test('is handed to listeners as a copy', async () => {
    const { bench, here } = await onTextStore({ concurrency: 1 })
    await here.add(
      'Backup',
      { task: 'Tag', at: bench.inMs(MINUTE), after: ['Scan'] },
      { task: 'Clean', after: ['Backup'] },
    )
    for (const [, payload] of here.told) if ('after' in payload) payload.after.push('forged')
    expect((await here.recordOf('Tag')).waiting?.after).toEqual(['Scan'])
    expect((await here.recordOf('Clean')).waiting?.after).toEqual(['Backup'])
  })
})

describe('what has happened and cannot be stored', () => {
  test('has happened all the same, and is stored a minute later', async () => {
    const { store, bench, here } = await onTextStore()
    await here.queue.start('Backup', byAda)
    await bench.called(here, 'Backup')
    store.broken = true
    here.tasks.Backup.finish('done')
    await bench.idle(here, 'Backup')
    expect(here.told.at(-1)).toMatchObject(['run:ended', { outcome: 'completed' }])
    expect(store.memory()?.tasks.Backup).toMatchObject({ runs: [{ outcome: null }], lastCompletedOn: null })
    store.broken = false
    await bench.pass(MINUTE)
    expect(store.memory()?.tasks.Backup).toMatchObject({
      runs: [{ outcome: 'completed' }],
      lastCompletedOn: '2026-01-01',
    })
  })

  test('is tried again once a minute, however much it is, and no more once it is stored', async () => {
    const { store, bench, here } = await onTextStore()
    await here.add(...(['Backup', 'Scan', 'Clean'] as const).map((task) => ({ task, at: bench.inMs(MINUTE) })))
    store.broken = true
    for (const name of ['Backup', 'Scan', 'Clean'] as const) {
      expect(await here.queue.stop(name, stopped)).toBe('stopped')
    }
    const before = store.saves
    await bench.pass(3 * MINUTE)
    expect(store.saves - before).toBe(3)
    store.broken = false
    await bench.pass(3 * MINUTE)
    expect(store.saves - before).toBe(4)
  })

  test('is not tried again after the queue was closed', async () => {
    const { store, bench, here } = await onTextStore()
    await here.queue.start('Backup', byAda)
    await bench.called(here, 'Backup')
    store.broken = true
    expect(await bench.close(here)).toEqual([])
    const before = store.saves
    await bench.pass(3 * MINUTE)
    expect(store.saves).toBe(before)
  })

  test('before the process was killed does not keep the queue from opening', async () => {
    const at = '2026-01-01T11:00:00.000Z'
    const run = newRun({ id: 'cut', task: 'Backup', trigger: 'manual', by: null, date: '2026-01-01', startedAt: at })
    const memory = { runs: [run], waiting: null, draw: null, lastCompletedOn: null }
    const store = textStore({ version: 1, settings: {}, tasks: { Backup: memory } })
    store.broken = true
    const { bench, here } = await onTextStore({}, store)
    expect(here.told).toMatchObject([['run:ended', { id: 'cut', outcome: 'interrupted' }]])
    store.broken = false
    await bench.pass(MINUTE)
    expect(store.memory()?.tasks.Backup?.runs).toMatchObject([
      { id: 'cut', outcome: 'interrupted', endedAt: '2026-01-01T12:00:00.000Z' },
    ])
  })
})

test('what an earlier version remembered tells when a task last completed, as far as its runs are kept', async () => {
  const run = (id: string, endedAt: string, outcome: Outcome): Run => ({
    ...newRun({ id, task: 'Backup', trigger: 'window', by: null, date: endedAt.slice(0, 10), startedAt: endedAt }),
    endedAt,
    outcome,
  })
  const runs = [
    run('one', '2025-12-29T02:00:00.000Z', 'completed'),
    run('two', '2025-12-30T02:00:00.000Z', 'completed'),
    run('three', '2025-12-31T02:00:00.000Z', 'failed'),
  ]
  const memory = { runs, waiting: null, draw: null, lastCompletedOn: '2025-12-30' }
  const store = textStore({ version: 1, settings: {}, tasks: { Backup: memory } })
  const { here } = await onTextStore({}, store)
  expect((await here.recordOf('Backup')).lastCompletedAt).toBe('2025-12-30T02:00:00.000Z')
  expect(await here.recordOf('Scan')).not.toHaveProperty('lastCompletedAt')
})

describe('an operator reads', () => {
  /** A logger that keeps the line and the details of what it is told. */
  function recorder() {
    const lines: [level: string, message: string, details: object][] = []
    const at = (level: string) => (details: object, message: string) => void lines.push([level, message, details])
    return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } }
  }

  test('what a task does wrong with its progress', async () => {
    const { lines, logger } = recorder()
    const { bench, here } = await onTextStore({ logger })
    await here.queue.start('Backup', byAda)
    await bench.called(here, 'Backup')
    here.tasks.Backup.calls[0]?.progress(Number.NaN)
    const { runId } = here.tasks.Backup.calls[0] ?? {}
    expect(lines).toEqual([
      ['warn', 'progress(NaN) is left out; expected a number from 0 to 1.', { task: 'Backup', runId }],
    ])
  })

  test('what could not be started, and what could not be stored', async () => {
    const { lines, logger } = recorder()
    const { store, bench, here } = await onTextStore({ logger })
    await here.add({ task: 'Tag', at: bench.inMs(10) }, { task: 'Scan', at: bench.inMs(MINUTE) })
    store.broken = true
    await bench.pass(10)
    await here.queue.stop('Scan', stopped)
    expect(lines).toEqual([
      ['error', 'Tag was not started, and is tried again in a minute.', { task: 'Tag', err: diskFull }],
      ['error', 'What happened could not be stored; it is tried again in a minute.', { err: diskFull }],
    ])
  })

  test('nothing, as long as all is well', async () => {
    const { lines, logger } = recorder()
    const { bench, here } = await onTextStore({ logger })
    await here.add({ task: 'Tag', at: bench.inMs(10) })
    await bench.run(here, 'Backup')
    await bench.pass(10)
    await bench.close(here)
    expect(lines).toEqual([])
  })
})

test('nothing is written when nothing has happened', async () => {
  const { store, bench, here } = await onTextStore()
  await here.queue.stopAll(stopped)
  await here.queue.withdraw(['Backup', 'Tag'])
  await here.queue.stop('Backup', stopped)
  await bench.close(here)
  expect(store.saves).toBe(0)
})

test('what ends after the queue was closed is not written any more', async () => {
  const { store, bench, here } = await onTextStore()
  here.tasks.Backup.stubborn = true
  await here.queue.start('Backup', byAda)
  await bench.called(here, 'Backup')
  expect(await bench.close(here, 0)).toEqual(['Backup'])
  const { saves } = store
  here.tasks.Backup.finish()
  await bench.pass(2 * MINUTE)
  expect(store.saves).toBe(saves)
})

test('what waited for a task that this host no longer has waits for it no more', async () => {
  const waiting = { task: 'Tag', trigger: 'window', by: null, at: null, until: null, after: ['Vanished'] } as const
  const tag = { runs: [], waiting: { ...waiting, after: [...waiting.after] }, draw: null, lastCompletedOn: null }
  const { bench, here } = await onTextStore({}, textStore({ version: 1, settings: {}, tasks: { Tag: tag } }))
  await bench.called(here, 'Tag')
})

test('a change that cannot be stored rejects, and what was changed before holds', async () => {
  const { store, here } = await onTextStore()
  await here.queue.change({ enabled: { Scan: false } }, false)
  store.broken = true
  await expect(here.queue.change({ enabled: { Scan: true, Tag: false } }, false)).rejects.toBe(diskFull)
  expect(await here.queue.changes()).toEqual({ enabled: { Scan: false } })
})

test('a store that cannot be opened keeps the queue from opening, and it can be tried again', async () => {
  const store = memoryStore()
  const host: QueueHost = {
    tasks: new Map(),
    clock: fakeClock(),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    concurrency: 1,
    historyLimit: 1,
    dateOf: () => '2026-01-01',
    tracer: untraced,
    tell() {},
    passOn() {},
    changed() {},
  }
  const first = new LocalQueue(store)
  await first.open(host)
  const second = new LocalQueue(store)
  await expect(second.open(host)).rejects.toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
  await first.close(0)
  await second.open(host)
  await second.close(0)
})

test('what is remembered of a task that this host no longer has is kept, and a run of it that was cut is interrupted', async () => {
  const at = '2026-01-01T11:00:00.000Z'
  const run = newRun({ id: 'cut', task: 'Vanished', trigger: 'manual', by: null, date: '2026-01-01', startedAt: at })
  const waiting = { task: 'Vanished', trigger: 'window', by: null, at, until: null, after: [] } as const
  const vanished = { runs: [run], waiting: { ...waiting, after: [] }, draw: null, lastCompletedOn: '2025-12-31' }
  const store = textStore({ version: 1, settings: {}, tasks: { Vanished: vanished } })
  const { bench, here } = await onTextStore({}, store)
  expect((await here.queue.records()).has('Vanished')).toBe(false)
  expect(here.told).toMatchObject([['run:ended', { task: 'Vanished', outcome: 'interrupted' }]])
  await bench.pass(MINUTE)
  await bench.run(here, 'Backup')
  expect(store.memory()?.tasks.Vanished).toMatchObject({
    waiting,
    lastCompletedOn: '2025-12-31',
    runs: [{ id: 'cut' }],
  })
})
