import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Launcher } from '../programs/launcher'
import { runProgram } from '../programs/program'
import type { RunningProgram } from '../programs/running-program'
import { descendantPids, descendantsOf, isAtWork, isThere, processesWith } from './helpers/processes'
import { aFolder, cleanUp } from './helpers/test-library'
import { until } from './helpers/until'

/** Programs are started by a small process between the server and them. */

const opened: { launcher: Launcher; running: RunningProgram[] }[] = []
afterEach(async () => {
  for (const { launcher, running } of opened.splice(0)) {
    for (const program of running.filter(({ hasEnded }) => !hasEnded)) program.kill()
    await Promise.allSettled(running.map(({ ended }) => ended))
    await launcher.rest()
  }
})

/** A launcher of which each program is a shell script. */
function open(options = {}) {
  const launcher = new Launcher(options)
  const running: RunningProgram[] = []
  opened.push({ launcher, running })
  function start(script: string, input?: Iterable<string>): RunningProgram {
    const program = launcher.start({ file: '/bin/sh', args: ['-c', script], env: { ...process.env } }, input)
    running.push(program)
    return program
  }
  return { start, rest: () => launcher.rest() }
}

const never = new Promise<never>(() => {})

test('a program is started by another process than the one that wants it', async () => {
  const launcher = open()
  const running = launcher.start('echo $PPID')
  const parent = Number(await text(running.output))
  expect(await running.ended).toMatchObject({ exitCode: 0, endedBy: null, complaint: [] })
  expect(parent).not.toBe(process.pid)
  expect(descendantPids(process.pid, 'launcher-process')).toEqual([parent])
})

test('one process starts all, and goes when it has had nothing to do for a while', async () => {
  const launcher = open({ idleMs: 50 })
  const parents = await Promise.all([1, 2, 3].map(() => text(launcher.start('echo $PPID').output)))
  expect(new Set(parents).size).toBe(1)
  await until(() => descendantsOf(process.pid).length === 0, never)
  expect(await text(launcher.start('echo again').output)).toBe('again\n')
})

test('one that has something to do stays', async () => {
  const launcher = open({ idleMs: 1 })
  const long = launcher.start('read -r line; echo "$line"', ['a line'])
  await launcher.start('exit 0').ended
  await launcher.rest()
  expect(await text(long.output)).toBe('a line\n')
})

test('a program waits for whoever reads what it writes', async () => {
  const launcher = open()
  const running = launcher.start('head -c 10000000 /dev/zero')
  await once(running.output, 'readable')
  for (let others = 0; others < 5; others += 1) await launcher.start('exit 0').ended
  expect(running.output.readableLength).toBeLessThan(500_000)
  let length = 0
  for await (const piece of running.output) length += piece.length
  expect(length).toBe(10_000_000)
  expect(await running.ended).toMatchObject({ exitCode: 0 })
})

test('a program that is killed is gone although nobody reads what it wrote', async () => {
  const running = open().start('yes')
  await once(running.output, 'readable')
  running.kill()
  expect(await running.ended).toMatchObject({ exitCode: null, endedBy: 'SIGKILL' })
})

test('a program is fed all of its input, however much that is', async () => {
  const lines = function* () {
    for (let line = 0; line < 300_000; line += 1) yield `line ${line}\n`
  }
  const running = open().start('wc -l', lines())
  expect(Number(await text(running.output))).toBe(300_000)
})

test('a program need not read what it is fed', async () => {
  let isLeft = false
  const lines = function* () {
    try {
      while (true) yield 'more\n'
    } finally {
      isLeft = true
    }
  }
  const running = open().start('read -r line; echo "$line"', lines())
  expect(await text(running.output)).toBe('more\n')
  expect(await running.ended).toMatchObject({ exitCode: 0 })
  expect(isLeft).toBe(true)
})

test('an input that throws ends the program, and is what comes of it', async () => {
  const { signal } = new AbortController()
  const broken = function* (): Iterable<string> {
    yield 'first\n'
    throw new Error('no second line')
  }
  await expect(runProgram('/bin/sh', ['-c', 'cat; sleep 67'], { signal, input: broken() })).rejects.toThrow(
    'no second line',
  )
  expect(descendantsOf(process.pid)).toEqual([])
})

test('a process for starting that is killed takes its programs along; the next one is started by another', async () => {
  const launcher = open()
  const running = launcher.start('sleep 68.5')
  await until(() => isAtWork('sleep 68.5'), running.ended)
  const [pid = 0] = descendantPids(process.pid, 'launcher-process')
  process.kill(pid, 'SIGKILL')
  await expect(running.ended).rejects.toThrow('the process that had started it was ended by SIGKILL')
  expect(await text(running.output)).toBe('')
  await until(() => processesWith('sleep 68.5').length === 0, never)
  expect(await text(launcher.start('echo again').output)).toBe('again\n')
})

describe('a server', () => {
  const compiled = join(__dirname, '../dist/programs/program.js')
  const aServer = (script: string, more = '') => {
    const asked = `runProgram('/bin/sh', ['-c', ${JSON.stringify(script)}], { signal: stop.signal })`
    const code = `const stop = new AbortController(); ${more}
      require(${JSON.stringify(compiled)}).${asked}.then(console.log, ({ message }) => console.log(message))`
    const server = spawn(process.execPath, ['-e', code], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
    return { server, said: text(server.stdout), ended: once(server, 'close') }
  }
  const pidOf = (server: ChildProcess) => server.pid as number
  /** What is about to become another process goes by the command line of the one that started it. */
  const isStarted = (server: ChildProcess) => descendantPids(pidOf(server), 'guard').length > 0

  afterEach(cleanUp)

  test('that has nothing else to do ends when its program has', async () => {
    const { said, ended } = aServer('echo one')
    await ended
    expect(await said).toBe('one\n\n')
  })

  test('that has nothing else to do hears of the end of a program that was stopped', async () => {
    const told = `setTimeout(() => stop.abort(new Error('told')), 100);`
    const { said, ended } = aServer('sleep 70.5', told)
    await ended
    expect(await said).toBe('told\n')
  })

  test('that has been killed leaves no process', async () => {
    const { server, ended } = aServer('sleep 69.5')
    await until(() => isStarted(server), ended)
    const [launcher = 0] = descendantPids(pidOf(server), 'launcher-process')
    server.kill('SIGKILL')
    await until(() => processesWith('sleep 69.5').length === 0 && !isThere(launcher), never)
  })

  test('decides what ends when Ctrl-C reaches all its processes', async () => {
    const folder = await aFolder()
    const go = join(folder, 'go')
    const script = `until [ -e ${go} ]; do sleep 0.01; done; echo survived`
    const { server, said, ended } = aServer(script, 'process.on("SIGINT", () => console.log("heard"));')
    await until(() => isStarted(server), ended)
    const heard = once(server.stdout, 'data')
    process.kill(-pidOf(server), 'SIGINT')
    await heard
    await writeFile(go, '')
    await ended
    expect(await said).toBe('heard\nsurvived\n\n')
  })
})
