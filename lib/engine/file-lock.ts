import { link, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { ButlerError } from '../errors'
import { codeOf } from './atomic-file'
import type { Cancel } from './clock'
import { isAlive, LONGEST_SILENCE_MS, newOwner, type Owner, readOwner, sightProcess } from './lock-owner'
import type { StoreContext } from './store'

/** How often an owner shows that it lives, to processes on other hosts. */
const HEARTBEAT_MS = 60_000

/** Each attempt ends because somebody else moved, so many attempts in a row mean that something else is wrong. */
const MOST_ATTEMPTS = 100

/** One that wants the lock. */
interface Candidate {
  /** What is to be locked. */
  file: string
  self: Owner
  /** Our lock file before it has a generation. */
  draft: string
  /** When the draft was written, by the file system's clock: the one clock that all hosts share. */
  writtenAt: number
}

/** A lock file that lies beside the locked one. */
interface Found {
  path: string
  /** `null`: the draft of a candidate. */
  generation: number | null
  /** `null`: the file does not say. */
  owner: Owner | null
  silentMs: number
  alive: boolean
}

/**
 * Locks a file against other processes, on this host and on others that share the folder. Rejects with `BUTLER_STORE_LOCKED` while
 * another owner lives; what a dead one left is taken over at once.
 *
 * A lock is a file beside the locked one, `<file>.lock-<generation>`, that names its owner. To get it:
 *
 *   1. look: an owner that lives means no;
 *   2. create the generation after the highest there is, complete from the start, and only if nobody else did;
 *   3. look again: if another owner lives, take ours back and start over;
 *   4. remove what dead owners left.
 *
 * There are never two owners. Of two that got past 3, one created its file later. When that one looked again, the other's file was
 * there, because the file of a living owner is removed by nobody else; so it took its own back and did not get past 3.
 * No dead lock has to be removed before the new one is created: that is the step in which two could remove each other's.
 * Of many that start at once, one gets it. The file system lets one of those through that want the same generation; and of those that
 * took theirs back, the last one looks when the others' files are gone.
 */
export async function lockFile(file: string, context: StoreContext): Promise<FileLock> {
  const self = newOwner(context.clock.now())
  const draft = `${file}.lock-new-${self.token}`
  try {
    await writeFile(draft, JSON.stringify(self), { flag: 'wx' })
    const candidate = { file, self, draft, writtenAt: (await stat(draft)).mtimeMs }
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const path = await claim(candidate, context)
      if (path !== null) return new FileLock(path, self, context)
    }
  } finally {
    await rm(draft, { force: true }).catch(() => {}) // Whoever comes next clears it away.
  }
  throw new ButlerError(
    'BUTLER_STORE_FAILED',
    `"${file}" cannot be locked: its lock files come and go all the time. Remove "${file}.lock-*" once nobody uses the file.`,
  )
}

/** The path of our lock file; `null` when somebody was in the way who may be gone by now. */
async function claim(candidate: Candidate, context: StoreContext): Promise<string | null> {
  const { file, self } = candidate
  const found = await look(candidate)
  const holder = found.find(holds)
  if (holder) throw lockedBy(holder, candidate)
  const path = `${file}.lock-${1 + Math.max(0, ...found.map(({ generation }) => generation ?? 0))}`
  if (!(await create(path, candidate))) return null
  let isOurs = false
  try {
    isOurs = await verify(path, candidate, context)
  } finally {
    if (!isOurs) await removeOwn(path, self)
  }
  return isOurs ? path : null
}

/** Whether nobody else can have the lock, now that our file is there. Then the dead are cleared away. */
async function verify(path: string, candidate: Candidate, { logger }: StoreContext): Promise<boolean> {
  const { file, self } = candidate
  const found = await look(candidate)
  const others = found.filter(({ owner }) => owner?.token !== self.token)
  // It is missing when it took us so long to complete it that somebody took us for dead.
  const isThere = found.some((each) => each.path === path && !others.includes(each))
  if (!isThere || others.some(holds)) return false
  for (const { path: left, owner } of others.filter(({ alive }) => !alive)) {
    logger.info({ file, lock: left, owner }, 'Took over the lock on the memory: its owner has ended.')
    await rm(left, { force: true }).catch(() => {}) // Not ours to remove, perhaps; dead it stays.
  }
  return true
}

function holds({ generation, alive }: Found): boolean {
  return generation !== null && alive
}

/** All lock files that lie there, with what is known of their owners. */
async function look(candidate: Candidate): Promise<Found[]> {
  const { file } = candidate
  const prefix = `${basename(file)}.lock-`
  const names = (await readdir(dirname(file))).filter((name) => name.startsWith(prefix))
  const found = await Promise.all(names.map((name) => inspect(file, name.slice(prefix.length), candidate)))
  return found.filter((each) => each !== null)
}

