import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import {
  describeWithPostgres,
  describeWithRedisServer,
  ownPrefix,
  postgres,
  type RedisServer,
  startRedis,
} from '../helpers/databases'
import type { NodeOptions } from '../helpers/node-process'
import { eventually, launchNode, openNode, type TestNode } from '../helpers/nodes'
import { openProxy, type TestProxy } from '../helpers/proxy'
import { program } from '../helpers/transpiled'

jest.setTimeout(120_000)

const nodeProcess = program('node-process')

/** For how long the database is away in these stories. A minute takes a minute: `AWAY_MS=60000`. */
const AWAY_MS = Number(process.env.AWAY_MS ?? 5_000)

type Database = Pick<NodeOptions, 'connection' | 'postgres'>

const noted = (node: TestNode) => node.told.filter((fact) => 'crashed' in fact || 'warning' in fact)

const calls = [
  ['GET', ''],
  ['POST', 'Quick'],
  ['DELETE', 'Slow'],
  ['POST', ''],
  ['DELETE', ''],
] as const

/** Two servers, one of them at work; their database goes away for some time and comes back. */
async function story(database: Database, goAway: () => unknown, comeBack: () => unknown): Promise<void> {
  const options = { ...database, prefix: ownPrefix(), leaseMs: 1_000, tasks: ['Slow', 'Brief', 'Quick'], http: true }
  const [node, other] = [await openNode(nodeProcess(), options), await openNode(nodeProcess(), options)]
  await node.call('start', 'Slow')
  await node.call('start', 'Brief')
  await goAway()
  const outage = pause(AWAY_MS)
  for (const server of [node, other]) {
    const many = Array.from({ length: 5 }, () => calls).flat() // Plans, say, are made one after the other.
    for (const asked of [many, ...calls.map((call) => [call])]) {
      await Promise.all(
        asked.map(async ([method, task]) => {
          const { status, retryAfter, ms } = await server.request(method, task)
          expect([method, task, status, Number(retryAfter) > 0, ms < 1_000]).toEqual([method, task, 503, true, true])
        }),
      )
    }
    expect((await server.call('history', 'Slow')).code).toBe('BUTLER_UNAVAILABLE')
  }
  await outage
  await comeBack()
  await eventually(async () => {
    expect((await other.call('history', 'Brief')).value).toMatchObject([{ outcome: 'completed', result: 'finished' }])
  })
  expect((await other.call('history', 'Slow')).value).toMatchObject([{ outcome: null }])
  await heardAgain(node, other)
  expect((await other.request('DELETE', 'Slow')).status).toBe(200)
  for (const each of [node, other]) {
    expect(noted(each)).toEqual([])
    expect((await each.call('close')).value).toEqual({ left: [] })
    await each.ended
  }
}

/** Each tells what happens on the other, as before. */
async function heardAgain(...nodes: [TestNode, TestNode]): Promise<void> {
  for (const [here, there] of [nodes, [...nodes].reverse()] as [TestNode, TestNode][]) {
    await eventually(async () => {
      const before = there.told.length
      expect((await here.request('POST', 'Quick')).status).toBe(200)
      await eventually(() => {
        const ended = there.told.slice(before).filter(({ event }) => event === 'run:ended')
        expect(ended).toMatchObject([{ payload: { task: 'Quick' } }])
      }, 1_000)
    })
  }
}

