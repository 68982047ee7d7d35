import { createPostgresBackend } from 'bullmq'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { bullmqQueue } from '../../lib/bullmq'
import { placeOn } from '../helpers/bullmq-place'
import { describeWithPostgres, describeWithRedis, ownPrefix, postgres, sharedRedis } from '../helpers/databases'
import { queueContract } from '../helpers/queue-contract'

jest.setTimeout(30_000)

describeWithRedis('on Redis', () => {
  queueContract('the queue that many share', async () => {
    const redis = await sharedRedis()
    const prefix = ownPrefix()
    return placeOn(
      redis,
      (port) => bullmqQueue({ connection: { ...redis, port }, prefix, leaseMs: 500 }),
      async () => {
        const client = new Redis(redis)
        const keys = await client.keys(`{${prefix}}:*`)
        if (keys.length > 0) await client.del(keys)
        await client.quit()
      },
    )
  })
})

describeWithPostgres('on PostgreSQL', () => {
  const schema = ownPrefix().replaceAll('-', '_')

  queueContract('the queue that many share', async () => {
    const url = new URL(postgres())
    const prefix = ownPrefix()
    const server = { host: url.hostname, port: Number(url.port || 5432) }
    const connectionOn = (port: number) => {
      url.port = String(port)
      return { connectionString: url.href, schema, migrate: true, max: 4 }
    }
    return placeOn(
      server,
      (port) =>
        bullmqQueue({ connection: connectionOn(port), backendFactory: createPostgresBackend, prefix, leaseMs: 500 }),
      async () => {},
    )
  })

  afterAll(async () => {
    const client = new Client({ connectionString: postgres() })
    await client.connect()
    await client.query(`drop schema if exists ${schema} cascade`)
    await client.end()
  })
})
