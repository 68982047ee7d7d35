import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { codeOf } from './atomic-file'

/** Who holds a lock, as the lock file tells it. */
export interface Owner {
  pid: number
  /** Processes that call their host the same can ask the system about each other. */
  host: string
  /** Since when, as ISO 8601. */
  since: string
  /** Tells a process from an earlier one with the same pid. */
  incarnation: string
  /** Tells a lock from every other, also of the same process. */
  token: string
}

/** A process as the system shows it, `null` when it has ended. `incarnation` is `null` where the system does not tell. */
export type Sighting = { incarnation: string | null } | null

/** Where the system does not tell one incarnation from another, at least this process can tell its own. */
const unseen = randomUUID()

/** This process as the owner of one new lock. */
export function newOwner(now: number): Owner {
  const incarnation = entryOf(process.pid)?.incarnation ?? unseen
  return { pid: process.pid, host: hostname(), since: new Date(now).toISOString(), incarnation, token: randomUUID() }
}

/** What a lock file says; `null` when it does not say who owns it, because it is cut short or not ours. */
export function readOwner(text: string): Owner | null {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null
    const words = [owner?.host, owner?.since, owner?.incarnation, owner?.token]
    const isOwner =
      words.every((word) => typeof word === 'string') && Number.isSafeInteger(owner?.pid) && Number(owner?.pid) > 0
    return isOwner ? (owner as Owner) : null
  } catch {
    return null
  }
}

/** An owner on another host that has been silent for longer is gone. It gives a sign once a minute. */
export const LONGEST_SILENCE_MS = 180_000

/** How long a lock file may be incomplete before it counts as left by a process that ended while it wrote. */
const LONGEST_WRITING_MS = 10_000

/**
 * Whether a lock has an owner that lives, as far as `self` can tell. On the same host the system knows; of another host only the
 * silence speaks. Where it is not certain, the owner lives: a start refused can be repeated, two owners cannot be undone.
 */
export function isAlive(owner: Owner | null, self: Owner, silentMs: number, sight: (pid: number) => Sighting): boolean {
  if (owner === null) return silentMs <= LONGEST_WRITING_MS
  if (owner.host !== self.host) return silentMs <= LONGEST_SILENCE_MS
  // A container that starts again has the same host and the same pid, but it is another process.
  if (owner.pid === self.pid) return owner.incarnation === self.incarnation
  const seen = sight(owner.pid)
  return seen !== null && (seen.incarnation === null || seen.incarnation === owner.incarnation)
}

/** Asks the system about a process of this host. */
export function sightProcess(pid: number): Sighting {
  try {
    process.kill(pid, 0) // Sends nothing, only looks.
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return null
  }
  const entry = entryOf(pid)
  return entry?.ended ? null : { incarnation: entry?.incarnation ?? null }
}

/** What Linux tells of a process: its incarnation is the boot and the tick of it at which it started. Elsewhere `null`. */
function entryOf(pid: number): { ended: boolean; incarnation: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // proc_pid_stat(5): the second field is the program's name in parentheses, and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A killed process stays in the table, as a zombie, until its parent has asked about it.
    return { ended: fields[0] === 'Z' || fields[0] === 'X', incarnation: `${boot}/${fields[19]}` }
  } catch {
    return null
  }
}
