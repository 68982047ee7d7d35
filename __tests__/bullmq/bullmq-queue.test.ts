import { createPostgresBackend } from 'bullmq'
import { type BullmqQueueOptions, bullmqQueue } from '../../lib/bullmq'
import { Slots } from '../../lib/bullmq/slot'
import { createButler } from '../../lib/butler'
import { describeWithPostgres, describeWithRedis, ownPrefix, postgres, sharedRedis } from '../helpers/databases'
import { openBook } from '../helpers/shared-book'
import { closedWindow } from '../helpers/windows'

jest.setTimeout(30_000)

/** Another process is in the middle of something when a call comes. */
function othersAtWork(connect: () => Promise<Omit<BullmqQueueOptions<never>, 'prefix'>>): void {
  afterEach(() => jest.restoreAllMocks())

  test('a start waits for a process that has the slot and is slow to say why, and seldom asks', async () => {
    const options = { ...(await connect()), prefix: ownPrefix() } as BullmqQueueOptions<unknown>
    const butler = createButler({
      tasks: { Backup: () => 'done' },
      window: closedWindow(),
      queue: bullmqQueue(options),
    })
    await butler.open()
    const { slots } = await openBook(options)
    const entry = { task: 'Backup', trigger: 'manual', by: null, at: null, until: null, after: [] } as const
    await slots.hold('Backup', 'slow', entry as never, 0, 50)
    const hold = jest.spyOn(Slots.prototype, 'hold')
    const starting = butler.start('Backup')
    const slow = new Promise((resolve) => setTimeout(resolve, 1_500))
    await slow
    expect(hold.mock.calls.length).toBeLessThan(10)
    await slots.discard('Backup', 'slow', false)
    expect(await starting).toBe('started')
    await butler.close()
  })
}

describeWithRedis('others at work on Redis', () => {
  othersAtWork(async () => ({ connection: (await sharedRedis()) as never }))
})

describeWithPostgres('others at work on PostgreSQL', () => {
  othersAtWork(async () => ({
    connection: { connectionString: postgres(), migrate: true, schema: 'butler_test_queue' } as never,
    backendFactory: createPostgresBackend,
  }))
})
