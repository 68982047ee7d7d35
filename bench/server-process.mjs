import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { inTurns, median, ratios, row } from './rounds.mjs'

const CONNECTIONS = 32
/** Many short turns: what else the machine does then meets neighbours alike. */
const ROUNDS = 21
const SECONDS = 1

/**
 * Compares servers of `servers.mjs` in turns; the first subject is the reference. A subject is `{ what, server, requests }` and
 * perhaps a target. Beside the requests a second stands the processor time of the server for one: the steadier figure of the two
 * where other programs run.
 */
export async function compareServers(subjects, options) {
  const servers = []
  const cpu = subjects.map(() => [])
  const measure = async (index) => {
    const { perSecond, cpuEach } = await servers[index].load(options.quick ? 0.3 : SECONDS)
    cpu[index].push(cpuEach)
    return perSecond
  }
  try {
    for (const subject of subjects) servers.push(await startServer(subject, options))
    for (const server of servers) await server.load(options.quick ? 0.2 : 2)
    const perSecond = await inTurns(
      subjects.map((_, index) => () => measure(index)),
      options,
      ROUNDS,
    )
    return subjects.map((subject, index) =>
      row({
        ...subject,
        figures: perSecond[index],
        reference: perSecond[0],
        unit: 'requests/s',
        note: cpuNote(cpu[index], cpu[0]),
      }),
    )
  } finally {
    await Promise.all(servers.map((server) => server.close()))
  }
}

function cpuNote(cpu, reference) {
  return `server CPU ${median(cpu).toFixed(0)} µs a request, × ${median(ratios(cpu, reference)).toFixed(2)}`
}

/** A server in a process of its own. This process makes its load, for one at a time: on two cores each of both has one. */
async function startServer({ what, server: name, requests }, { profile }) {
  const server = fork(fileURLToPath(new URL('servers.mjs', import.meta.url)), [name], {
    execArgv: profile ? ['--cpu-prof', '--cpu-prof-dir=reports/bench', `--cpu-prof-name=${what}.cpuprofile`] : [],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const ended = once(server, 'exit')
  const failed = ended.then(() => Promise.reject(new Error(`The server for "${what}" ended.`)))
  const [{ port }] = await Promise.race([once(server, 'message'), failed])
  failed.catch(() => {})

  async function cpu() {
    server.send('cpu')
    const [{ user, system }] = await once(server, 'message')
    return user + system
  }

  return {
    async load(seconds) {
      const before = await cpu()
      const { answered, perSecond } = await fire(what, `http://127.0.0.1:${port}`, requests, seconds)
      return { perSecond, cpuEach: ((await cpu()) - before) / answered }
    },
    async close() {
      server.disconnect()
      await ended
    },
  }
}

/** Rejects if a single answer was not a 200: a figure of a server that fails is no figure. */
async function fire(what, url, requests, seconds) {
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds, sampleInt: 100, requests })
  const { errors, non2xx, start, finish } = result
  const answered = result['2xx']
  if (errors > 0 || non2xx > 0 || answered === 0) {
    throw new Error(`${what}: ${answered} answers, ${non2xx} of another kind, ${errors} errors; expected only answers.`)
  }
  return { answered, perSecond: answered / ((finish - start) / 1000) }
}
