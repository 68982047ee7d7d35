import { createPostgresBackend } from 'bullmq'
import { type BullmqQueueOptions, bullmqQueue } from '../../lib/bullmq'
import { Slots } from '../../lib/bullmq/slot'
import { type Butler, createButler } from '../../lib/butler'
import { describeWithPostgres, describeWithRedis, ownPrefix, postgres, sharedRedis } from '../helpers/databases'
import { openBook } from '../helpers/shared-book'
import { closedWindow } from '../helpers/windows'

jest.setTimeout(30_000)

/** Another process is in the middle of something when a call comes. */
function othersAtWork(connect: () => Promise<Omit<BullmqQueueOptions<never>, 'prefix'>>): void {
  afterEach(() => jest.restoreAllMocks())

  test('a start waits for a process that has the slot and is slow to say why, and seldom asks', async () => {
    const options = { ...(await connect()), prefix: ownPrefix() } as BullmqQueueOptions
    const butler = createButler({
      tasks: { Backup: () => 'done' },
      window: closedWindow(),
      queue: bullmqQueue(options),
    })
    await butler.open()
    const { slots } = await openBook(options as BullmqQueueOptions<unknown>)
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

/** One queue is given to two Butlers. */
function twoOwners(connect: () => Promise<Omit<BullmqQueueOptions<never>, 'prefix'>>): void {
  const taken = { code: 'BUTLER_STORE_LOCKED', message: 'The bullmqQueue() is open already; close its Butler first.' }

  async function twoButlers(): Promise<[Butler<'Backup'>, Butler<'Backup'>]> {
    const queue = bullmqQueue({ ...(await connect()), prefix: ownPrefix() } as BullmqQueueOptions)
    const make = () => createButler({ tasks: { Backup: () => 'done' }, window: closedWindow(), queue })
    return [make(), make()]
  }

  test('the second to open is refused, the first one goes on, and when it has closed the other one opens', async () => {
    const [one, other] = await twoButlers()
    await one.open()
    await expect(other.open()).rejects.toMatchObject(taken)
    await expect(other.start('Backup')).rejects.toMatchObject({ code: 'BUTLER_NOT_OPEN' })
    expect(await one.start('Backup')).toBe('started')
    await one.close()
    await other.open()
    expect(await other.history('Backup')).toHaveLength(1)
    await other.close()
  })

  test('of two that open at once one is refused, and its closing leaves the other one alone', async () => {
    const [one, other] = await twoButlers()
    const [first, second] = await Promise.allSettled([one.open(), other.open()])
    expect([first, second]).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: taken }])
    expect(await other.close()).toEqual({ left: [] })
    expect(await one.start('Backup')).toBe('started')
    await one.close()
  })
}

test('a queue that could not be opened is free', async () => {
  const queue = bullmqQueue({ connection: { port: 1 }, answerMs: 50 })
  const make = () => createButler({ tasks: {}, queue })
  for (const butler of [make(), make()]) {
    await expect(butler.open()).rejects.toMatchObject({ code: 'BUTLER_UNAVAILABLE' })
    await butler.close()
  }
})

describeWithRedis('one queue and two Butlers on Redis', () => {
  twoOwners(async () => ({ connection: (await sharedRedis()) as never }))
})

describeWithRedis('others at work on Redis', () => {
  othersAtWork(async () => ({ connection: (await sharedRedis()) as never }))
})

describeWithPostgres('others at work on PostgreSQL', () => {
  othersAtWork(async () => ({
    connection: { connectionString: postgres(), migrate: true, schema: 'butler_test_queue' } as never,
    backendFactory: createPostgresBackend,
  }))
})
