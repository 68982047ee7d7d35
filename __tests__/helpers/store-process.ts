/**
 * A process that opens a file store: `node store-process.js <file> <act> [more]`. It tells what happens in lines of JSON on stdout,
 * written at once, so that a line that was read is a thing that has happened.
 */
import { mkdirSync, rmdirSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { systemClock } from '../../lib/engine/clock'
import { fileStore } from '../../lib/engine/file-store'
import { silent } from '../../lib/engine/logger'
import type { Memory, Store } from '../../lib/engine/store'
import { aRun, aTaskMemory } from './memories'

const [file = '', act = '', more = ''] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

function tell(told: object): void {
  writeSync(1, `${JSON.stringify(told)}\n`)
}

async function open(store: Store): Promise<Memory | null> {
  return store.open({ clock: systemClock(), logger: silent })
}

/** Says `ready`, and when it is told to, opens, and keeps the lock until it is told to close. */
async function hold(): Promise<void> {
  const store = fileStore(file)
  tell({ ready: true })
  await lines.next()
  try {
    await open(store)
    tell({ answer: 'open' })
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    return tell({ answer: code, message })
  }
  await lines.next()
  await store.close()
  tell({ closed: true })
}

/** Saves run after run without ever waiting for all of them, and tells each that was saved. `more`: characters of each run's log. */
async function write(): Promise<void> {
  const store = fileStore(file)
  const memory: Memory = (await open(store)) ?? { version: 1, settings: {}, tasks: {} }
  const task = aTaskMemory({ runs: memory.tasks.T?.runs.slice(-20) ?? [] })
  memory.tasks.T = task
  const log = [{ at: '2026-01-01T00:00:00.000Z', message: 'x'.repeat(Number(more)) }]
  tell({ open: task.runs.map(({ id }) => id) })
  for (let count = 0; ; count += 1) {
    const id = `${process.pid}-${count}`
    task.runs.push(aRun({ id, log }))
    const saved = store.save(memory).then(() => tell({ saved: id }))
    if (count % 3 === 0) await saved
  }
}

/** Adds run after run until that fails, tells how, forgets them and saves again. */
async function fill(): Promise<void> {
  const store = fileStore(file)
  const memory: Memory = { version: 1, settings: {}, tasks: { T: aTaskMemory({ runs: [] }) } }
  await open(store)
  try {
    for (let count = 0; ; count += 1) {
      memory.tasks.T?.runs.push(aRun({ id: String(count) }))
      await store.save(memory)
      tell({ saved: count })
    }
  } catch (error) {
    const { code, message, cause } = error as Error & { code: string }
    tell({ failed: code, message, cause: (cause as { code: string }).code })
  }
  await lines.next()
  memory.tasks = {}
  await store.save(memory)
  await store.close()
  tell({ closed: true })
}

/** Opens and closes until it has had the lock `more` times; while it has it, nobody else may. */
async function contend(): Promise<void> {
  const store = fileStore(file)
  let refused = 0
  for (let had = 0; had < Number(more); ) {
    try {
      await open(store)
    } catch (error) {
      if ((error as { code: string }).code !== 'BUTLER_STORE_LOCKED') throw error
      refused += 1
      continue
    }
    mkdirSync(`${file}.alone`) // Throws when somebody else is in here.
    had += 1
    await store.save({ version: 1, settings: {}, tasks: {} })
    rmdirSync(`${file}.alone`)
    await store.close()
  }
  tell({ refused })
}

const acts: Record<string, () => Promise<void>> = { hold, write, fill, contend }

acts[act]?.().then(
  () => process.exit(0),
  (error) => {
    tell({ crashed: String(error) })
    process.exit(1)
  },
)