/** One of them, by the end of its name; `null` when it is no lock file, or was given back while we looked. */
async function inspect(file: string, end: string, { self, writtenAt }: Candidate): Promise<Found | null> {
  const [isLock, generation] = /^(?:(\d{1,15})|new-[\da-f-]{36})$/.exec(end) ?? []
  if (!isLock) return null
  const path = `${file}.lock-${end}`
  try {
    const owner = readOwner(await readFile(path, 'utf8'))
    const silentMs = writtenAt - (await stat(path)).mtimeMs
    const alive = isAlive(owner, self, silentMs, sightProcess)
    return { path, generation: generation ? Number(generation) : null, owner, silentMs, alive }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Whether we created the lock file: `false` when somebody else was faster. */
async function create(path: string, { draft, self }: Candidate): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    // A network file system may have made the link and lost its own answer.
    if (codeOf(error) === 'EEXIST') return isOwn(path, self)
  }
  // Not every file system has links. Created like this the file is incomplete for a moment, in which its owner counts as alive.
  try {
    await writeFile(path, JSON.stringify(self), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    await rm(path, { force: true })
    throw error
  }
}

async function isOwn(path: string, self: Owner): Promise<boolean> {
  try {
    return readOwner(await readFile(path, 'utf8'))?.token === self.token
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

async function removeOwn(path: string, self: Owner): Promise<void> {
  if (await isOwn(path, self)) await rm(path, { force: true })
}

function lockedBy({ path, owner, silentMs }: Found, { file, self }: Candidate): ButlerError {
  const remedy =
    'One file keeps the memory of one Butler in one process; for many processes give createButler a `queue` that they share: bullmqQueue({ connection }) of express-butler/bullmq.'
  if (owner?.pid === self.pid && owner.host === self.host) {
    const message = `"${file}" is open in this process already, since ${owner.since}; close that Butler first. ${remedy}`
    return new ButlerError('BUTLER_STORE_LOCKED', message)
  }
  const name = owner
    ? `process ${owner.pid} on host "${owner.host}" since ${owner.since}`
    : 'a process that is starting'
  const silence =
    owner && owner.host !== self.host
      ? ` It last gave a sign ${Math.max(0, Math.round(silentMs / 1000))} s ago, and counts as gone after ${LONGEST_SILENCE_MS / 1000} s.`
      : ''
  const gone = `If you are sure that it is gone, remove "${path}".`
  return new ButlerError('BUTLER_STORE_LOCKED', `"${file}" is in use by ${name}.${silence} ${remedy} ${gone}`)
}

/** A lock that we have. Shows once a minute that its owner lives, until it is released. */
export class FileLock {
  readonly #path: string
  readonly #self: Owner
  readonly #context: StoreContext
  #cancelBeat: Cancel
  #beating: Promise<void> = Promise.resolve()

  constructor(path: string, self: Owner, context: StoreContext) {
    this.#path = path
    this.#self = self
    this.#context = context
    this.#cancelBeat = this.#waitToBeat()
  }

  /** Rejects with `BUTLER_STORE_FAILED` when the lock is no longer ours: somebody took us for dead, or removed the file. */
  async check(): Promise<void> {
    if (!(await isOwn(this.#path, this.#self))) throw lost(this.#path)
  }

  /** Gives the lock back, if it is still ours. */
  async release(): Promise<void> {
    this.#cancelBeat()
    await this.#beating
    await removeOwn(this.#path, this.#self)
  }

  #waitToBeat(): Cancel {
    return this.#context.clock.callAfter(HEARTBEAT_MS, () => {
      // The next one first: asked for at the moment of waking, it falls due together with what else the clock wakes for.
      this.#cancelBeat = this.#waitToBeat()
      this.#beating = this.#beating.then(() => this.#beat())
    })
  }

  /** Never rejects. Ends for good once the lock is lost; any other failure may pass. */
  async #beat(): Promise<void> {
    try {
      if (!(await this.#writeAgain())) {
        this.#context.logger.error({ lock: this.#path }, lost(this.#path).message)
        this.#cancelBeat()
      }
    } catch (error) {
      this.#context.logger.warn(
        { lock: this.#path, error },
        'Could not renew the lock on the memory; trying again in a minute.',
      )
    }
  }

  /**
   * Writes the same bytes over themselves, so that no reader finds the file incomplete, and the time of writing is the file system's.
   * Through one handle, so that it cannot be somebody else's file by then. `false`: the lock is no longer ours.
   */
  async #writeAgain(): Promise<boolean> {
    const handle = await open(this.#path, 'r+').catch((error) => {
      if (codeOf(error) === 'ENOENT') return null
      throw error
    })
    if (!handle) return false
    try {
      const text = await handle.readFile('utf8')
      if (readOwner(text)?.token !== this.#self.token) return false
      await handle.write(text, 0)
      return true
    } finally {
      await handle.close()
    }
  }
}

function lost(path: string): ButlerError {
  return new ButlerError(
    'BUTLER_STORE_FAILED',
    `The lock "${path}" is no longer ours: it was removed, or another process took us for dead. Nothing is written over its memory; close this Butler and make a new one.`,
  )
}
