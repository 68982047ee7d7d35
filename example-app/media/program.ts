import { type ChildProcess, type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { setPriority, constants as system } from 'node:os'
import { isAbsolute } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { guarded, guardPipe, release } from './guard'
import { environmentOf } from './static-program'

/** Most output that is kept as one text, in characters: far more than ffprobe says of any honest file. */
const LONGEST_OUTPUT = 20_000_000
/** How much of the end of a program's complaints is kept, in characters. */
const LONGEST_COMPLAINT = 2_000

/** Longest pass through a whole film, in milliseconds. No honest one takes so long; a hostile one would hold a place for ever. */
export const LONGEST_PASS = 4 * 60 * 60_000

const isWindows = process.platform === 'win32'

/** Programs that run now. They go when the server goes; where that is killed, a guard of theirs sees to it. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) kill(child)
})

export interface ProgramOptions {
  /** Kills the program at once, and whatever it started. */
  signal: AbortSignal
  /** Takes the output line by line as it comes; nothing of it is kept then. */
  onLine?: (line: string) => void
  /** Takes the output as it comes, where it is no text; nothing of it is kept then. The program waits for what this returns. */
  onData?: (chunk: Buffer) => Promise<void>
  /** Kills a program that takes longer, in milliseconds. Default: no limit. */
  timeoutMs?: number
  /** Is written to the program, as fast as it reads. What this throws, the call rejects with. Default: the program gets nothing. */
  input?: Iterable<string>
  env?: NodeJS.ProcessEnv
}

/** How programs tell that the disk is at fault they write to, and the system's code for that. */
const diskFaults = { ENOSPC: 'No space left on device', EDQUOT: 'Disk quota exceeded', EROFS: 'Read-only file system' }

/** A program ended otherwise than well. The message is the last thing it complained of. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed'
  /** What it complained of before, the latest first. */
  readonly earlier: readonly string[]
  /** What the system told it about the disk that it wrote to, as `fs` would have told us; absent: nothing. */
  readonly code?: string

  constructor(message: string, earlier: readonly string[] = []) {
    super(message)
    this.earlier = earlier
    const complaints = [message, ...earlier].join('\n')
    const fault = Object.entries(diskFaults).find(([, words]) => complaints.includes(words))
    if (fault) this.code = fault[0]
  }
}

/**
 * Runs a program and resolves with what it wrote. Settles only once the program is gone, so that its files can be removed.
 * Rejects with the signal's reason, or with `ProgramFailed`.
 */
export async function runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  const { signal, timeoutMs } = options
  signal.throwIfAborted()
  await expectProgram(file)
  signal.throwIfAborted()
  const child = start(file, args, options)
  const ended = once(child, 'close')
  const stop = () => kill(child)
  let isLate = false
  const stopLate = () => {
    isLate = true
    stop()
  }
  const timer = timeoutMs === undefined ? undefined : setTimeout(stopLate, timeoutMs)
  signal.addEventListener('abort', stop)
  try {
    const output = read(child.stdout, options)
    const fed = feed(child.stdin, options)
    const [written, complaint, [exitCode, endedBy]] = await Promise.all([output, endOf(child.stderr), ended, fed])
    signal.throwIfAborted()
    if (exitCode === null)
      throw new ProgramFailed(isLate ? `took longer than ${timeoutMs} ms` : `was ended by ${endedBy}`)
    if (exitCode !== 0) throw new ProgramFailed(complaint[0] ?? `ended with ${exitCode}`, complaint.slice(1))
    return written
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(timer)
    stop()
    await ended.catch(() => {})
  }
}

/** A shell would tell in its own words that there is no such program. A mere name is looked for on PATH. */
async function expectProgram(file: string): Promise<void> {
  if (!isAbsolute(file)) return
  await access(file, constants.X_OK).catch(({ code }: NodeJS.ErrnoException) => {
    throw Object.assign(new Error(`spawn ${file} ${code}`), { code, syscall: `spawn ${file}` })
  })
}

/** Starts it in a group of its own, so that a wrapper script dies together with what it wraps. */
function start(file: string, args: readonly string[], { env, input }: ProgramOptions) {
  const stdin = input ? 'pipe' : 'ignore'
  const options = {
    stdio: [stdin, 'pipe', 'pipe', ...guardPipe],
    detached: !isWindows,
    windowsHide: true,
    env: environmentOf(file, env),
  } satisfies SpawnOptions
  const command = guarded(file, args)
  const child = spawn(command.file, command.args, options) as ChildProcessByStdio<Writable | null, Readable, Readable>
  running.add(child)
  child.once('exit', () => release(child.stdio))
  child.once('close', () => running.delete(child))
  yieldToOthers(child)
  return child
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined || !running.has(child)) return
  try {
    process.kill(isWindows ? child.pid : -child.pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

/** The server comes first where both want the processor. */
function yieldToOthers({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, system.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // It has just ended, or the system does not let us: it runs on as it is.
  }
}

/** A program need not read all that it is given: how it ended says what became of it. */
const deaf: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
])

async function feed(stream: Writable | null, { input }: ProgramOptions): Promise<void> {
  if (!stream || !input) return
  try {
    await pipeline(Readable.from(input), stream)
  } catch (error) {
    if (!deaf.has((error as NodeJS.ErrnoException).code)) throw error
  }
}

async function read(stream: Readable, { onLine, onData }: ProgramOptions): Promise<string> {
  if (!onData) return onLine ? eachLine(stream, onLine) : wholeText(stream)
  for await (const chunk of stream) await onData(chunk)
  return ''
}

async function eachLine(stream: Readable, onLine: (line: string) => void): Promise<string> {
  for await (const line of createInterface({ input: stream })) onLine(line)
  return ''
}

async function wholeText(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk
    if (text.length > LONGEST_OUTPUT) throw new ProgramFailed(`wrote more than ${LONGEST_OUTPUT} characters`)
  }
  return text
}

/** How ffmpeg says that it has said so before. */
const isRepetition = /^\s*Last message repeated \d+ times\s*$/

/** The last lines, the latest first. */
async function endOf(stream: Readable): Promise<string[]> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text = (text + chunk).slice(-LONGEST_COMPLAINT)
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !isRepetition.test(line))
    .reverse()
}
