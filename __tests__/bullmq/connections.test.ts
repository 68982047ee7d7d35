import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Cluster, Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createClient } from 'redis'
import { bullmqQueue } from '../../lib/bullmq'
import { createButler } from '../../lib/butler'
import type { TaskContext } from '../../lib/engine/task'
import { describeWithRedisServer, ownPrefix, type RedisServer, startRedis } from '../helpers/databases'
import { freePort } from '../helpers/free-port'
import { eventually } from '../helpers/nodes'
import { openProxy } from '../helpers/proxy'
import { tempFolder } from '../helpers/temp-folder'
import { closedWindow } from '../helpers/windows'

jest.setTimeout(30_000)

const tasks = {
  Quick: () => 'done',
  Slow: ({ signal }: TaskContext) => pause(2 ** 30, undefined, { signal }),
}

/** What tests need of a client, whoever made it. */
interface HostClient {
  on(event: 'error', listener: () => void): unknown
  emit(event: 'error', error: Error): unknown
  duplicate(...options: unknown[]): HostClient
  ping(): Promise<string>
  disconnect(): unknown
}

/** Two Butlers that reach the same database in a certain way: one starts, the other sees and stops. */
async function story(connect: () => unknown): Promise<void> {
  const prefix = ownPrefix()
  const open = async () => {
    const queue = bullmqQueue({ connection: connect() as object, prefix, leaseMs: 1_000 })
    const butler = createButler({ tasks, window: closedWindow(), queue })
    await butler.open()
    return butler
  }
  const [one, other] = [await open(), await open()]
  const ended = once(other, 'run:ended')
  expect(await one.start('Quick')).toBe('started')
  expect(await ended).toMatchObject([{ task: 'Quick', outcome: 'completed', result: 'done' }, 'elsewhere'])
  expect(await one.start('Slow')).toBe('started')
  expect(await other.start('Slow')).toBe('already-running')
  expect(await other.stop('Slow')).toBe('stopped')
  expect(await one.history('Slow')).toMatchObject([{ outcome: 'stopped' }])
  for (const butler of [one, other]) expect(await butler.close()).toEqual({ left: [] })
}

describeWithRedisServer('the connection of bullmqQueue', () => {
  const servers: RedisServer[] = []
  const clients: { disconnect(): unknown }[] = []

  async function redis(...options: string[]): Promise<RedisServer> {
    const server = await startRedis(...options)
    servers.push(server)
    return server
  }

  /** A client of the host's own, which the host closes. */
  function ours<Client extends { disconnect(): unknown }>(client: Client): Client {
    clients.push(client)
    return client
  }

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect()
    await Promise.all(servers.splice(0).map((server) => server.close()))
  })

  test('may be a URL, and a database other than the first', async () => {
    const { port } = await redis()
    await story(() => `redis://127.0.0.1:${port}/3`)
  })

  test('may have a password', async () => {
    const { port } = await redis('--requirepass', 'open sesame')
    await story(() => ({ port, password: 'open sesame' }))
  })

  test('may be that of a user who is allowed these keys only', async () => {
    const { port } = await redis()
    const admin = ours(new Redis(port))
    await admin.call('ACL', 'SETUSER', 'butler', 'on', '>secret', '~{test-*', '&*', '+@all', '-@dangerous', '+info')
    await story(() => ({ port, username: 'butler', password: 'secret' }))
  })

  test('says so when the password is wrong', async () => {
    const { port } = await redis('--requirepass', 'open sesame')
    const queue = bullmqQueue({ connection: { port, password: 'abracadabra' }, prefix: ownPrefix() })
    const butler = createButler({ tasks, window: closedWindow(), queue })
    await expect(butler.open()).rejects.toMatchObject({
      code: 'BUTLER_UNAVAILABLE',
      message: expect.stringContaining('The shared queue cannot be used: WRONGPASS'),
    })
    await butler.close()
  })

  test('may be encrypted', async () => {
    const folder = tempFolder()
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject]
    expect(spawnSync('openssl', made).status).toBe(0)
    const port = await freePort()
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate]
    await redis('--tls-port', String(port), ...files, '--tls-auth-clients', 'no')
    const ca = readFileSync(certificate)
    await eventually(() => story(() => ({ host: '127.0.0.1', port, tls: { ca } })))
  })

  describe.each<[string, (port: number) => Promise<HostClient>]>([
    ['ioredis 6', async (port) => new Redis(port, { maxRetriesPerRequest: null })],
    ['ioredis 5', async (port) => new Redis5(port, { maxRetriesPerRequest: null })],
    ['node-redis', async (port) => (await createClient({ socket: { port } }).connect()) as unknown as HostClient],
  ])('may be a client of the host, of %s', (_, connect) => {
    async function aClient(port: number): Promise<HostClient> {
      const client = await connect(port)
      client.on('error', () => {})
      return ours(client)
    }

    async function openButler(port: number) {
      const queue = bullmqQueue({ connection: await aClient(port), prefix: ownPrefix(), leaseMs: 1_000 })
      const butler = createButler({ tasks, window: closedWindow(), queue })
      await butler.open()
      return butler
    }

    test('which is left as it is', async () => {
      const { port } = await redis()
      const client = await aClient(port)
      await story(() => client)
      expect(await client.ping()).toBe('PONG')
    })

    test('and Redis may be away for a while', async () => {
      const server = await redis()
      const butler = await openButler(server.port)
      await server.kill()
      await expect(butler.start('Quick')).rejects.toMatchObject({ code: 'BUTLER_UNAVAILABLE' })
      await server.start()
      await eventually(async () => expect(await butler.start('Quick')).toBe('started'))
      await eventually(async () => expect(await butler.history('Quick')).toMatchObject([{ outcome: 'completed' }]))
      expect(await butler.close()).toEqual({ left: [] })
    })

    test('and what breaks after it was closed ends no process', async () => {
      const { port } = await redis()
      const client = await aClient(port)
      const duplicate = jest.spyOn(client, 'duplicate')
      await story(() => client)
      const copies = duplicate.mock.results.map(({ value }) => value as HostClient)
      expect(copies).toHaveLength(4)
      for (const copy of copies) expect(() => copy.emit('error', new Error('read ECONNRESET'))).not.toThrow()
    })

    test('and its line may swallow what is sent', async () => {
      const { port } = await redis()
      const proxy = await openProxy({ host: '127.0.0.1', port })
      const butler = await openButler(proxy.port)
      proxy.swallow()
      await expect(butler.start('Quick')).rejects.toMatchObject({ code: 'BUTLER_UNAVAILABLE' })
      proxy.mend()
      await eventually(async () => expect(await butler.start('Quick')).toBe('started'))
      expect(await butler.close()).toEqual({ left: [] })
      for (const client of clients.splice(0)) client.disconnect()
      await proxy.close()
    })
  })

  test('may be a client of a cluster', async () => {
    const announced = ['--cluster-announce-ip', '127.0.0.1'] // A cluster of one does not find out its address.
    const { port } = await redis(
      ...['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())],
      ...announced,
    )
    const node = ours(new Redis(port))
    await node.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await eventually(async () => expect(await node.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'))
    const client = ours(new Cluster([{ host: '127.0.0.1', port }]))
    await story(() => client)
    expect(await client.ping()).toBe('PONG')
  })
})
