import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Takes the guard away, and resolves once it is gone. */
export type Release = () => Promise<void>

/** Waits for a line that never comes: what it reads ends when the server does. */
const script = 'read -r line; kill -s KILL -- "-$1"'

/**
 * Sees to it that a group of processes does not outlive this server, however the server ends, `kill -9` included: a small shell that
 * ends the group when the pipe to us breaks. Windows ends children by itself, and has no such groups.
 */
export function guard(group: number | undefined): Release {
  if (group === undefined || process.platform === 'win32') return async () => {}
  const stdio = ['pipe', 'ignore', 'ignore'] as const
  const watcher = spawn('/bin/sh', ['-c', script, 'guard', String(group)], { stdio: [...stdio], detached: true })
  // Where there is no shell, there is no guard; the program runs all the same.
  const gone = once(watcher, 'exit').catch(() => [])
  watcher.stdin?.on('error', () => {})
  return async () => {
    watcher.kill('SIGKILL')
    await gone
  }
}
