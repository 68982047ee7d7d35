import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { openNodes } from './scale-nodes.mjs'

/** Processes and tasks that are measured. Every process implements every task. */
const PROCESSES = [1, 4, 16]
const TASKS = [100, 1_000, 10_000]

/** What is measured besides: that many processes and tasks, of which so many run at once. */
const WITH_PLACES = ['4x100x2', '4x1000x2', '16x1000x2']

/** How long processes that have nothing to do are watched, in milliseconds. */
const REST_MS = 6_000

/** How long processes are left alone before that, in milliseconds: some beats. */
const SETTLING_MS = 5_000

/** What takes longer than this is told as far as it came, in milliseconds. */
const LONGEST_MS = 150_000

/** What a shared queue costs when the window opens on all of its processes at once, and what while nothing happens. */
export async function scale({ quick, cell: asked }) {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    return { text: 'scale: left out, there is no redis-server on the PATH.', rows: [] }
  }
  const cells = PROCESSES.flatMap((processes) => TASKS.map((tasks) => ({ processes, tasks, places: null })))
  const some = asked.length > 0 ? asked.map(cellOf) : [...cells, ...WITH_PLACES.map(cellOf)]
  const chosen = quick ? [{ processes: 2, tasks: 20, places: null }] : some
  const lines = []
  for (const cell of chosen) lines.push(lineOf(cell, await measure(cell, quick ? 1_500 : REST_MS)))
  return { text: `scale: a window that opens on many processes\n${aligned([head, ...lines])}`, rows: [] }
}

/** `16x10000` → 16 processes with 10 000 tasks; `16x10000x4` → of which four run at once. */
function cellOf(text) {
  const [processes, tasks, places = null] = text.split('x').map(Number)
  return { processes, tasks, places }
}

function aligned(lines) {
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)))
  const told = lines.map((cells) => cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
  return told.map((line) => `  ${line}`.trimEnd()).join('\n')
}

const head = [
  'nodes',
  'tasks',
  'places',
  'cmd/s',
  'B/s',
  'wakes/s',
  'cmd/run',
  'B/run',
  'seconds',
  'stall ms',
  'B/task',
  '',
]

function lineOf({ processes, tasks, places }, { rest, opening, runs, seconds, stallMs, memory }) {
  const figures = [
    rest.commands / rest.seconds,
    rest.bytes / rest.seconds,
    rest.wakeUps / rest.seconds / processes,
    opening.commands / runs,
    opening.bytes / runs,
    seconds,
    stallMs,
    memory / tasks,
  ]
  const told = figures.map((figure) => Number(figure.toPrecision(3)).toLocaleString('en'))
  const note = runs < tasks ? `only ${runs} of ${tasks} runs in ${seconds.toFixed(0)} s` : ''
  return [String(processes), tasks.toLocaleString('en'), String(places ?? 'any'), ...told, note]
}

async function measure({ processes, tasks, places }, restMs) {
  const redis = await startRedis()
  const client = new Redis(redis.port)
  const empty = (await look(client)).memory
  const nodes = await openNodes({ processes, tasks, places, port: redis.port })
  try {
    await pause(SETTLING_MS) // Until each has seen all others.
    await nodes.openIn(SETTLING_MS + restMs + 1_000)
    await pause(SETTLING_MS) // Until each has come to terms with the time that it is now.
    const [restBegan, wokenBefore] = [await look(client), await nodes.wakeUps()]
    await pause(restMs)
    const [restEnded, wokenAfter] = [await look(client), await nodes.wakeUps()]
    const opened = await nodes.opened(LONGEST_MS)
    const settled = await look(client)
    return {
      rest: { ...between(restBegan, restEnded), wakeUps: wokenAfter - wokenBefore },
      opening: between(restEnded, settled),
      memory: settled.memory - empty,
      ...opened,
    }
  } finally {
    await nodes.close()
    client.disconnect()
    await redis.close()
  }
}

function between(before, after) {
  return {
    commands: after.commands - before.commands,
    bytes: after.bytes - before.bytes,
    seconds: (after.at - before.at) / 1_000,
  }
}

/** What Redis has done so far, commands within scripts included. */
async function look(client) {
  const info = await client.info()
  const figure = (name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
  return {
    at: performance.now(),
    commands: figure('total_commands_processed'),
    bytes: figure('total_net_input_bytes') + figure('total_net_output_bytes'),
    memory: figure('used_memory'),
  }
}

async function startRedis() {
  const folder = await mkdtemp(join(tmpdir(), 'butler-bench-'))
  const port = await freePort()
  const options = ['--port', port, '--dir', folder, '--save', '', '--bind', '127.0.0.1']
  const child = spawn('redis-server', options.map(String), { stdio: 'ignore' })
  const client = new Redis(port, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => {})
  await client.ping()
  client.disconnect()
  return {
    port,
    async close() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
