import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Duplex } from 'node:stream'

const shell = '/bin/sh'

/** Where there is no shell, there is no guard. Windows ends children by itself, and has no groups of processes. */
const isGuarded = process.platform !== 'win32' && existsSync(shell)

/** Where a program that is about to be finds the pipe that lets it begin. */
const PIPE = 3

const waiting = `read -r line <&${PIPE} || exit; exec "$@" ${PIPE}<&-`

/** The guard waits for a line that never comes: what it reads ends with the launcher. */
const guarding = 'read -r line; kill -s KILL -- "-$1"'

/** A command that becomes the program, once it is allowed to. When its launcher ends before, it never does. */
export function guarded(file: string, args: readonly string[]): { file: string; args: readonly string[] } {
  return isGuarded ? { file: shell, args: ['-c', waiting, 'guarded', file, ...args] } : { file, args }
}

/** What the program's `stdio` needs more. */
export const guardPipe: readonly 'pipe'[] = isGuarded ? ['pipe'] : []

/**
 * Puts a guard beside a program, lets the program begin, and resolves once both have ended. The guard sees to it that the program's group
 * does not outlive its launcher, however that ends, `kill -9` included. A launcher ends with its server. It is the launcher's own child:
 * one that nobody clears away stays for ever in a container whose first process is the server.
 */
export async function guard({ pid, stdio }: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (!isGuarded || pid === undefined) return void (await ended)
  const guardian = spawn(shell, ['-c', guarding, 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const gone = once(guardian, 'exit')
  const pipe = stdio[PIPE] as Duplex
  pipe.on('error', () => {}).resume()
  // A program without a guard does not begin.
  pipe.end(guardian.pid === undefined ? '' : '\n')
  await Promise.all([ended.finally(() => guardian.kill('SIGKILL')), gone])
}
