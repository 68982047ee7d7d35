import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { createButler, fileStore } from 'express-butler'
import { createButlerDashboard } from 'express-butler/dashboard'

const DAY_MS = 86_400_000
const NIGHTS = 14
const window = { opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' }
const folder = mkdtempSync(join(tmpdir(), 'butler-bench-'))

/** Operator's pages with a fortnight behind them, each below the number of its tasks. */
const app = express()
for (const count of [14, 100])
  app.use(`/${count}`, createButlerDashboard(await butlerOf(count), { authorize: () => true }))
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit(0))
process.on('exit', () => rmSync(folder, { recursive: true }))

async function butlerOf(count) {
  const names = Array.from({ length: count }, (_, index) => `Task${String(index).padStart(3, '0')}`)
  const file = join(folder, `${count}.json`)
  writeFileSync(file, JSON.stringify({ version: 1, settings: {}, tasks: Object.fromEntries(names.map(memoryOf)) }))
  const description = 'Looks through everything that has come since it last did, and keeps what it finds.'
  const task = (name) => [name, { run: async () => {}, title: `The task ${name}`, description, randomized: true }]
  const butler = createButler({ tasks: Object.fromEntries(names.map(task)), window, store: fileStore(file) })
  await butler.open()
  return butler
}

function memoryOf(name, index) {
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const runs = Array.from({ length: NIGHTS }, (_, night) => runOf(name, midnight - (NIGHTS - night) * DAY_MS, index))
  return [name, { runs, waiting: null, draw: null, lastCompletedOn: runs.at(-1).date }]
}

function runOf(task, midnight, index) {
  const date = new Date(midnight).toISOString().slice(0, 10)
  const startedAt = midnight + 7_200_000 + (index % 170) * 60_000
  return {
    id: `${task}-${date}`,
    task,
    trigger: 'window',
    by: null,
    date,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(startedAt + 400_000).toISOString(),
    outcome: 'completed',
    error: null,
    progress: 1,
    progressMessage: null,
    result: { files: index },
    log: [{ at: new Date(startedAt).toISOString(), message: `${task} began` }],
  }
}
