import { createPostgresBackend } from 'bullmq'
import { type BullmqQueueOptions, bullmqQueue } from '../../lib/bullmq'
import { Nodes } from '../../lib/bullmq/nodes'
import { Slots } from '../../lib/bullmq/slot'
import { type Butler, createButler } from '../../lib/butler'
import { describeWithPostgres, describeWithRedis, ownPrefix, postgres, sharedRedis } from '../helpers/databases'
import { eventually } from '../helpers/nodes'
import { openBook } from '../helpers/shared-book'
import { closedWindow, openWindow } from '../helpers/windows'

jest.setTimeout(30_000)

const NAMES = ['Backup', 'Mail', 'Prune', 'Tidy']

/** A window opens on many processes at once. Each plans for itself, and for each task one of them succeeds. */
function opening(connect: () => Promise<Omit<BullmqQueueOptions<never>, 'prefix'>>): void {
  const opened: Butler[] = []
  afterEach(async () => {
    jest.restoreAllMocks()
    await Promise.all(opened.splice(0).map((butler) => butler.close()))
  })

  /** Butlers that know of each other, each with a task of its own. */
  async function openButlers(places: readonly string[]) {
    const options = { ...(await connect()), prefix: ownPrefix(), leaseMs: 500 } as BullmqQueueOptions
    const runs: string[] = []
    const butlers: Butler[] = []
    for (const place of places) {
      const names = [...NAMES, place]
      const tasks = Object.fromEntries(names.map((name) => [name, () => void runs.push(name)]))
      const butler = createButler({ tasks, window: closedWindow(), queue: bullmqQueue(options) }) as unknown as Butler
      opened.push(butler)
      await butler.open()
      butlers.push(butler)
    }
    const names = [...NAMES, ...places].sort()
    for (const butler of butlers) {
      await eventually(async () => expect((await butler.list()).map(({ name }) => name)).toEqual(names))
    }
    return { butlers, runs, options }
  }

  const runOfEach = (places: readonly string[]) => [...NAMES, ...places].sort()

  test('one of them takes the slots that all want, and the others take what only they have', async () => {
    const places = ['OnOne', 'OnTwo', 'OnThree']
    const { butlers, runs } = await openButlers(places)
    const hold = jest.spyOn(Slots.prototype, 'hold')
    await butlers[0]?.configure({ window: openWindow() })
    await eventually(() => expect([...runs].sort()).toEqual(runOfEach(places)))
    expect(hold.mock.calls.map(([task]) => task).sort()).toEqual(runOfEach(places))
  })

  test('what the first of them does not live to do another one does a second later', async () => {
    const places = ['OnOne', 'OnTwo']
    const { butlers, runs } = await openButlers(places)
    jest.spyOn(Nodes.prototype, 'isFirstFor').mockReturnValue(false)
    await butlers[0]?.configure({ window: openWindow() })
    await eventually(() => expect([...runs].sort()).toEqual(runOfEach(places)))
  })

  test('what the first of them took slots for and did not live to write down the others add some seconds later', async () => {
    const places = ['OnOne', 'OnTwo']
    const { butlers, runs, options } = await openButlers(places)
    const { slots } = await openBook(options as BullmqQueueOptions<unknown>)
    for (const task of ['Backup', 'Tidy']) {
      const entry = { task, trigger: 'window', by: null, at: null, until: null, after: [] } as const
      await slots.hold(task, `${task} of the dead`, { ...entry, after: [] }, 0, 50)
    }
    await butlers[0]?.configure({ window: openWindow() })
    await eventually(() => expect([...runs].sort()).toEqual(runOfEach(places)))
  })

  test('what a person starts waits for nobody', async () => {
    const { butlers, runs } = await openButlers(['OnOne', 'OnTwo'])
    const { isFirstFor } = Nodes.prototype
    const asked = jest.spyOn(Nodes.prototype, 'isFirstFor').mockImplementation(isFirstFor)
    await butlers[1]?.startAll()
    await eventually(() => expect(runs).toEqual(expect.arrayContaining(NAMES)))
    const occasions = asked.mock.calls.filter(([what]) => ![...NAMES, 'OnOne', 'OnTwo'].includes(what))
    expect(occasions).toEqual([])
  })
}

describeWithRedis('on Redis', () => {
  opening(async () => ({ connection: (await sharedRedis()) as never }))
})

describeWithPostgres('on PostgreSQL', () => {
  opening(async () => ({
    connection: { connectionString: postgres(), schema: 'opening', migrate: true, max: 4 } as never,
    backendFactory: createPostgresBackend,
  }))
})
