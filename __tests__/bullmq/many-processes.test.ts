import { describeWithPostgres, describeWithRedis, ownPrefix, postgres, sharedRedis } from '../helpers/databases'
import type { NodeOptions } from '../helpers/node-process'
import { eventually, openNode, type TestNode } from '../helpers/nodes'
import { program } from '../helpers/transpiled'

jest.setTimeout(60_000)

const nodeProcess = program('node-process')

/** What many processes that share a database must hold. */
function manyProcesses(connect: () => Promise<Pick<NodeOptions, 'connection' | 'postgres'>>): void {
  async function openNodes(count: number, options: Partial<NodeOptions> = {}): Promise<TestNode[]> {
    const shared = { ...(await connect()), prefix: ownPrefix(), leaseMs: 1_000, ...options }
    const first = await openNode(nodeProcess(), shared) // In PostgreSQL, the first one makes the tables.
    const others = Array.from({ length: count - 1 }, () => openNode(nodeProcess(), shared))
    return [first, ...(await Promise.all(others))]
  }

  const calls = (nodes: readonly TestNode[]) => nodes.flatMap((node) => node.calledFor())

  test('of fifty starts on five processes one wins, and there is one run', async () => {
    const nodes = await openNodes(5)
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (nodes[i % 5] as TestNode).call('start', 'Slow')),
    )
    const values = answers.map(({ value }) => value)
    expect(values.filter((value) => value === 'started')).toHaveLength(1)
    expect(values.filter((value) => value === 'already-running')).toHaveLength(49)
    await eventually(() => expect(calls(nodes)).toHaveLength(1))
  })

  test('any process answers for all: list with progress, history, events', async () => {
    const [one, other] = (await openNodes(2)) as [TestNode, TestNode]
    await one.call('start', 'Slow')
    await eventually(async () => {
      const slow = (await other.call('list')).value?.find(({ name }) => name === 'Slow')
      expect(slow).toMatchObject({ state: 'running', progress: 0.5, progressMessage: 'half of it' })
    })
    expect((await other.call('history', 'Slow')).value).toMatchObject([{ task: 'Slow', outcome: null }])
    await eventually(() => expect(other.told).toContainEqual(expect.objectContaining({ event: 'run:started' })))
    await eventually(() => expect(other.told).toContainEqual(expect.objectContaining({ event: 'run:progress' })))
  })

  test('a run is told on all processes, and is that of one', async () => {
    const nodes = await openNodes(3)
    const [one, , other] = nodes as [TestNode, TestNode, TestNode]
    await one.call('start', 'Slow')
    await other.call('stop', 'Slow')
    for (const event of ['run:started', 'run:ended']) {
      const places = () => nodes.map(({ told }) => told.find((fact) => fact.event === event)?.where)
      await eventually(() => expect(places()).toEqual(['here', 'elsewhere', 'elsewhere']))
    }
  })

  test('a stop reaches the run wherever it is, soon', async () => {
    const [one, other] = (await openNodes(2)) as [TestNode, TestNode]
    const times: number[] = []
    for (let round = 0; round < 11; round++) {
      await one.call('start', 'Slow')
      const { value, ms } = await other.call('stop', 'Slow')
      expect(value).toBe('stopped')
      times.push(ms)
    }
    times.sort((a, b) => a - b)
    expect(times[5]).toBeLessThan(1_000)
    expect((await other.call('history', 'Slow')).value?.map(({ outcome }) => outcome)).toEqual(
      Array(11).fill('stopped'),
    )
  })

  test('a stop reaches a run whose process did not hear of it, and whoever joins in between sees both', async () => {
    const shared = { ...(await connect()), prefix: ownPrefix(), leaseMs: 10_000, tasks: ['Slow'] }
    const [one, other] = [await openNode(nodeProcess(), shared), await openNode(nodeProcess(), shared)]
    await one.call('start', 'Slow')
    one.signal('SIGSTOP')
    const stopping = other.call('stop', 'Slow')
    const comer = await openNode(nodeProcess(), shared)
    const stateSeen = async () => (await comer.call('list')).value?.map(({ state }) => state)
    await eventually(async () => expect(await stateSeen()).toEqual(['stopping']))
    expect((await comer.call('start', 'Slow')).value).toBe('already-running')
    one.signal('SIGCONT')
    expect((await stopping).value).toBe('stopped')
    expect((await comer.call('history', 'Slow')).value).toMatchObject([{ outcome: 'stopped' }])
    expect(await stateSeen()).toEqual(['idle'])
    expect(calls([one, other, comer])).toHaveLength(1)
  })

  test('settings change everywhere', async () => {
    const [one, other] = (await openNodes(2)) as [TestNode, TestNode]
    await one.call('configure', { window: { opensAt: '04:30' }, enabled: { Quick: false } })
    await eventually(async () => {
      expect((await other.call('settings')).value).toMatchObject({
        window: { opensAt: '04:30' },
        enabled: { Quick: false },
      })
    })
  })

  test('a task that only another process implements is started and stopped there; one that nobody has says so', async () => {
    const shared = { ...(await connect()), prefix: ownPrefix(), leaseMs: 1_000 }
    const one = await openNode(nodeProcess(), { ...shared, tasks: ['Quick'] })
    const other = await openNode(nodeProcess(), { ...shared, tasks: ['Other'] })
    await eventually(async () => {
      expect((await one.call('list')).value?.map(({ name }) => name)).toEqual(['Other', 'Quick'])
    })
    expect((await one.call('start', 'Other')).value).toBe('started')
    expect(other.calledFor()).toHaveLength(1)
    expect((await one.call('start', 'Other')).value).toBe('already-running')
    expect((await one.call('stop', 'Other')).value).toBe('stopped')
    expect((await one.call('start', 'Nobody')).code).toBe('BUTLER_TASK_NOT_IMPLEMENTED')
    await other.kill()
    await eventually(async () => {
      expect((await one.call('start', 'Other')).code).toBe('BUTLER_TASK_NOT_IMPLEMENTED')
    })
    expect((await one.call('history', 'Other')).value).toMatchObject([{ task: 'Other', outcome: 'stopped' }])
    const [oldest] = (await one.call('history', 'Other')).value as { id: string }[]
    expect((await one.call('history', 'Other', { before: oldest?.id })).value).toEqual([])
    expect((await one.call('history', 'Nobody')).code).toBe('BUTLER_TASK_NOT_IMPLEMENTED')
    expect((await one.call('list')).value?.map(({ name }) => name)).toEqual(['Quick'])
  })

  test('a window that opens on all, with clocks two seconds apart, makes one run or one instant of each task', async () => {
    const opensAt = new Date(Math.ceil((Date.now() + 4_000) / 60_000) * 60_000)
    const text = (at: Date) => at.toISOString().slice(11, 16)
    const window = { opensAt: text(opensAt), closesAt: text(new Date(opensAt.getTime() + 3_600_000)), timeZone: 'UTC' }
    const skewToOpening = opensAt.getTime() - Date.now() - 14_000
    const shared = { ...(await connect()), prefix: ownPrefix(), leaseMs: 1_000, window }
    const tasks = ['Quick', 'Broken', 'Slow', 'Other']
    const nodes: TestNode[] = []
    for (const skewMs of [0, -1_000, 1_000, 0]) {
      nodes.push(
        await openNode(nodeProcess(), { ...shared, tasks, randomized: ['Other'], skewMs: skewToOpening + skewMs }),
      )
    }
    await eventually(async () => expect(calls(nodes)).toHaveLength(3))
    const last = nodes[1] as TestNode
    await eventually(() => {
      expect(
        nodes.every(({ told }) =>
          told.some(({ event, payload }) => event === 'run:ended' && (payload as { task: string }).task === 'Broken'),
        ),
      ).toBe(true)
    })
    // Until the slowest clock has seen the window open, too, and made its plan of it.
    await eventually(() => {
      expect(nodes.map(({ told }) => told.filter(({ event }) => event === 'plan:made').length)).toEqual([1, 1, 1, 1])
    })
    expect(calls(nodes)).toHaveLength(3)
    expect((await last.call('history', 'Broken')).value).toMatchObject([{ outcome: 'failed', trigger: 'window' }])
    const instants = await Promise.all(
      nodes.map(async (node) => (await node.call('list')).value?.find(({ name }) => name === 'Other')?.scheduledFor),
    )
    expect(new Set(instants).size).toBe(1)
    expect(instants[0]).toEqual(expect.any(String))
  })

  test('what a process leaves when it closes is seen to at once, and whoever has only just come is not taken for gone', async () => {
    const shared = { ...(await connect()), prefix: ownPrefix(), leaseMs: 60_000, tasks: ['Slow', 'Tidy'] }
    const [one, leaver, comer] = [
      await openNode(nodeProcess(), shared),
      await openNode(nodeProcess(), shared),
      await openNode(nodeProcess(), shared),
    ]
    await leaver.call('start', 'Tidy')
    await comer.call('start', 'Slow')
    expect((await leaver.call('close', { timeoutMs: 0 })).value).toEqual({ left: ['Tidy'] })
    await eventually(async () => {
      expect((await one.call('history', 'Tidy')).value).toMatchObject([{ outcome: 'interrupted' }])
    })
    expect((await one.call('history', 'Slow')).value).toMatchObject([{ outcome: null }])
    expect((await one.call('stop', 'Slow')).value).toBe('stopped')
  })

  test('kill -9 of the process that runs makes the run interrupted, still due, and nobody runs it again', async () => {
    const [one, other] = (await openNodes(2, { leaseMs: undefined })) as [TestNode, TestNode]
    await one.call('start', 'Slow')
    await one.kill()
    const began = performance.now()
    await eventually(async () => {
      expect((await other.call('history', 'Slow')).value).toMatchObject([{ outcome: 'interrupted' }])
    })
    expect(performance.now() - began).toBeLessThan(30_000)
    expect((await other.call('list')).value?.find(({ name }) => name === 'Slow')).toMatchObject({ state: 'idle' })
    expect(other.calledFor()).toHaveLength(0)
    expect((await other.call('start', 'Slow')).value).toBe('started')
  })

  test('kill -9 of all: the next to start finds what was cut, and what is scheduled', async () => {
    const shared = {
      ...(await connect()),
      prefix: ownPrefix(),
      leaseMs: 1_000,
      tasks: ['Slow', 'Other'],
      randomized: ['Other'],
    }
    const window = { opensAt: '00:00', closesAt: '00:00', timeZone: 'UTC' }
    const one = await openNode(nodeProcess(), { ...shared, window })
    const scheduledFor = async (node: TestNode) =>
      (await node.call('list')).value?.find(({ name }) => name === 'Other')?.scheduledFor
    await eventually(() => expect(one.calledFor()).toHaveLength(1))
    const drawn = await scheduledFor(one)
    await one.kill()
    const next = await openNode(nodeProcess(), { ...shared, window })
    await eventually(async () => {
      expect((await next.call('history', 'Slow')).value).toMatchObject([{ outcome: 'interrupted' }])
    })
    expect(await scheduledFor(next)).toBe(drawn)
    expect(next.calledFor()).toHaveLength(0)
  })

  test('what a process starts as soon as it is back after its lease is its own, and nobody takes it away', async () => {
    const shared = { ...(await connect()), prefix: ownPrefix(), leaseMs: 1_000 }
    const one = await openNode(nodeProcess(), { ...shared, tasks: ['Slow', 'Other'] })
    const other = await openNode(nodeProcess(), { ...shared, tasks: ['Slow'] })
    for (let round = 1; round <= 3; round += 1) {
      await eventually(async () => expect((await other.call('list')).value).toHaveLength(2))
      one.signal('SIGSTOP')
      await eventually(async () => {
        expect((await other.call('start', 'Other')).code).toBe('BUTLER_TASK_NOT_IMPLEMENTED')
      })
      const starting = one.call('start', 'Slow')
      one.signal('SIGCONT')
      expect((await starting).value).toBe('started')
      expect((await other.call('start', 'Slow')).value).toBe('already-running')
      expect((await other.call('stop', 'Slow')).value).toBe('stopped')
      expect(calls([one, other])).toHaveLength(round) // It was asked for `Other`, too, by somebody who has given up since.
    }
    const outcomes = (await other.call('history', 'Slow')).value?.map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['stopped', 'stopped', 'stopped'])
  })

  test('a process whose event loop was blocked for longer than its lease is told to end its run, and the truth is written', async () => {
    const [one, other] = (await openNodes(2)) as [TestNode, TestNode]
    await one.call('start', 'Slow')
    const blocked = one.call('block', 3_000)
    await eventually(async () => {
      expect((await other.call('history', 'Slow')).value).toMatchObject([{ outcome: 'interrupted' }])
    })
    await blocked
    await one.next('aborted')
    await eventually(async () => expect((await one.call('start', 'Slow')).value).toBe('started'))
    expect((await other.call('history', 'Slow')).value).toMatchObject([{ outcome: null }, { outcome: 'interrupted' }])
  })

  test('a process that was stopped for longer than its lease loses its run, and is told so', async () => {
    const [one, other] = (await openNodes(2)) as [TestNode, TestNode]
    await one.call('start', 'Slow')
    one.signal('SIGSTOP')
    await eventually(async () => {
      expect((await other.call('history', 'Slow')).value).toMatchObject([{ outcome: 'interrupted' }])
    })
    expect((await other.call('start', 'Slow')).value).toBe('started')
    one.signal('SIGCONT')
    await one.next('aborted')
    await eventually(async () => {
      expect((await one.call('history', 'Slow')).value).toMatchObject([{ outcome: null }, { outcome: 'interrupted' }])
    })
  })
}

describeWithRedis('many processes on Redis', () => {
  manyProcesses(async () => ({ connection: await sharedRedis() }))
})

describeWithPostgres('many processes on PostgreSQL', () => {
  manyProcesses(async () => ({
    connection: { connectionString: postgres(), migrate: true, max: 3, schema: 'butler_test_many' },
    postgres: true,
  }))
})
