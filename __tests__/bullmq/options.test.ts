import { createPostgresBackend, createRedisBackend, FlowProducer, Queue, QueueEvents, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { type BullmqQueueOptions, readBullmqOptions } from '../../lib/bullmq/options'

const connection = { url: 'redis://localhost:6379' }

test('a connection is enough: the rest has defaults', () => {
  const read = readBullmqOptions({ connection })
  expect(read).toMatchObject({ connection, isRedis: true, prefix: 'butler', leaseMs: 10_000, answerMs: 700 })
})

test.each<[string, object]>([
  ['connection', { connection: undefined }],
  ['connection', { connection: 6379 }],
  ['backendFactory', { connection, backendFactory: 'postgres' }],
  ['prefix', { connection, prefix: '{shop}' }],
  ['prefix', { connection, prefix: '' }],
  ['leaseMs', { connection, leaseMs: 99 }],
  ['answerMs', { connection, answerMs: 0 }],
  ['answerMs', { connection, answerMs: Number.NaN }],
  ['lease', { connection, lease: 5 }],
])('a wrong %s is refused by its name: %j', (member, given) => {
  const read = () => readBullmqOptions(given as BullmqQueueOptions<unknown>)
  expect(read).toThrow(
    expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining(member) }),
  )
})

test.each<[connection: unknown, message: string]>([
  [
    { connectionString: 'postgres://a:secret@db/shop' },
    'has "connectionString", which Redis does not read; expected backendFactory: createPostgresBackend',
  ],
  ['postgres://a:secret@db/shop', 'leads to PostgreSQL; expected backendFactory: createPostgresBackend'],
  [{ url: 'postgresql://a:secret@db/shop' }, 'leads to PostgreSQL; expected backendFactory: createPostgresBackend'],
  [new URL('redis://a:secret@cache:6380'), 'is a URL; expected its text: { url: url.href }'],
  [{ URL: 'redis://a:secret@cache' }, 'has "URL", which nothing reads; expected "url"'],
  [{ Host: 'cache' }, 'has "Host", which nothing reads; expected "host"'],
  [{ host: 'cache', userName: 'a' }, 'has "userName", which nothing reads; expected "username"'],
  [{ uri: 'redis://cache' }, 'has "uri", which nothing reads; expected "url"'],
  [{ hostname: 'cache' }, 'has "hostname", which nothing reads; expected "host"'],
  [{ host: 'cache', user: 'a' }, 'has "user", which nothing reads; expected "username"'],
  [{ host: 'cache', pass: 'secret' }, 'has "pass", which nothing reads; expected "password"'],
  [{ host: 'cache', database: 3 }, 'has "database", which nothing reads; expected "db"'],
  [{ socket: { host: 'cache' } }, 'has "socket", which nothing reads; expected "host" and "port"'],
  [Promise.resolve({ host: 'cache', password: 'secret' }), 'is a promise; expected its value: await it.'],
  [[{ host: 'secret' }], 'is an array; expected one connection (of a cluster: its client).'],
])('a connection to Redis that would lead to another place is refused: %j', (connection, message) => {
  for (const more of [{}, { backendFactory: createRedisBackend }]) {
    const read = () => readBullmqOptions({ connection, ...more } as BullmqQueueOptions<unknown>)
    const told = expect.stringMatching(/^bullmqQueue\(options\)\.connection (?!.*secret)/)
    expect(read).toThrow(expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS', message: told }))
    expect(read).toThrow(message)
  }
})

test.each<[connection: unknown, message: string]>([
  [{ url: 'postgres://a:secret@db/shop' }, 'has "url", which nothing reads; expected "connectionString"'],
  [{ connectionstring: 'postgres://db' }, 'has "connectionstring", which nothing reads; expected "connectionString"'],
  [{ hostname: 'db' }, 'has "hostname", which nothing reads; expected "host"'],
  [{ host: 'db', username: 'a' }, 'has "username", which nothing reads; expected "user"'],
])('a connection to PostgreSQL that would lead to another place is refused: %j', (connection, message) => {
  const read = () => readBullmqOptions({ connection, backendFactory: createPostgresBackend } as never)
  expect(read).toThrow(expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS' }))
  expect(read).toThrow(message)
})

test.each<[string, unknown, object?]>([
  ['a URL', 'redis://cache:6380/3'],
  ['options', { host: 'cache', port: 6380, username: 'a', password: 'b', db: 3, tls: {}, family: 4, path: '/a' }],
  ['options of sentinels', { sentinels: [{ host: 'a', port: 1 }], name: 'shop', sentinelPassword: 'b' }],
  ['options that we do not know', { connectionName: 'shop', somethingNewer: true }],
  ['a URL of PostgreSQL', 'postgres://db/shop', { backendFactory: createPostgresBackend }],
  ['options of PostgreSQL', { connectionString: 'postgres://db', max: 4 }, { backendFactory: createPostgresBackend }],
  ['what a database of your own takes', { uri: 'kv://db', URL: 1 }, { backendFactory: () => {} }],
])('%s may be a connection', (_, connection, more = {}) => {
  expect(readBullmqOptions({ connection, ...more } as BullmqQueueOptions<unknown>)).toMatchObject({ connection })
})

test.each([Queue, Worker, QueueEvents, FlowProducer].map(({ name, prototype }) => [name, Object.create(prototype)]))(
  'a %s is refused: it has a connection, and is none',
  (name, connection) => {
    const read = () => readBullmqOptions({ connection })
    expect(read).toThrow(`.connection is a ${name} of BullMQ; expected what that was given for a connection.`)
  },
)

test('a client may have members of any name', () => {
  const client = Object.assign(new Redis({ lazyConnect: true }), { hostname: 'cache', URL: 'redis://cache' })
  expect(readBullmqOptions({ connection: client } as BullmqQueueOptions<unknown>).connection).toBe(client)
})
