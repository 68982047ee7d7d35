import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startExample } from './example-server.mjs'
import { median, row } from './rounds.mjs'

/** What somebody who looks at the list would call at once, in milliseconds. */
const PROMISED_MS = 50
/** How long a server that has nothing to do is asked, in milliseconds. */
const IDLE_MS = 3_000
/** Somebody asks at each of these instants, whether or not the last answer has come: one who waited for it would not see a stall. */
const EVERY_MS = 10

/** How soon the example media server answers `GET /butler` while all its tasks work on its media (`MEDIA_DIR`: on yours). */
export async function answers({ quick }) {
  const rounds = quick ? 1 : 7
  const folder = await mkdtemp(join(tmpdir(), 'butler-bench-'))
  const measured = []
  try {
    for (let round = 0; round < rounds; round += 1) measured.push(await measure(join(folder, String(round))))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const reference = measured.map(() => PROMISED_MS)
  const rowOf = (what, figures, more) => row({ what, figures, reference, unit: 'ms', ...more })
  const seconds = median(measured.map(({ busySeconds }) => busySeconds))
  return {
    title: 'answers: GET /butler of the example media server, 99th percentile',
    reference: `the promise, ${PROMISED_MS} ms`,
    rows: [
      rowOf(
        'while nothing runs',
        measured.map(({ idle }) => idle),
      ),
      rowOf(
        'while all tasks run',
        measured.map(({ busy }) => busy),
        { atMost: 1, note: `${seconds.toFixed(1)} s of work` },
      ),
      rowOf(
        'the slowest of all then',
        measured.map(({ slowest }) => slowest),
      ),
    ],
  }
}

async function measure(dataDir) {
  const server = await startExample(dataDir)
  try {
    await server.idle()
    const until = Date.now() + IDLE_MS
    const idle = await timesWhile(server, () => Date.now() < until)
    const began = Date.now()
    await server.startAll()
    const busy = await timesWhile(server, (tasks) => tasks.some(({ state }) => state !== 'idle'))
    const busySeconds = (Date.now() - began) / 1_000
    return { idle: percentile(idle, 0.99), busy: percentile(busy, 0.99), slowest: Math.max(...busy), busySeconds }
  } finally {
    await server.stop()
  }
}

/** How long each answer took from the instant at which it was to be asked for, in milliseconds, while a condition holds. */
async function timesWhile(server, holds) {
  const began = performance.now()
  const answers = []
  let tasks
  for (let asked = 0; tasks === undefined || holds(tasks); asked += 1) {
    const at = began + asked * EVERY_MS
    await pause(Math.max(0, at - performance.now()))
    answers.push(
      server.list().then((listed) => {
        tasks = listed
        return performance.now() - at
      }),
    )
  }
  return Promise.all(answers)
}

function percentile(times, share) {
  const sorted = times.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
