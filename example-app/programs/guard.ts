import { existsSync } from 'node:fs'
import type { Duplex } from 'node:stream'

const shell = '/bin/sh'

/** Where there is no shell, there is no guard. Windows ends children by itself, and has no groups of processes. */
const isGuarded = process.platform !== 'win32' && existsSync(shell)

/** The guard waits for a line that never comes: what it reads ends with the launcher, or with the program. */
const script = `(read -r line; kill -s KILL -- "-$$") <&3 >/dev/null 2>&1 3<&- & exec "$@" 3<&-`

/** Where a program must find the pipe that its guard reads. */
const PIPE = 3

/**
 * A command that becomes the program, and leaves a guard in its group that sees to it that the group does not outlive its launcher,
 * however that ends, `kill -9` included. A launcher ends with its server.
 */
export function guarded(file: string, args: readonly string[]): { file: string; args: readonly string[] } {
  return isGuarded ? { file: shell, args: ['-c', script, 'guard', file, ...args] } : { file, args }
}

/** What the program's `stdio` needs more. */
export const guardPipe: readonly 'pipe'[] = isGuarded ? ['pipe'] : []

/** Lets the guard go, once the program has ended. Its pipe closes when it has gone. */
export function release(stdio: readonly unknown[]): void {
  const pipe = stdio[PIPE] as Duplex | undefined
  pipe?.on('error', () => {}).resume()
  pipe?.end()
}
