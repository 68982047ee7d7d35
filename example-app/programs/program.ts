import { access, constants } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { ProgramFailed } from './failure'
import { Launcher } from './launcher'
import type { Ending } from './messages'
import type { RunningProgram } from './running-program'
import { environmentOf } from './static-program'

/** Most output that is kept as one text, in characters: far more than ffprobe says of any honest file. */
const LONGEST_OUTPUT = 20_000_000

/** Longest pass through a whole film, in milliseconds. No honest one takes so long; a hostile one would hold a place for ever. */
export const LONGEST_PASS = 4 * 60 * 60_000

const launcher = new Launcher()

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

/**
 * Runs a program and resolves with what it wrote. Settles only once the program is gone, so that its files can be removed.
 * Rejects with the signal's reason, or with `ProgramFailed`.
 */
export async function runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  const { signal, timeoutMs, input, env } = options
  signal.throwIfAborted()
  await expectProgram(file)
  signal.throwIfAborted()
  const program = launcher.start({ file, args, env: { ...environmentOf(file, env) } }, input)
  const stop = () => program.kill()
  let isLate = false
  const stopLate = () => {
    isLate = true
    stop()
  }
  const timer = timeoutMs === undefined ? undefined : setTimeout(stopLate, timeoutMs)
  signal.addEventListener('abort', stop)
  try {
    const [written, ending] = await Promise.all([read(program.output, options), program.ended])
    signal.throwIfAborted()
    if (isLate && ending.exitCode === null) throw new ProgramFailed(`took longer than ${timeoutMs} ms`)
    expectGoodEnd(ending)
    return written
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(timer)
    await gone(program)
  }
}

/** Resolves once a program is gone, and with one that was killed also a launcher that has nothing else to do: a stop leaves no process. */
async function gone(program: RunningProgram): Promise<void> {
  if (!program.hasEnded) program.kill()
  await program.ended.catch(() => {})
  if (program.isKilled) await launcher.rest()
}

function expectGoodEnd({ exitCode, endedBy, complaint: [latest, ...earlier] }: Ending): void {
  if (exitCode === null) throw new ProgramFailed(`was ended by ${endedBy}`)
  if (exitCode !== 0) throw new ProgramFailed(latest ?? `ended with ${exitCode}`, earlier)
}

/** Ends the process that starts programs, unless some run, and resolves once it is gone. Without this it goes a little later. */
export function restLauncher(): Promise<void> {
  return launcher.rest()
}

/** A shell would tell in its own words that there is no such program. A mere name is looked for on PATH. */
async function expectProgram(file: string): Promise<void> {
  if (!isAbsolute(file)) return
  await access(file, constants.X_OK).catch(({ code }: NodeJS.ErrnoException) => {
    throw Object.assign(new Error(`spawn ${file} ${code}`), { code, syscall: `spawn ${file}` })
  })
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
