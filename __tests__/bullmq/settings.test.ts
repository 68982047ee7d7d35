import { createPostgresBackend } from 'bullmq'
import { type BullmqQueueOptions, bullmqQueue } from '../../lib/bullmq'
import { Book } from '../../lib/bullmq/book'
import { BullmqQueue } from '../../lib/bullmq/bullmq-queue'
import { Hearing } from '../../lib/bullmq/hearing'
import { type Butler, createButler } from '../../lib/butler'
import type { SettingsChange } from '../../lib/engine/settings'
import { ButlerError } from '../../lib/errors'
import { describeWithPostgres, describeWithRedis, ownPrefix, postgres, sharedRedis } from '../helpers/databases'
import { eventually } from '../helpers/nodes'
import { openBook } from '../helpers/shared-book'
import { closedWindow, openWindow } from '../helpers/windows'

jest.setTimeout(30_000)

/** Operators change settings in the middle of a night, on whichever process they meet. */
function settings(connect: () => Promise<Omit<BullmqQueueOptions<never>, 'prefix'>>): void {
  const opened: Butler[] = []
  afterEach(async () => {
    jest.restoreAllMocks()
    await Promise.all(opened.splice(0).map((butler) => butler.close()))
  })

  /** Two Butlers on one queue, with a task that is scheduled for the end of a night and one that fails at once. */
  async function openTwo(window = openWindow(), leaseMs = 500) {
    const options = { ...(await connect()), prefix: ownPrefix(), leaseMs } as BullmqQueueOptions
    const fails = jest.fn(async () => {
      throw new Error('The disk is full.')
    })
    const tasks = { Tag: { run: async () => 'done', randomized: true }, Backup: fails }
    const random = () => 0.999
    const one = createButler({ tasks, window, random, queue: bullmqQueue(options) })
    const other = createButler({ tasks, window, random, queue: bullmqQueue(options) })
    opened.push(one as never, other as never)
    await one.open()
    await other.open()
    const tagOn = async (butler: typeof one) => (await butler.list()).find(({ name }) => name === 'Tag')
    const stateOfTag = async () => (await tagOn(one))?.state
    const isOpen = window.closesAt === openWindow().closesAt
    await eventually(async () => expect(await stateOfTag()).toBe(isOpen ? 'scheduled' : 'idle'))
    return { options, one, other, fails, stateOfTag, instantOfTag: async () => (await tagOn(one))?.scheduledFor }
  }

  test('a task that is switched off and on again in a night keeps its instant', async () => {
    const { one, other, stateOfTag, instantOfTag } = await openTwo()
    const drawn = await instantOfTag()
    await one.configure({ enabled: { Tag: false } })
    expect(await stateOfTag()).toBe('idle')
    await other.configure({ enabled: { Tag: true } })
    expect([await stateOfTag(), await instantOfTag()]).toEqual(['scheduled', drawn])
  })

  test('a task that was switched off elsewhere a moment ago is planned when it is switched on here', async () => {
    const { one, other, stateOfTag } = await openTwo(openWindow(), 60_000)
    jest.spyOn(Hearing.prototype, 'hear').mockImplementation(() => {})
    await other.configure({ enabled: { Tag: false } })
    await one.configure({ enabled: { Tag: true } })
    expect(await stateOfTag()).toBe('scheduled')
  })

  test('a window that is moved away and back plans its night again', async () => {
    const { one, other, stateOfTag } = await openTwo()
    await one.configure({ window: closedWindow() })
    expect(await stateOfTag()).toBe('idle')
    await other.configure({ window: openWindow() })
    await eventually(async () => expect(await stateOfTag()).toBe('scheduled'))
  })

  test('a task that failed tonight starts again when the window is moved away and back', async () => {
    const { one, other, fails } = await openTwo()
    await eventually(async () => expect(await one.history('Backup')).toMatchObject([{ outcome: 'failed' }]))
    await one.configure({ window: closedWindow() })
    await other.configure({ window: openWindow() })
    await eventually(() => expect(fails).toHaveBeenCalledTimes(2))
  })

  test('a window that is saved as it is starts nothing again, neither here nor on a process that comes', async () => {
    const { one, options, fails } = await openTwo()
    await eventually(async () => expect(await one.history('Backup')).toMatchObject([{ outcome: 'failed' }]))
    await one.configure({ window: openWindow(), enabled: { Tag: true } })
    const tasks = { Backup: fails, Last: async () => 'done' }
    const comes = createButler({ tasks, window: openWindow(), concurrency: 1, queue: bullmqQueue(options) })
    opened.push(comes as never)
    await comes.open()
    await eventually(async () => expect(await comes.history('Last')).toMatchObject([{ outcome: 'completed' }]))
    expect(fails).toHaveBeenCalledTimes(1)
  })

  test('a task that failed tonight and is switched off and on again starts', async () => {
    const { one, fails } = await openTwo()
    await eventually(async () => expect(await one.history('Backup')).toMatchObject([{ outcome: 'failed' }]))
    await one.configure({ enabled: { Backup: false } })
    await one.configure({ enabled: { Backup: true } })
    await eventually(() => expect(fails).toHaveBeenCalledTimes(2))
  })

  /** While a process adds what it has planned, another one changes settings, and dies before it can tell. */
  async function changedWhileAdding(options: BullmqQueueOptions, change: SettingsChange) {
    const { book } = await openBook(options as BullmqQueueOptions<unknown>)
    const { add } = Book.prototype
    jest.spyOn(Book.prototype, 'add').mockImplementationOnce(async function (this: Book, pages) {
      await book.change(change, change.window !== undefined)
      return add.call(this, pages)
    })
  }

  test('what was being planned while the window was moved elsewhere is planned anew by the one that holds', async () => {
    const { one, options, instantOfTag } = await openTwo(closedWindow())
    await changedWhileAdding(options, { window: { ...openWindow(), closesAt: '01:01' } })
    await one.configure({ window: openWindow() })
    const latest = Date.now() + 3_720_000
    await eventually(async () => expect(Date.parse((await instantOfTag()) ?? '')).toBeLessThanOrEqual(latest))
  })

  test('what was being planned while it was switched off elsewhere is taken off', async () => {
    const { one, options, stateOfTag } = await openTwo(closedWindow())
    await changedWhileAdding(options, { enabled: { Tag: false } })
    await one.configure({ window: openWindow() })
    await eventually(async () => expect(await stateOfTag()).toBe('idle'))
  })

  test('what could not be taken off when it was switched off is taken off when that is asked for again', async () => {
    const { one, other, stateOfTag } = await openTwo()
    await other.close()
    const away = new ButlerError('BUTLER_UNAVAILABLE', 'The database is away.')
    jest.spyOn(BullmqQueue.prototype, 'withdraw').mockRejectedValueOnce(away)
    await expect(one.configure({ enabled: { Tag: false } })).rejects.toThrow(away)
    await one.configure({ enabled: { Tag: false } })
    expect(await stateOfTag()).toBe('idle')
  })

  test('a window that was moved while the database went away is moved', async () => {
    const { one, other, stateOfTag } = await openTwo(closedWindow())
    await other.close()
    const away = new ButlerError('BUTLER_UNAVAILABLE', 'The database is away.')
    jest.spyOn(BullmqQueue.prototype, 'withdraw').mockRejectedValueOnce(away)
    await expect(one.configure({ window: openWindow() })).rejects.toThrow(away)
    await eventually(async () => expect(await stateOfTag()).toBe('scheduled'))
  })
}

describeWithRedis('settings of many on Redis', () => {
  settings(async () => ({ connection: (await sharedRedis()) as never }))
})

describeWithPostgres('settings of many on PostgreSQL', () => {
  settings(async () => ({
    connection: { connectionString: postgres(), migrate: true, schema: 'butler_test_settings' } as never,
    backendFactory: createPostgresBackend,
  }))
})
