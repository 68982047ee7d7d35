import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describeWithRedisServer, ownPrefix, type RedisServer, startRedis } from '../helpers/databases'
import { eventually, launchNode, openNode, type TestNode } from '../helpers/nodes'
import { openProxy, type TestProxy } from '../helpers/proxy'
import { program } from '../helpers/transpiled'

jest.setTimeout(120_000)

const nodeProcess = program('node-process')

/** For how long the database is away in these stories. A minute takes a minute: `AWAY_MS=60000`. */
const AWAY_MS = Number(process.env.AWAY_MS ?? 5_000)

describeWithRedisServer('Redis goes away', () => {
  let redis: RedisServer
  let line: TestProxy

  beforeAll(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    line = await openProxy({ host: '127.0.0.1', port: redis.port })
  })
  afterEach(() => line.close())
  afterAll(() => redis.close())

  const tasks = ['Slow', 'Brief', 'Quick']
  const options = (port = redis.port) => ({ connection: { port }, prefix: ownPrefix(), leaseMs: 1_000, tasks })

  const noted = (node: TestNode) => node.told.filter((fact) => 'crashed' in fact || 'warning' in fact)

  async function storyOf(goAway: () => unknown, comeBack: () => unknown, port = redis.port): Promise<void> {
    const node = await openNode(nodeProcess(), options(port))
    await node.call('start', 'Slow')
    await node.call('start', 'Brief')
    await goAway()
    await pause(100)
    const left = pause(AWAY_MS)
    for (const [call, ...args] of [
      ['start', 'Quick'],
      ['stop', 'Slow'],
      ['list'],
      ['history', 'Slow'],
      ['startAll'],
    ] as const) {
      const answer = await node.call(call, ...args)
      expect(answer.code).toBe('BUTLER_UNAVAILABLE')
      expect(answer.ms).toBeLessThan(1_000)
    }
    await left
    await comeBack()
    await eventually(async () => {
      expect((await node.call('history', 'Brief')).value).toMatchObject([{ outcome: 'completed', result: 'finished' }])
    })
    expect((await node.call('history', 'Slow')).value).toMatchObject([{ outcome: null }])
    expect((await node.call('start', 'Quick')).value).toBe('started')
    await eventually(async () => {
      expect((await node.call('stop', 'Slow')).value).toBe('stopped')
    })
    expect(noted(node)).toEqual([])
    expect((await node.call('close')).value).toEqual({ left: [] })
    await node.ended
  }

  test('killed and started again: calls are refused at once, runs go on, and what ended is written down afterwards', () =>
    storyOf(
      () => redis.kill(),
      () => redis.start(),
    ))

  test('a line that swallows what is sent: the same', () =>
    storyOf(
      () => line.swallow(),
      () => line.mend(),
      line.port,
    ))

  test('a line that breaks: the same', () =>
    storyOf(
      () => line.cut(),
      () => line.mend(),
      line.port,
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

  test('it was never there: opening is refused within a second, and the process lives', async () => {
    line.cut()
    const node = launchNode(nodeProcess(), options(line.port))
    expect(await node.next('failed')).toEqual({ failed: 'BUTLER_UNAVAILABLE' })
    expect(noted(node)).toEqual([])
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
