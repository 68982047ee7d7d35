import { type BackendFactory, type ConnectionOptions, createPostgresBackend, createRedisBackend } from 'bullmq'
import { checkMembers, expectThat } from '../options'
import { checkSpelling } from './spelling'

/**
 * What leads to a Redis: a URL, BullMQ's `ConnectionOptions`, or options of ioredis, of which those do not take all. They take any other
 * member, too; these, which something else has that somebody hands in, nobody would read, and the machine at hand would be taken.
 */
export type RedisConnection = string | ((ConnectionOptions | object) & Mistakes)

type Mistakes = {
  [Member in
    | 'uri'
    | 'hostname'
    | 'user'
    | 'pass'
    | 'database'
    | 'socket'
    | 'connectionString'
    | 'href'
    | 'length'
    | 'then'
    | 'waitUntilReady']?: undefined
}

export interface BullmqQueueOptions<Connection = RedisConnection> {
  /**
   * Where it is: what BullMQ takes, passed through with TLS and passwords. A connection that answers nothing any more is given up for a
   * new one, so a Redis client of the host's, or one of a cluster, is copied and left as it is.
   */
  connection: Connection
  /** Another database than Redis: `createPostgresBackend` of bullmq. Default: Redis. */
  // biome-ignore lint/suspicious/noExplicitAny: any backend will do, and what it is called with is what it asks for.
  backendFactory?: BackendFactory<any, Connection>
  /** What is shared is shared by Butlers with the same prefix. Default: `butler`. */
  prefix?: string
  /**
   * How long a process may be silent before its runs are taken to be interrupted, in milliseconds. A crash is known within twice this
   * time; a process whose event loop is blocked for longer loses its runs. Shorter costs more commands: about twenty-five a lease and process.
   * Default: 10 000.
   */
  leaseMs?: number
  /**
   * After how many milliseconds without an answer the database counts as unreachable: what was asked is answered by 503, and the
   * connection is given up for a new one. It bounds each command, of which a call has up to a dozen. A new connection
   * that does not come is waited for longer each time, up to ten times as long. Default: 700.
   */
  answerMs?: number
}

/** Options that have been checked, with everything filled in. */
export interface ReadBullmqOptions {
  connection: ConnectionOptions
  backendFactory: BackendFactory
  isRedis: boolean
  prefix: string
  leaseMs: number
  answerMs: number
}

const members = [
  'connection',
  'backendFactory',
  'prefix',
  'leaseMs',
  'answerMs',
] as const satisfies readonly (keyof BullmqQueueOptions)[]

/** A prefix names keys, tables' rows and, in its braces, the slot of a Redis Cluster. */
const prefixPattern = /^[\w.-]{1,64}$/

/** Throws `BUTLER_INVALID_OPTIONS`. */
export function readBullmqOptions(given: BullmqQueueOptions<unknown>): ReadBullmqOptions {
  const subject = 'bullmqQueue(options)'
  checkMembers(subject, given, members)
  const { connection, backendFactory = createRedisBackend, prefix = 'butler', leaseMs = 10_000, answerMs = 700 } = given
  expectThat(
    (typeof connection === 'object' && connection !== null) || typeof connection === 'string',
    `${subject}.connection`,
    connection,
    'what BullMQ connects with, such as { url: "redis://localhost:6379" }',
  )
  expectThat(typeof backendFactory === 'function', `${subject}.backendFactory`, backendFactory, 'a factory of bullmq')
  const database = databaseOf(backendFactory)
  if (database !== null) checkSpelling(`${subject}.connection`, connection, database)
  const isName = typeof prefix === 'string' && prefixPattern.test(prefix)
  expectThat(isName, `${subject}.prefix`, prefix, 'at most 64 letters, digits, "_", "." or "-"')
  expectThat(isTime(leaseMs, 100), `${subject}.leaseMs`, leaseMs, 'milliseconds, at least 100')
  expectThat(isTime(answerMs, 1), `${subject}.answerMs`, answerMs, 'milliseconds, at least 1')
  return {
    connection: connection as ConnectionOptions,
    backendFactory: backendFactory as BackendFactory,
    isRedis: database === 'redis',
    prefix,
    leaseMs,
    answerMs,
  }
}

/** `null`: one that we do not know. */
function databaseOf(backendFactory: unknown): 'redis' | 'postgres' | null {
  if (backendFactory === createRedisBackend) return 'redis'
  return backendFactory === createPostgresBackend ? 'postgres' : null
}

function isTime(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= least
}
