/**
 * A process with a Butler whose memory is a file: `node butler-process.js <file> <act>`. It tells what happens in lines of JSON on
 * stdout, written at once, so that a line that was read is a thing that has happened.
 */
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createButler } from '../../lib/butler'
import { fileStore } from '../../lib/engine/file-store'
import type { Run } from '../../lib/engine/run'
import { closedWindow } from './windows'

const [file = '', act = ''] = process.argv.slice(2)

function tell(told: object): void {
  writeSync(1, `${JSON.stringify(told)}\n`)
}

const tasks = {
  /** Ends at once. */
  Quick: async () => 'done',
  /** Ends after some moments. */
  Slow: ({ signal }: { signal: AbortSignal }) => pause(20, undefined, { signal }),
  /** Never ends by itself. */
  Endless: ({ signal }: { signal: AbortSignal }) => pause(2 ** 30, undefined, { signal }),
  /** Never ends, whatever it is told, and keeps no process alive. */
  Deaf: () => new Promise(() => {}),
  /** Throws in a timer, where no promise of its own catches it. */
  Stray: () =>
    new Promise(() => {
      setImmediate(() => {
        throw new Error('outside its promise')
      })
    }),
  /** Keeps the event loop for three seconds, and then says so. */
  Block: () => {
    const end = Date.now() + 3_000
    while (Date.now() < end);
    return 'awake again'
  },
}

const factOf = ({ id, task, outcome }: Run) => ({ id, task, outcome })

async function main(): Promise<void> {
  const butler = createButler({ tasks, window: closedWindow(), store: fileStore(file) })
  butler.on('run:started', (run) => tell({ started: factOf(run) }))
  butler.on('run:ended', (run) => tell({ ended: factOf(run) }))
  await butler.open()
  tell({ open: true })
  if (act === 'live') {
    await butler.start('Endless')
    for (;;) {
      const ended = once(butler, 'run:ended')
      await Promise.all([butler.start('Quick'), butler.start('Slow')])
      await ended
    }
  } else if (act === 'tell') {
    for (const name of butler.taskNames) tell({ history: (await butler.history(name)).map(factOf) })
    await butler.close()
    tell({ closed: true })
  } else if (act === 'leave') {
    await butler.start('Deaf')
    tell({ closed: await butler.close({ timeoutMs: 300 }) })
  } else {
    await butler.start(act as 'Stray')
  }
}

main().catch((error) => {
  tell({ crashed: String(error) })
  process.exit(1)
})
