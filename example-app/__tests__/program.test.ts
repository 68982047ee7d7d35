import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findMediaTools } from '../media/tools'
import { runProgram } from '../programs/program'
import { aScript, descendantsOf, processesWith } from './helpers/processes'
import { aFolder, cleanUp } from './helpers/test-library'
import { until } from './helpers/until'

afterEach(cleanUp)

const { signal } = new AbortController()
const sh = (script: string, more = {}) => runProgram('/bin/sh', ['-c', script], { signal, ...more })

test('resolves with what a program wrote', async () => {
  await expect(sh('echo one; echo two')).resolves.toBe('one\ntwo\n')
})

test('hands on line by line, and keeps nothing then', async () => {
  const lines: string[] = []
  await expect(sh('echo one; echo two', { onLine: (line: string) => lines.push(line) })).resolves.toBe('')
  expect(lines).toEqual(['one', 'two'])
})

test('rejects with the last complaint of a program that failed', async () => {
  await expect(sh('echo careful >&2; echo no such film >&2; exit 3')).rejects.toThrow(/^no such film$/)
  await expect(sh('exit 3')).rejects.toThrow('ended with 3')
  await expect(sh('kill -9 $$')).rejects.toThrow('was ended by SIGKILL')
})

test.each([
  ['av_interleaved_write_frame(): No space left on device', 'ENOSPC'],
  ['poster.jpg: Disk quota exceeded', 'EDQUOT'],
  ['poster.jpg: Read-only file system', 'EROFS'],
  ['film.mp4: Input/output error', undefined],
])('what a program says of the disk has the code of the system: %s is %s', async (complaint, code) => {
  const failure = await sh(`echo '${complaint}' >&2; echo 'Conversion failed!' >&2; exit 1`).catch((error) => error)
  expect(failure).toMatchObject({ message: 'Conversion failed!', earlier: [complaint] })
  expect(failure.code).toBe(code)
})

test('a complaint counts, and not how often it came', async () => {
  const script = 'echo Invalid data >&2; echo "    Last message repeated 222 times" >&2; exit 1'
  await expect(sh(script)).rejects.toThrow(/^Invalid data$/)
})

test('rejects when there is no such program', async () => {
  await expect(runProgram('/nowhere/ffmpeg', [], { signal })).rejects.toMatchObject({
    syscall: 'spawn /nowhere/ffmpeg',
  })
})

test('a stop ends a program that ignores every other signal, with all it started', async () => {
  const stop = new AbortController()
  const running = sh("trap '' TERM INT HUP; sleep 61 & sleep 62", { signal: stop.signal })
  await until(() => descendantsOf(process.pid).some((command) => command.includes('sleep 62')), running)
  stop.abort(new Error('stop'))
  await expect(running).rejects.toThrow('stop')
  expect(descendantsOf(process.pid)).toEqual([])
})

test('nothing is started for a signal that has aborted', async () => {
  await expect(sh('echo one', { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
})

test('one that crashes is told from one that took too long', async () => {
  await expect(sh('kill -s SEGV $$', { timeoutMs: 60_000 })).rejects.toThrow('was ended by SIGSEGV')
})

test('a program that takes too long is killed', async () => {
  await expect(sh('sleep 63', { timeoutMs: 20 })).rejects.toThrow('took longer than 20 ms')
  expect(descendantsOf(process.pid)).toEqual([])
})

test('when nobody wants the lines any more, the program is killed', async () => {
  const onLine = () => {
    throw new Error('enough')
  }
  await expect(sh('echo one; sleep 64', { onLine })).rejects.toThrow('enough')
  expect(descendantsOf(process.pid)).toEqual([])
})

const onLinux = existsSync('/proc/self/task') ? test : test.skip

onLinux(
  'what watches a program is cleared away with it, and not left to the first process of a container',
  async () => {
    const started = await sh('cat /proc/$PPID/task/$PPID/children')
    const pids = started.split(/\s+/).filter((pid) => Number(pid) > 0)
    expect(pids).toHaveLength(2)
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false)
  },
)

test.each([1, 3, 127, 187, 234, 255])('a program that ends with %d has ended with that', async (status) => {
  await expect(sh(`exit ${status}`)).rejects.toThrow(new RegExp(`^ended with ${status}$`))
})

test('a program does not outlive a server that is killed', async () => {
  const program = join(__dirname, '../dist/programs/program.js')
  const asked = `require(${JSON.stringify(program)}).runProgram('sleep', ['65.5'], { signal: new AbortController().signal })`
  const server = spawn(process.execPath, ['-e', asked])
  const ended = once(server, 'close')
  await until(() => processesWith('sleep 65.5').length > 0 && processesWith('guard').length > 0, ended)
  server.kill('SIGKILL')
  await ended
  await until(() => processesWith('sleep 65.5').length === 0, new Promise(() => {}))
})

describe('ffmpeg and ffprobe', () => {
  test('are those on PATH', async () => {
    const folder = await aFolder()
    const ffmpeg = await aScript(folder, 'ffmpeg', 'exit 0')
    const ffprobe = await aScript(folder, 'ffprobe', 'exit 0')
    expect(findMediaTools(`/nowhere:${folder}`)).toEqual({ ffmpeg, ffprobe })
  })

  test('are else those that npm brought, and they run', async () => {
    const tools = findMediaTools('')
    for (const file of Object.values(tools)) {
      await expect(runProgram(file, ['-version'], { signal })).resolves.toMatch(/^ff(mpeg|probe) version/)
    }
  })
  test('say what to do where another user has brought them, and kept them for itself', () => {
    jest.spyOn(fs, 'accessSync').mockImplementation(() => {
      throw new Error('EACCES')
    })
    jest.spyOn(fs, 'chmodSync').mockImplementation(() => {
      throw new Error('EPERM')
    })
    expect(() => findMediaTools('')).toThrow(
      /^There is no ffmpeg on PATH, .* its owner must say: chmod a\+x \/.*ffmpeg$/,
    )
    jest.restoreAllMocks()
  })
})
