import { createButler } from '../lib/butler'
import { memoryStore } from '../lib/engine/store'
import { fakeClock } from '../lib/testing/fake-clock'
import { held, NIGHT, recorder, WINDOW } from './helpers/butler'

/** A Butler whose disk can be filled and emptied. */
async function openOnDisk(at: string) {
  const clock = fakeClock(at)
  const logger = recorder()
  const memory = memoryStore()
  const disk = { isFull: false }
  const save: typeof memory.save = (state) =>
    disk.isFull ? Promise.reject(new Error('the disk is full')) : memory.save(state)
  const tasks = { BackupDatabase: held() }
  const butler = createButler({ tasks, window: WINDOW, clock, logger, store: { ...memory, save } })
  await butler.open()
  const stateOf = async () => (await butler.list())[0]?.state
  return { butler, clock, disk, logger, stateOf }
}

test('a start by name on a full disk is refused, and the task is not called', async () => {
  const { butler, disk, stateOf } = await openOnDisk('2026-01-14T12:00Z')
  disk.isFull = true
  await expect(butler.start('BackupDatabase')).rejects.toThrow('the disk is full')
  expect(await stateOf()).toBe('idle')
  await butler.close()
})

test('whatever a store of your own fails with is told as what it is, and has it for its cause', async () => {
  const cause = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  const fails = { open: false, save: false, close: false }
  const memory = memoryStore()
  const failing = <Action extends keyof typeof fails>(action: Action): (typeof memory)[Action] =>
    ((...args: never[]) => {
      if (fails[action]) throw cause
      return Reflect.apply(memory[action], memory, args)
    }) as never
  const store = { open: failing('open'), save: failing('save'), close: failing('close') }
  const butler = createButler({ tasks: { BackupDatabase: held() }, window: WINDOW, clock: fakeClock(), store })
  const refusal = (action: string) => ({
    code: 'BUTLER_STORE_FAILED',
    status: 503,
    message: expect.stringContaining(
      `createButler(options).store failed to ${action}: ENOSPC: no space left on device. `,
    ),
    cause,
  })
  fails.open = true
  await expect(butler.open()).rejects.toMatchObject(refusal('open'))
  fails.open = false
  await butler.open()
  fails.save = true
  await expect(butler.start('BackupDatabase')).rejects.toMatchObject(refusal('save'))
  await expect(butler.configure({ enabled: { BackupDatabase: false } })).rejects.toMatchObject(refusal('save'))
  fails.close = true
  await expect(butler.close()).rejects.toMatchObject(refusal('close'))
})

test('a night that opens on a full disk is planned as soon as there is room', async () => {
  const { butler, clock, disk, logger, stateOf } = await openOnDisk('2026-01-14T01:59Z')
  disk.isFull = true
  await clock.moveTo('2026-01-14T02:03Z')
  expect(await stateOf()).toBe('idle')
  expect(logger.lines).toContain(
    'error: The plan of the night could not be carried out; it is tried again in a minute.',
  )
  disk.isFull = false
  await clock.moveBy(60_000)
  expect(await stateOf()).toBe('running')
  const closed = butler.close({ timeoutMs: 0 })
  await clock.moveBy(0)
  await closed
})

test('a plan that could not be stored is not tried again once the Butler is closed', async () => {
  const { butler, clock, disk, logger } = await openOnDisk('2026-01-14T01:59Z')
  disk.isFull = true
  await clock.moveTo('2026-01-14T02:00Z')
  await butler.close()
  const { length } = logger.lines
  await clock.moveBy(600_000)
  expect(logger.lines).toHaveLength(length)
})

test('a task that is stopped while its start fails does not come back', async () => {
  const { butler, clock, disk, stateOf } = await openOnDisk(NIGHT)
  await butler.stopAll()
  await clock.moveBy(0)
  disk.isFull = true
  const starting = butler.start('BackupDatabase').catch(() => 'refused')
  const stopping = butler.stop('BackupDatabase')
  expect(await starting).toBe('refused')
  await stopping
  disk.isFull = false
  await clock.moveBy(180_000)
  expect(await stateOf()).toBe('idle')
  await butler.close()
})
