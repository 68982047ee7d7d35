import { type ConnectionOptions, createPostgresBackend, createRedisBackend, type Queue, type QueueEvents } from 'bullmq'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { createClient } from 'redis'
import { type BullmqQueueOptions, bullmqQueue } from '../../lib/bullmq'

// Nothing runs this file: `npm run typecheck` compiles it. A line below `@ts-expect-error` must be an error, every other none.

declare const options: ConnectionOptions
declare const ofRedis: RedisOptions
declare const made: { queue: Queue; events: QueueEvents }

/** What compiles. */
export const good = {
  connections() {
    bullmqQueue({ connection: {} })
    bullmqQueue({ connection: 'redis://cache:6380/3' })
    bullmqQueue({ connection: { url: 'redis://cache', tls: {} }, prefix: 'shop' })
    bullmqQueue({ connection: { host: 'cache', username: 'a', db: 3, somethingNewer: true } })
    bullmqQueue({ connection: options })
    bullmqQueue({ connection: ofRedis })
    bullmqQueue({ connection: new Redis({ lazyConnect: true }) })
    bullmqQueue({ connection: new Cluster([{ port: 1 }], { lazyConnect: true }) })
    bullmqQueue({ connection: createClient({ url: 'redis://cache' }) })
    bullmqQueue({ connection: options, backendFactory: createRedisBackend })
    bullmqQueue({ connection: { connectionString: 'postgres://db' }, backendFactory: createPostgresBackend })
  },
  handedOn(given: BullmqQueueOptions) {
    bullmqQueue({ ...given, prefix: 'shop' })
  },
}

/** What does not. */
export const wrong = {
  connections() {
    // @ts-expect-error There is no such member.
    bullmqQueue({ connection: { uri: 'redis://cache' } })
    // @ts-expect-error node-redis writes it so, and ioredis does not.
    bullmqQueue({ connection: { socket: { host: 'cache' } } })
    // @ts-expect-error PostgreSQL has another backend.
    bullmqQueue({ connection: { connectionString: 'postgres://db' } })
    // @ts-expect-error Nobody has waited for it.
    bullmqQueue({ connection: Promise.resolve(options) })
    // @ts-expect-error One of them is enough.
    bullmqQueue({ connection: [{ host: 'cache' }] })
    // @ts-expect-error It is no text.
    bullmqQueue({ connection: new URL('redis://cache') })
    // @ts-expect-error It has a connection, and is none.
    bullmqQueue({ connection: made.queue })
    // @ts-expect-error Nor is this one.
    bullmqQueue({ connection: made.events })
    // @ts-expect-error It is no connection at all.
    bullmqQueue({ connection: 6379 })
    // @ts-expect-error PostgreSQL does not read it.
    bullmqQueue({ connection: { connectionString: 1 }, backendFactory: createPostgresBackend })
  },
}
