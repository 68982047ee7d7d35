import { once } from 'node:events'
import { createButler } from '../lib/butler'
import { LocalQueue } from '../lib/engine/local-queue'
import { memoryStore } from '../lib/engine/store'
import { fakeClock } from '../lib/testing/fake-clock'
import { held, NIGHT, NOON, openButler, WINDOW } from './helpers/butler'

test('a run that a crash cut is interrupted, and its task still due', async () => {
  const before = await openButler({ tasks: { BackupDatabase: held() } })
  await before.butler.start('BackupDatabase')
  const after = await openButler({
    clock: before.clock,
    memory: before.store.memory() as never,
    tasks: { BackupDatabase: held() },
  })
  expect(await after.butler.history('BackupDatabase')).toMatchObject([{ outcome: 'interrupted' }])
  expect((await after.butler.plan()).decisions).toMatchObject([{ kind: 'start' }])
})

test('a restart keeps the moment that was drawn', async () => {
  const before = await openButler({ at: NIGHT, tasks: { GenerateAutoTags: held() } })
  const { scheduledFor } = (await before.statusOf('GenerateAutoTags')) as { scheduledFor: string }
  await before.clock.moveBy(600_000)
  const after = await openButler({
    clock: before.clock,
    memory: before.store.memory() as never,
    random: () => 0.99,
    tasks: { GenerateAutoTags: held() },
  })
  expect(await after.statusOf('GenerateAutoTags')).toMatchObject({ state: 'scheduled', scheduledFor })
})

test('a moment that passed while the process was down is late, not lost, as long as the window is open', async () => {
  const before = await openButler({ at: NIGHT, tasks: { GenerateAutoTags: held() } })
  const memory = before.store.memory() as never
  const after = await openButler({ at: '2026-01-14T04:30Z', memory, tasks: { GenerateAutoTags: held() } })
  await after.clock.moveBy(0)
  expect(await after.stateOf('GenerateAutoTags')).toBe('running')
})

test('a moment that passed while the process was down is not made up after the window', async () => {
  const before = await openButler({ at: NIGHT, tasks: { GenerateAutoTags: held() } })
  const memory = before.store.memory() as never
  const after = await openButler({ at: '2026-01-14T09:00Z', memory, tasks: { GenerateAutoTags: held() } })
  await after.clock.moveBy(0)
  expect(await after.statusOf('GenerateAutoTags')).toMatchObject({ state: 'idle', nextRun: '2026-01-15T02:00:00.000Z' })
})

test('closing interrupts what runs, records it, and keeps what waits', async () => {
  const { butler, store } = await openButler({
    at: NIGHT,
    tasks: { BackupDatabase: held(), GenerateAutoTags: held() },
  })
  expect(await butler.close()).toEqual({ left: [] })
  expect(store.memory()).toMatchObject({
    tasks: {
      BackupDatabase: { runs: [{ outcome: 'interrupted' }] },
      GenerateAutoTags: { waiting: { trigger: 'window' } },
    },
  })
})

test('closing says what would not end', async () => {
  const { butler, clock } = await openButler({ tasks: { Stubborn: () => new Promise(() => {}) } })
  await butler.start('Stubborn')
  const closed = butler.close({ timeoutMs: 1_000 })
  await clock.moveBy(1_000)
  expect(await closed).toEqual({ left: ['Stubborn'] })
})

test('closing twice, and closing what was never opened, is harmless', async () => {
  const butler = createButler({ tasks: { Task: held() } })
  expect(await butler.close()).toEqual({ left: [] })
  expect(await butler.close()).toEqual({ left: [] })
  await expect(butler.open()).rejects.toMatchObject({ code: 'BUTLER_NOT_OPEN' })
})

test.each(['list', 'start', 'stop', 'startAll', 'stopAll', 'plan', 'history', 'settings', 'configure'] as const)(
  '%s needs an open Butler',
  async (call) => {
    const butler = createButler({ tasks: { Task: held() } })
    const refusal = { code: 'BUTLER_NOT_OPEN', status: 503, message: expect.stringContaining('await butler.open()') }
    await expect((butler[call] as (name: string) => Promise<unknown>)('Task')).rejects.toMatchObject(refusal)
  },
)

test('a store that cannot be opened leaves the Butler closed, and open() may be tried again', async () => {
  const store = memoryStore()
  let isBroken = true
  const breaking = {
    ...store,
    open: async (context: never) => (isBroken ? Promise.reject(new Error('no disk')) : store.open(context)),
  }
  const butler = createButler({ tasks: { Task: held() }, store: breaking, clock: fakeClock(), window: WINDOW })
  await expect(butler.open()).rejects.toThrow('no disk')
  await expect(butler.list()).rejects.toMatchObject({ code: 'BUTLER_NOT_OPEN' })
  isBroken = false
  await butler.open()
  expect(await butler.list()).toHaveLength(1)
  await butler.close()
})

test.each([
  ['whose window the code has moved', { window: { ...WINDOW, opensAt: '22:00', closesAt: '23:00' } }, true],
  ['which the code has switched off', {}, false],
])('a task %s is not scheduled any more after a restart', async (_what, options, enabled) => {
  const before = await openButler({ at: NIGHT, tasks: { Tag: { run: held(), randomized: true } } })
  expect(await before.stateOf('Tag')).toBe('scheduled')
  const memory = before.store.memory() as never
  const tasks = { Tag: { run: held(), randomized: true, enabled } }
  const after = await openButler({ at: '2026-01-14T02:31Z', memory, ...options, tasks })
  expect(await after.stateOf('Tag')).toBe('idle')
})

test('ten thousand queued tasks whose night is over are all taken off when the Butler opens by day', async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `Task${index}`)
  const tasks = Object.fromEntries(names.map((name) => [name, held()]))
  const before = await openButler({ at: NIGHT, concurrency: 1, tasks })
  const memory = before.store.memory() as never
  const after = await openButler({ at: NOON, memory, concurrency: 1, tasks })
  expect((await after.butler.list()).filter(({ state }) => state !== 'idle')).toEqual([])
}, 60_000)

test('closing while opening fails is harmless', async () => {
  const store = { ...memoryStore(), open: () => Promise.reject(new Error('no disk')) }
  const butler = createButler({ tasks: { Task: held() }, store })
  const opening = butler.open()
  expect(await butler.close()).toEqual({ left: [] })
  await expect(opening).rejects.toThrow('no disk')
})

test('a Butler that could not open has let go of its memory, and opens when it is asked again', async () => {
  const store = memoryStore()
  const queue = new LocalQueue(store)
  jest.spyOn(queue, 'resume').mockRejectedValueOnce(new Error('The line broke.'))
  const options = { tasks: { BackupDatabase: () => {} }, window: WINDOW, clock: fakeClock(NOON) }
  const butler = createButler({ ...options, queue })
  await expect(butler.open()).rejects.toThrow('The line broke.')
  const other = createButler({ ...options, store })
  await other.open()
  await expect(butler.open()).rejects.toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
  await other.close()
  await butler.open()
  const ended = once(butler, 'run:ended')
  await butler.configure({ window: { opensAt: '11:00', closesAt: '13:00' } })
  expect(await ended).toMatchObject([{ task: 'BackupDatabase', trigger: 'window', outcome: 'completed' }, 'here'])
  await butler.close()
})
