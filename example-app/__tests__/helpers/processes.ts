import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from './until'

interface Process {
  pid: number
  parent: number
  command: string
}

/** The command lines of everything that a process started and that still lives, and of what that started in turn. */
export function descendantsOf(pid: number): string[] {
  return startedBy(pid, allProcesses()).map(({ command }) => command)
}

/** The ids of those of them whose command line contains a text. */
export function descendantPids(pid: number, text: string): number[] {
  const started = startedBy(pid, allProcesses())
  return started.filter(({ command }) => command.includes(text)).map((descendant) => descendant.pid)
}

/** Resolves once nothing lives that this process started: what starts programs stays for a moment when the last has ended. */
export function allGone(): Promise<void> {
  return until(() => descendantsOf(process.pid).length === 0, new Promise(() => {}))
}

/** Whether something that this process started is still at work, by a text in its command line. */
export function isAtWork(text: string): boolean {
  return descendantsOf(process.pid).some((command) => command.includes(text))
}

/** All live processes whose command line contains a text, whoever their parent is now. */
export function processesWith(text: string): string[] {
  return allProcesses()
    .map(({ command }) => command)
    .filter((command) => command.includes(text))
}

/** The ids of all live processes whose command line contains a text. */
export function pidsWith(text: string): number[] {
  return allProcesses()
    .filter(({ command }) => command.includes(text))
    .map(({ pid }) => pid)
}

/** Whether a process lives. */
export function isThere(pid: number): boolean {
  return allProcesses().some((process) => process.pid === pid)
}

function startedBy(pid: number, all: readonly Process[]): Process[] {
  const children = all.filter(({ parent }) => parent === pid)
  return children.flatMap((child) => [child, ...startedBy(child.pid, all)])
}

function allProcesses(): Process[] {
  return existsSync('/proc/self/stat') ? fromProc() : fromPs()
}

function fromProc(): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    try {
      const [state = '', parent = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
    } catch {
      return [] // It has just ended.
    }
  })
}

function fromPs(): Process[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8' }).split('\n')
  return lines.map((line) => {
    const [pid = '', parent = '', ...command] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), command: command.join(' ') }
  })
}

/** A program that does what a shell script says. */
export async function aScript(folder: string, name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, `#!/bin/sh\n${text}\n`)
  await chmod(file, 0o755)
  return file
}
