import type { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import type { IQueueBackend } from 'bullmq'
import type { ReadBullmqOptions } from './options'

/** A connection of BullMQ's, and how to be rid of it. */
export interface Opened {
  readonly backend: IQueueBackend
  /** Ends it; on a line that swallows, that may never be done. */
  close(): Promise<void>
  /** Breaks off what is left of it when nobody waits for its end any longer. */
  breakOff(): void
  /** How many bytes have come on it so far, as far as that can be known. */
  received(): number
}

/** A year: jobs are freed by whoever finds their process gone, never because BullMQ's own lock ran out. */
const LOCK_MS = 365 * 86_400_000

/** Opens a connection that fails soon and can be broken off, whatever it leads to. */
export function openConnection(options: ReadBullmqOptions, name: string, prefix: string): Opened {
  const { connection, backendFactory, isRedis } = options
  const open = (mine: unknown) => backendFactory(name, { connection: mine, prefix, lockDuration: LOCK_MS } as never)
  if (!isRedis) {
    const { tracked, ...line } = breakable(connection)
    const backend = open(tracked)
    hearLent(isPool(connection) ? connection : (backend as unknown as PostgresBackend).connection.pool)
    return { backend, close: () => backend.disconnect(), ...line } // Closing would wait for what it listens for.
  }
  const client = copyOf(connection as object)
  const backend = open(client ?? { ...impatience, ...asOptions(connection) })
  hearClosed(backend)
  const received = bytesOf(backend)
  // BullMQ leaves alone a client that it did not make.
  return { backend, close: () => backend.close(true), breakOff: () => client?.disconnect(), received }
}

/** Redis options with which commands fail at once while there is no connection, and are not sent again later. */
const impatience = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => RECONNECT_MS,
  connectTimeout: 5_000,
  disconnectTimeout: 100,
}

/** How soon a connection that broke is tried again. */
export const RECONNECT_MS = 500

/** What BullMQ makes of a client of Redis. */
interface RedisBackend {
  connection: { _client?: Pick<EventEmitter, 'on'> }
}

/**
 * BullMQ stops listening to its client when that is closed, but a socket that is being ended may still break; and an error that nobody
 * hears ends the process.
 */
function hearClosed(backend: IQueueBackend): void {
  ;(backend as unknown as RedisBackend).connection._client?.on('error', () => {})
}

/** A client of a cluster has no line of its own. */
function bytesOf(backend: IQueueBackend): () => number {
  let client: { stream?: { bytesRead?: number } } = {}
  const connected = (backend as unknown as { client?: Promise<typeof client> }).client
  connected?.then(
    (made) => {
      client = made
    },
    () => {},
  )
  return () => client.stream?.bytesRead ?? 0
}

interface Client {
  duplicate(...options: unknown[]): Client
  disconnect(): void
  isCluster?: boolean
}

/** A client of our own like the one that the host has; `null` when it handed in options. */
function copyOf(connection: object): Client | null {
  const given = connection as Partial<Client>
  if (typeof given.duplicate !== 'function') return null
  if (!given.isCluster) return given.duplicate(impatience)
  const { enableOfflineQueue, retryStrategy, ...redisOptions } = impatience
  return given.duplicate([], { enableOfflineQueue, clusterRetryStrategy: retryStrategy, redisOptions })
}

function asOptions(connection: unknown): object {
  return typeof connection === 'string' ? { url: connection } : (connection as object)
}

/** The options of node-postgres with sockets that we know: its pool waits for ever for what is under way. */
function breakable(connection: unknown): { tracked: unknown } & Pick<Opened, 'breakOff' | 'received'> {
  const given = asPostgres(connection)
  if (isPool(given) || given.stream !== undefined) {
    return { tracked: connection, breakOff() {}, received: () => 0 }
  }
  const sockets = new Set<Socket>()
  const stream = () => {
    const socket = new Socket()
    sockets.add(socket)
    return socket.once('close', () => sockets.delete(socket))
  }
  const breakOff = () => {
    for (const socket of sockets) socket.destroy()
  }
  const received = () => [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0)
  return { tracked: { ...given, stream }, breakOff, received }
}

function asPostgres(connection: unknown): { stream?: unknown } {
  return typeof connection === 'string' ? ({ connectionString: connection } as object) : (connection as object)
}

/** A pool of node-postgres, as far as we need it. */
type Pool = Pick<EventEmitter, 'on'>

/** What BullMQ makes of the options of node-postgres. */
interface PostgresBackend {
  connection: { pool: Pool }
}

function isPool(connection: unknown): connection is Pool {
  return typeof (connection as { connect?: unknown }).connect === 'function'
}

const heard = new WeakSet<object>()

/**
 * A pool hears of its clients' ends while it has them, but not while it has lent them to BullMQ, which does not either; and an error that
 * nobody hears ends the process. What was asked of such a client is rejected anyway.
 */
function hearLent(pool: Pool): void {
  if (heard.has(pool)) return
  heard.add(pool)
  pool.on('acquire', (client: EventEmitter) => {
    if (heard.has(client)) return
    heard.add(client)
    client.on('error', () => {})
  })
}
