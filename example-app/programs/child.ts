import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { guarded, guardPipe } from './guard'
import type { Start } from './messages'

/** How much of the end of a program's complaints is kept, in characters. */
const LONGEST_COMPLAINT = 2_000

const isWindows = process.platform === 'win32'

export type Child = ChildProcessByStdio<Writable | null, Readable, Readable>

/** Starts a program in a group of its own, so that a wrapper script dies together with what it wraps. */
export function startChild({ file, args, env, isFed }: Start): Child {
  const options = {
    stdio: [isFed ? 'pipe' : 'ignore', 'pipe', 'pipe', ...guardPipe],
    detached: !isWindows,
    windowsHide: true,
    env,
  } satisfies SpawnOptions
  const command = guarded(file, args)
  const child = spawn(command.file, command.args, options) as Child
  // A program need not read all that it is fed: how it ended says what became of it.
  child.stdin?.on('error', () => {})
  return child
}

/**
 * Kills a program with all that it started, unless it has ended. Nobody wants to know any more what it wrote; but that is let go of after
 * it has been killed, because one that nobody reads would end by itself, as if it had failed.
 */
export function killChild(child: Child): void {
  killGroup(child)
  child.stdout.destroy()
}

function killGroup({ pid, exitCode, signalCode }: Child): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(isWindows ? pid : -pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

/** How ffmpeg says that it has said so before. */
const isRepetition = /^\s*Last message repeated \d+ times\s*$/

/** The last lines that a program complains with, the latest first. */
export async function complaintOf({ stderr }: Child): Promise<string[]> {
  let text = ''
  for await (const piece of stderr.setEncoding('utf8')) text = (text + piece).slice(-LONGEST_COMPLAINT)
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !isRepetition.test(line))
    .reverse()
}
