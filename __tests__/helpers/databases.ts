import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port'

/** Whether something listens there. Jest collects its tests before anything can be waited for, so this asks another process. */
function answers(host: string, port: number): boolean {
  const ask = `require('net').connect(${port}, '${host}').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`
  return spawnSync(process.execPath, ['-e', ask], { timeout: 3_000 }).status === 0
}

function isOnPath(command: string): boolean {
  return spawnSync(command, ['--version']).status === 0
}

const redisUrl = process.env.REDIS_URL ?? (answers('127.0.0.1', 6379) ? 'redis://127.0.0.1:6379' : null)
const postgresUrl =
  process.env.POSTGRES_URL ?? (answers('127.0.0.1', 5432) ? 'postgres://postgres@127.0.0.1:5432/postgres' : null)

/** Runs suites that need Redis, or skips them by name and says how to get it. */
export function describeWithRedis(title: string, suite: () => void): void {
  const hasRedis = redisUrl !== null || isOnPath('redis-server')
  const how = 'needs a Redis: set REDIS_URL, or `apt-get install redis-server`'
  if (hasRedis) describe(title, suite)
  else describe.skip(`${title} (${how})`, suite)
}

/** The same for suites that stop Redis, which must be one of their own. */
export function describeWithRedisServer(title: string, suite: () => void): void {
  if (isOnPath('redis-server')) describe(title, suite)
  else describe.skip(`${title} (needs redis-server on the PATH: \`apt-get install redis-server\`)`, suite)
}

export function describeWithPostgres(title: string, suite: () => void): void {
  if (postgresUrl !== null) describe(title, suite)
  else describe.skip(`${title} (needs a PostgreSQL: set POSTGRES_URL, or start one on port 5432)`, suite)
}

let shared: RedisServer | null = null

/** The Redis that the machine offers, else one that is started for these tests. */
export async function sharedRedis(): Promise<{ host: string; port: number; password?: string }> {
  if (redisUrl === null) {
    shared ??= await startRedis()
    return { host: '127.0.0.1', port: shared.port }
  }
  const { hostname, port, password } = new URL(redisUrl)
  return { host: hostname, port: Number(port || 6379), ...(password && { password }) }
}

export function postgres(): string {
  return postgresUrl as string
}

/** A prefix that no other test has. */
export function ownPrefix(): string {
  return `test-${randomUUID().slice(0, 8)}`
}

/** A Redis of a test's own, which can be stopped, flushed and started again. */
export interface RedisServer {
  readonly port: number
  readonly process: ChildProcess
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what it has written. */
  start(): Promise<void>
  /** Stops it, and removes what it wrote. */
  close(): Promise<void>
}

export async function startRedis(...more: string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'butler-redis-'))
  const port = await freePort()
  let child = await launch(port, folder, more)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return {
    port,
    get process() {
      return child
    },
    kill,
    async start() {
      child = await launch(port, folder, more)
    },
    async close() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function launch(port: number, folder: string, more: readonly string[]): Promise<ChildProcess> {
  const options = [
    '--port',
    String(port),
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
  ]
  const child = spawn('redis-server', [...options, '--bind', '127.0.0.1', ...more], { stdio: 'ignore' })
  for (let attempt = 0; !(await canConnect(port)); attempt++) {
    if (attempt > 100) throw new Error(`redis-server does not listen on port ${port}.`)
    await pause(50)
  }
  return child
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

afterAll(() => shared?.close())
