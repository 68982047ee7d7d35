import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createPostgresBackend } from 'bullmq'
import { type BullmqQueueOptions, bullmqQueue } from '../../lib/bullmq'
import { startJob } from '../../lib/bullmq/starts'
import { type Butler, createButler } from '../../lib/butler'
import type { TaskContext } from '../../lib/engine/task'
import { describeWithPostgres, describeWithRedis, ownPrefix, postgres, sharedRedis } from '../helpers/databases'
import { eventually } from '../helpers/nodes'
import { openBook } from '../helpers/shared-book'
import { closedWindow } from '../helpers/windows'

jest.setTimeout(30_000)

const Slow = ({ signal }: TaskContext) => pause(2 ** 30, undefined, { signal })

function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end) {}
}

/** News are no memory: what a process did not hear of, it finds a beat later. */
function missedNews(connect: () => Promise<Omit<BullmqQueueOptions<never>, 'prefix'>>): void {
  const opened: Butler[] = []
  afterEach(() => Promise.all(opened.splice(0).map((butler) => butler.close())))

  async function share() {
    const options = { ...(await connect()), prefix: ownPrefix(), leaseMs: 500 } as BullmqQueueOptions<unknown>
    async function open(tasks: object = { Slow }, more: object = {}): Promise<Butler> {
      const queue = bullmqQueue({ ...options, ...more } as BullmqQueueOptions)
      const butler = createButler({ tasks: tasks as { Slow: typeof Slow }, window: closedWindow(), queue })
      opened.push(butler as never)
      await butler.open()
      return butler as never
    }
    return { options, open }
  }

  test('a stop that the process of a run did not hear of ends the run all the same', async () => {
    const { options, open } = await share()
    const butler = await open()
    await butler.start('Slow')
    const [run] = await butler.history('Slow')
    const ended = once(butler, 'run:ended')
    const { book } = await openBook(options)
    await book.mark(run?.id as string, 'stopped')
    expect(await ended).toMatchObject([{ id: run?.id, outcome: 'stopped' }, 'here'])
    await eventually(async () => expect((await book.read()).stops.size).toBe(0))
  })

  test('what one process tells in quick succession is heard by the other, every time', async () => {
    const { open } = await share()
    const names = ['One', 'Two', 'Three', 'Four'] as never[]
    const able = await open(Object.fromEntries(names.map((name) => [name, () => 'done'])))
    const asker = await open({ Other: () => {} })
    for (let round = 0; round < 20; round += 1) {
      const ended = new Promise<void>((resolve) => {
        let left = names.length
        asker.on('run:ended', () => --left === 0 && resolve())
      })
      expect(await Promise.all(names.map((name) => asker.start(name)))).toEqual(names.map(() => 'started'))
      await ended
      asker.removeAllListeners('run:ended')
    }
    expect(await able.history(names[0] as never)).toHaveLength(20)
  })

  test('what a process can do that has just come is known to the others before their next beat', async () => {
    const { open } = await share()
    const asker = await open({ Other: () => {} }, { leaseMs: 60_000 })
    await open({ Quick: () => 'done' }, { leaseMs: 60_000 })
    await eventually(async () => expect(await asker.start('Quick' as never)).toBe('started'), 5_000)
  })

  test('settings that were changed without a word hold everywhere, and are told once', async () => {
    const { options, open } = await share()
    const butler = await open()
    const told: unknown[] = []
    butler.on('settings:changed', (settings) => void told.push(settings))
    const { book } = await openBook(options)
    await book.change({ window: { opensAt: '11:30' }, enabled: { Slow: false } }, true)
    const changed = { window: { ...closedWindow(), opensAt: '11:30' }, enabled: { Slow: false } }
    await eventually(async () => expect(await butler.settings()).toEqual(changed))
    await book.change({ enabled: { Slow: true } })
    await eventually(async () => expect((await butler.settings()).enabled).toEqual({ Slow: true }))
    expect(told).toEqual([changed, { ...changed, enabled: { Slow: true } }])
  })

  test('a task that comes with a new title shows it everywhere', async () => {
    const { open } = await share()
    const one = await open()
    const titles = async () => (await one.list()).map(({ title }) => title)
    const mail = (title: string) => ({ Mail: { run() {}, title } })
    await open(mail('Old'))
    await eventually(async () => expect(await titles()).toEqual(['Old', 'Slow']))
    await open(mail('New'))
    await eventually(async () => expect(await titles()).toEqual(['New', 'Slow']))
  })

  test('a slot that was taken without a word is waited for until it is free, some seconds later', async () => {
    const { options, open } = await share()
    const butler = await open()
    const { slots } = await openBook(options)
    const asked = { trigger: 'manual', by: null } as const
    const entry = { task: 'Slow', ...asked, at: null, until: null, after: [] }
    await slots.hold('Slow', 'orphan', entry, 0, 50)
    expect(await butler.start('Slow')).toBe('started')
  })

  test('a start whose process died before it could run it is taken over, and is one run', async () => {
    const { options, open } = await share()
    const butler = await open()
    const { slots } = await openBook(options)
    const asked = { trigger: 'manual', by: null } as const
    const left = startJob()
    await slots.hold('Slow', left, { task: 'Slow', ...asked, at: null, until: null, after: [] }, 0, 50)
    expect(await butler.start('Slow')).toBe('started')
    expect(await slots.holder('Slow')).toMatchObject({ job: left })
    expect(await slots.take('Slow', left, false)).toBeNull() // It was not dead, only slow.
    expect(await butler.start('Slow')).toBe('already-running')
  })

  test('whoever reaches for a job that is gone leaves the next one to others', async () => {
    const { options } = await share()
    const { slots } = await openBook(options)
    const asked = { trigger: 'manual', by: null } as const
    const entry = { task: 'Slow', ...asked, at: null, until: null, after: [] }
    expect(await slots.hold('Slow', 'next', entry, 0, 50)).toBe('next')
    expect(await slots.take('Slow', 'gone', false)).toBeNull()
    expect(await slots.holder('Slow')).toMatchObject({ job: 'next', node: null })
    expect(await slots.discard('Slow', 'next', false)).toBe(true)
    expect(await slots.holder('Slow')).toBeNull()
  })

  test('a job that a dead process has locked in the name of another one keeps nobody from the slot', async () => {
    const { options } = await share()
    const { slots, connection } = await openBook(options)
    const asked = { trigger: 'manual', by: null } as const
    const entry = { task: 'Slow', ...asked, at: null, until: null, after: [] }
    await slots.hold('Slow', 'next', entry, 0, 50)
    await connection.queue('task.Slow').moveToActive('gone', 'a process that has died')
    expect(await slots.discard('Slow', 'next', false)).toBe(false)
    await slots.clear('Slow', 'next')
    expect(await slots.holder('Slow')).toBeNull()
    expect(await slots.hold('Slow', 'new', entry, 0, 50)).toBe('new')
  })

  test('Butlers with different prefixes do not see each other', async () => {
    const { open } = await share()
    const one = await open()
    const stranger = await open({ Slow, Mail() {} }, { prefix: ownPrefix() })
    await one.start('Slow')
    await one.configure({ enabled: { Slow: false } })
    expect(await stranger.list()).toMatchObject([{ name: 'Mail' }, { name: 'Slow', state: 'idle', enabled: true }])
    expect(await stranger.history('Slow')).toEqual([])
    expect(await stranger.stop('Slow')).toBe('not-running')
    expect((await one.list()).map(({ name, state }) => [name, state])).toEqual([['Slow', 'running']])
  })
}

describeWithRedis('what a process missed on Redis', () => {
  missedNews(async () => ({ connection: (await sharedRedis()) as never }))

  test('a process that was busy reads what has come before it calls the database silent', async () => {
    const options = { connection: (await sharedRedis()) as never, prefix: ownPrefix(), answerMs: 300 }
    const { book, connection } = await openBook(options)
    await book.page('Slow')
    const backend = connection.queue('book')
    const asked = book.page('Slow')
    for (let turn = 0; turn < 50; turn++) await Promise.resolve() // Until the question is on its way.
    block(700)
    await expect(asked).resolves.toBeNull()
    expect(connection.queue('book')).toBe(backend)
  })
})

describeWithPostgres('what a process missed on PostgreSQL', () => {
  missedNews(async () => ({
    connection: { connectionString: postgres(), migrate: true, max: 8, schema: 'butler_test_missed' } as never,
    backendFactory: createPostgresBackend,
  }))
})