/** What holds wherever the line to a database goes wrong. */
function linesThatFail(server: () => { host: string; port: number }, on: (port: number) => Database): void {
  let line: TestProxy

  beforeEach(async () => {
    line = await openProxy(server())
  })
  afterEach(() => line.close())

  test('a line that swallows what is sent: calls are refused within a second, runs go on, and all is as before afterwards', () =>
    story(
      on(line.port),
      () => line.swallow(),
      () => line.mend(),
    ))

  test('a line that breaks: the same', () =>
    story(
      on(line.port),
      () => line.cut(),
      () => line.mend(),
    ))

  test.each(['swallow', 'cut'] as const)(
    'a process that closes after a line has failed (%s) ends by itself',
    async (how) => {
      const node = await openNode(nodeProcess(), { ...on(line.port), prefix: ownPrefix() })
      await node.call('start', 'Slow')
      line[how]()
      expect((await node.call('list')).code).toBe('BUTLER_UNAVAILABLE')
      expect((await node.call('close', { timeoutMs: 100 })).value).toEqual({ left: ['Slow'] })
      await node.ended
    },
  )

  test.each([0, 1, 2, 3, 4, 5, 6])(
    'a start whose line swallows after %i pieces leaves a task that others can start',
    async (pieces) => {
      const shared = { prefix: ownPrefix(), leaseMs: 1_000 }
      const cutOff = await openNode(nodeProcess(), { ...on(line.port), ...shared })
      const other = await openNode(nodeProcess(), { ...on(server().port), ...shared })
      line.swallowAfter(pieces)
      const { value, code } = await cutOff.call('start', 'Slow')
      expect(value ?? code).toMatch(/^(started|BUTLER_UNAVAILABLE)$/)
      line.mend()
      await eventually(async () => {
        expect((await other.call('stop', 'Slow')).value).toBe('not-running')
        expect((await other.call('start', 'Slow')).value).toBe('started')
      })
      const runs = (await other.call('history', 'Slow')).value ?? []
      expect(runs.map(({ outcome }) => outcome === null)).toEqual(runs.map((_, place) => place === 0))
    },
  )

  test.each([1, 2, 4, 6])(
    'a line that breaks after %i pieces of an opening does not end the process',
    async (pieces) => {
      line.cutAfter(pieces)
      const node = launchNode(nodeProcess(), { ...on(line.port), prefix: ownPrefix() })
      await Promise.race(['open', 'failed', 'crashed'].map((fact) => node.next(fact)))
      expect(noted(node)).toEqual([])
    },
  )

  test('a process that closes ends by itself', async () => {
    const node = await openNode(nodeProcess(), { ...on(line.port), prefix: ownPrefix() })
    expect((await node.call('close')).value).toEqual({ left: [] })
    await node.ended
  })

  test('it was never there: opening is refused within a second, and the process lives', async () => {
    line.cut()
    const node = launchNode(nodeProcess(), { ...on(line.port), prefix: ownPrefix() })
    const { failed, ms } = await node.next('failed')
    expect([failed, (ms as number) < 1_000]).toEqual(['BUTLER_UNAVAILABLE', true])
    expect(noted(node)).toEqual([])
  })
}

describeWithPostgres('PostgreSQL goes away', () => {
  const { hostname, port } = new URL(postgres())
  linesThatFail(
    () => ({ host: hostname, port: Number(port || 5432) }),
    (port) => {
      const url = new URL(postgres())
      url.port = String(port)
      const connection = { connectionString: url.href, migrate: true, max: 3, schema: 'butler_test_away' }
      return { connection, postgres: true }
    },
  )
})

describeWithRedisServer('Redis goes away', () => {
  let redis: RedisServer

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  const options = () => ({
    connection: { port: redis.port },
    prefix: ownPrefix(),
    leaseMs: 1_000,
    tasks: ['Slow', 'Quick'],
  })

  linesThatFail(
    () => ({ host: '127.0.0.1', port: redis.port }),
    (port) => ({ connection: { port } }),
  )

  test('killed and started again: the same', () =>
    story(
      { connection: { port: redis.port } },
      () => redis.kill(),
      () => redis.start(),
    ))

  test('it forgets everything: what runs keeps its slot, and what was done is due again', async () => {
    const node = await openNode(nodeProcess(), options())
    await node.call('start', 'Slow')
    await node.call('start', 'Quick')
    const client = new Redis(redis.port)
    await client.flushall()
    await client.quit()
    await eventually(async () => {
      expect((await node.call('history', 'Slow')).value).toMatchObject([{ outcome: null }])
    })
    expect((await node.call('start', 'Slow')).value).toBe('already-running')
    expect((await node.call('history', 'Quick')).value).toEqual([])
    expect((await node.call('stop', 'Slow')).value).toBe('stopped')
    expect(node.told.filter(({ called }) => called === 'Slow')).toHaveLength(1)
  })

  test('a policy that throws things away is warned of', async () => {
    const client = new Redis(redis.port)
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const node = await openNode(nodeProcess(), options())
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    await client.quit()
    expect(node.told).toContainEqual(
      expect.objectContaining({ log: 'warn', message: expect.stringContaining('noeviction') }),
    )
  })
})
