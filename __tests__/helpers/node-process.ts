/**
 * One process of many with a Butler: `node node-process.js <options as JSON>`. It tells what happens in lines of JSON on stdout, and
 * does what lines on stdin ask for: `{"id":1,"call":"start","args":["Slow"]}`.
 */
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { createPostgresBackend } from 'bullmq'
import express from 'express'
import { bullmqQueue } from '../../lib/bullmq'
import { type Butler, createButler } from '../../lib/butler'
import { systemClock } from '../../lib/engine/clock'
import type { TaskContext } from '../../lib/engine/task'
import { butlerErrorHandler } from '../../lib/http/error-handler'
import { createButlerRouter } from '../../lib/http/router'
import { closedWindow } from './windows'

/** What a test says to a process when it starts it. */
export interface NodeOptions {
  connection: unknown
  prefix: string
  postgres?: boolean
  tasks?: string[]
  /** Default: one that does not open meanwhile. */
  window?: { opensAt: string; closesAt: string; timeZone: string }
  leaseMs?: number
  /** How far its clock is off, in milliseconds. */
  skewMs?: number
  randomized?: string[]
  concurrency?: number
  /** It answers HTTP, too, for all tasks that there are in these stories; it tells on which port. */
  http?: boolean
}

const {
  connection,
  prefix,
  postgres,
  leaseMs,
  window = closedWindow(),
  skewMs = 0,
  randomized = [],
  concurrency,
  http = false,
  ...given
}: NodeOptions = JSON.parse(process.argv[2] as string)

function tell(told: object): void {
  writeSync(1, `${JSON.stringify(told)}\n`)
}

const all = {
  /** Ends at once. */
  Quick: async () => 'done',
  /** Fails at once. */
  Broken: async () => {
    throw new Error('The disk is full.')
  },
  /** Ends when it is asked to. */
  Slow: ({ signal, progress }: TaskContext) => {
    progress(0.5, 'half of it')
    return pause(2 ** 30, undefined, { signal })
  },
  Other: ({ signal }: TaskContext) => pause(2 ** 30, undefined, { signal }),
  /** Ends after two seconds, by itself. */
  Brief: ({ signal }: TaskContext) => pause(2_000, 'finished', { signal }),
  /** Ends some time after it was asked to. */
  Tidy: async ({ signal }: TaskContext) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await pause(1_000)
  },
}

const names = (given.tasks ?? ['Slow', 'Quick']) as (keyof typeof all)[]
const tasks = Object.fromEntries(
  names.map((name) => {
    const run = async (context: TaskContext) => {
      tell({ called: name, runId: context.runId, at: Date.now() })
      context.signal.addEventListener('abort', () => tell({ aborted: name, at: Date.now() }))
      return all[name](context)
    }
    return [name, { run, randomized: randomized.includes(name) }]
  }),
)

const system = systemClock()
const clock = {
  ...system,
  now: () => system.now() + skewMs,
  callAt: (instant: number, callback: () => void) => system.callAt(instant - skewMs, callback),
}

const line = (level: string) => (details: object, message: string) =>
  tell({ log: level, message, err: String((details as { err?: unknown }).err ?? '') })

async function main(): Promise<void> {
  const backendFactory = postgres ? { backendFactory: createPostgresBackend } : {}
  const queue = bullmqQueue({ connection, prefix, ...(leaseMs && { leaseMs }), ...backendFactory } as never)
  const logger = { debug() {}, info: line('info'), warn: line('warn'), error: line('error') }
  const butler = createButler({
    tasks,
    queue,
    clock,
    logger,
    window,
    ...(concurrency && { concurrency }),
  })
  for (const event of [
    'run:started',
    'run:ended',
    'run:progress',
    'run:stopping',
    'task:scheduled',
    'settings:changed',
    'window:opened',
    'plan:made',
  ] as const) {
    butler.on(event, ((payload: unknown, where?: string) => tell({ event, payload, where })) as never)
  }
  createInterface({ input: process.stdin }).on('line', (text) => void obey(butler as Butler, JSON.parse(text)))
  letGo = () => process.stdin.destroy() // If it does not end now, the Butler has left something behind.
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
    process.on(event, (error) => {
      tell({ crashed: String((error as Error).stack) })
      process.exit(1)
    })
  }
  process.on('warning', ({ message }) => tell({ warning: message }))
  await butler.open()
  tell({ open: true, ...(http && { port: await serve(butler as Butler) }) })
}

/** Answers on a free port. */
async function serve(butler: Butler): Promise<number> {
  const taskNames = Object.keys(all)
  const app = express()
    .use('/butler', createButlerRouter({ registry: butler, taskNames }))
    .use(butlerErrorHandler)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return (server.address() as AddressInfo).port
}

async function obey(butler: Butler, { id, call, args }: { id: number; call: string; args: unknown[] }): Promise<void> {
  const began = performance.now()
  const answer = await answerOf(butler, call, args)
  tell({ [`answer${id}`]: answer, ms: performance.now() - began })
  if (call === 'close') letGo()
}

let letGo = () => {}

async function answerOf(butler: Butler, call: string, args: unknown[]): Promise<object> {
  if (call === 'block') {
    const end = Date.now() + (args[0] as number)
    while (Date.now() < end);
    return { value: 'awake again' }
  }
  try {
    return { value: (await Reflect.apply(Reflect.get(butler, call), butler, args)) ?? null }
  } catch (error) {
    return { code: (error as { code?: string }).code ?? String(error) }
  }
}

const began = performance.now()

main().catch((error) => {
  tell({ failed: (error as { code?: string }).code ?? String(error), ms: performance.now() - began })
  process.exit(1)
})
