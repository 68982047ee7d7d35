import { randomUUID } from 'node:crypto'
import type { Asked } from '../engine/asked'
import { iso } from '../engine/clock'
import { execute } from '../engine/execution'
import { endsWithin } from '../engine/grace'
import { copyOf, newRun, type Run, RunAborted, type StopCause } from '../engine/run'
import type { Task } from '../engine/task'
import { ButlerError } from '../errors'
import type { Book } from './book'
import type { Reading } from './copy'
import type { Node } from './node'
import { begunPage, blankPage, endedPage, isRunning, type Page, type RunningPage } from './page'
import { inPortions } from './portions'

/** How soon what could not be written is tried again. */
const AGAIN_MS = 500

/** A run of this process, from the moment it has the slot until everybody can know that it has ended. */
interface Own {
  readonly task: Task
  readonly page: RunningPage
  readonly stop: AbortController
  /** Where in a trace it was asked for. */
  readonly traceparent: string | undefined
  /** What is being written of it: one after the other. */
  writing: Promise<void>
  /** Its task has returned; what came of it is being stored. */
  hasReturned: boolean
  /** Never rejects. */
  ended: Promise<void>
}

/** The runs that this process carries out. */
export class OwnRuns {
  readonly #around: Node
  readonly #own = new Map<string, Own>()
  readonly #beginning = new Set<Promise<unknown>>()
  /** Jobs that may have been taken although their tasks were not called, and their pages as they were: the database went away in between. */
  readonly #undone = new Map<string, { name: string; page: Page }>()
  #isClosing = false
  #isClosed = false

  readonly #settled: (task: string) => void

  /** `settled` is called when a run has ended, because it may then be somebody's turn. */
  constructor(around: Node, settled: (task: string) => void) {
    this.#around = around
    this.#settled = settled
  }

  /** Whether this process carries out the run of a job. */
  has(task: string, job: string): boolean {
    return this.#own.get(task)?.page.job === job
  }

  /** The runs that go on here. */
  running(): Run[] {
    return Array.from(this.#own.values(), ({ page }) => page.lastRun)
  }

  /** Takes a job that waits and calls its task, once the run is stored. `false`: somebody else was quicker, or this one closes. */
  begin(name: string, page: Page & { job: string }, asked: Asked, hasPlace: boolean): Promise<boolean> {
    const beginning = this.#begin(name, page, asked, hasPlace)
    const settled: Promise<unknown> = beginning.catch(() => {}).finally(() => this.#beginning.delete(settled))
    this.#beginning.add(settled)
    return beginning
  }

  /** Asks the run of a job to end. `null`: it is none of this process. */
  stop(task: string, job: string, cause: StopCause): Promise<void> | null {
    const own = this.#own.get(task)
    if (own?.page.job !== job) return null
    abort(own, cause)
    return own.ended
  }

  /** Takes back what may have been taken although its task was not called: what waited waits again, and no run was cut. */
  async undo(): Promise<void> {
    await inPortions([...this.#undone], async ([job, { name, page }]) => {
      await this.#undo(name, job, page)
      this.#undone.delete(job)
    })
  }

  /**
   * Compares with what everybody knows: ends what it was asked to end, and what is no longer its own. What a process that was away finds in
   * the book it may have written itself, late.
   */
  async review({ pages, stops }: Reading, wasAway: boolean): Promise<void> {
    for (const [name, own] of this.#own) {
      const page = pages.get(name)
      const cause = stops.get(own.page.lastRun.id)
      if (cause) abort(own, cause)
      const isKnown = page?.job === own.page.job && isRunning(page)
      if ((!isKnown || wasAway) && !own.hasReturned) await this.#reclaim(name, own, page)
    }
  }

  /** Ends what runs, and waits for it. Answers which tasks had not ended. */
  async close(timeoutMs: number | null): Promise<string[]> {
    this.#isClosing = true
    await Promise.all(this.#beginning)
    const own = [...this.#own.values()]
    for (const each of own) abort(each, 'interrupted')
    await endsWithin(Promise.all(own.map(({ ended }) => ended)), { clock: this.#around.host.clock, graceMs: timeoutMs })
    this.#isClosed = true
    return [...this.#own.keys()]
  }

  async #begin(name: string, page: Page & { job: string }, asked: Asked, hasPlace: boolean): Promise<boolean> {
    const { me, host, slots, book, nodes } = this.#around
    if (this.#isClosing || this.#own.has(name) || this.#undone.has(page.job)) return false
    await nodes.renew()
    const undone = () => void this.#undone.set(page.job, { name, page })
    if (!(await slots.take(name, page.job, page.waiting?.at != null).catch(failing(undone)))) return false
    const task = host.tasks.get(name) as Task
    const now = host.clock.now()
    const { trigger, by, traceparent } = asked
    const run = newRun({ id: randomUUID(), task: name, trigger, by, date: host.dateOf(now), startedAt: iso(now) })
    const running = begunPage(page, run, me, hasPlace)
    const own: Own = {
      task,
      page: running,
      stop: new AbortController(),
      traceparent,
      writing: Promise.resolve(),
      hasReturned: false,
      ended: Promise.resolve(),
    }
    this.#own.set(name, own)
    let version: string
    try {
      version = await book.write(new Map([[name, running]]))
      // It was frozen in between: has somebody who took it for dead given the slot away?
      if ((await nodes.renew()) && (await slots.holder(name))?.job !== page.job) throw lost(name)
    } catch (error) {
      this.#own.delete(name)
      undone()
      throw error
    }
    this.#around.announce('run:started', copyOf(run), { begun: { job: page.job, hasPlace }, version })
    own.ended = this.#carryOut(own)
    return true
  }

  async #undo(name: string, job: string, page: Page): Promise<void> {
    const { slots, book, me } = this.#around
    const holder = await slots.holder(name)
    if (holder?.job !== job) return
    // Only who has taken the job writes on the page, and while nobody has, anybody may.
    const isMine = holder.node === me
    const before = page.waiting === null ? { ...page, job: null } : page
    if (isMine && (await book.page(name))?.job === job) await this.#around.rewrite(name, before)
    if (page.waiting === null) await (isMine ? slots.clear(name, job) : slots.discard(name, job, false))
    else if (isMine) await slots.giveBack(name, job)
  }

  async #carryOut(own: Own): Promise<void> {
    const { task, page, stop, traceparent } = own
    const { host } = this.#around
    const announce: Node['announce'] = (event, payload) => this.#around.announce(event, payload)
    const run = page.lastRun
    stop.signal.addEventListener('abort', () => this.#stopping(own), { once: true })
    if (stop.signal.aborted) this.#stopping(own)
    const ending = await execute(task, run, stop, host.clock, {
      trace: host.tracer.begin(run, traceparent),
      progressed: () => {
        host.tell('run:progress', copyOf(run))
        this.#write(own, async (book) => {
          await book.write(new Map([[task.name, page]]))
          void this.#around.news.publish('run:progress', copyOf(run))
        })
      },
      logged: (line) => announce('run:log', { task: task.name, runId: run.id, ...line }),
      warn: (message) => host.logger.warn({ task: task.name, runId: run.id }, message),
    })
    own.hasReturned = true
    const ended = { ...run, ...ending, endedAt: iso(host.clock.now()) }
    await this.#insist(() => this.#settle(own, ended))
    if (this.#own.get(task.name) === own) this.#own.delete(task.name)
    this.#settled(task.name)
  }

  #stopping(own: Own): void {
    const { lastRun } = own.page
    const { outcome } = own.stop.signal.reason as RunAborted
    this.#around.announce('run:stopping', copyOf(lastRun))
    this.#write(own, async (book) => {
      await book.mark(lastRun.id, outcome)
      void this.#around.news.publish('marked', null)
    })
  }

  /** Shows how far a run is. What cannot be written is left out: the next time will tell. */
  #write(own: Own, write: (book: Book) => Promise<unknown>): void {
    own.writing = own.writing.then(async () => void (await write(this.#around.book))).catch(() => {})
  }

  /** Frees the slot, and tells what became of the run, unless somebody has done so who took this process for dead. */
  async #settle(own: Own, run: Run): Promise<void> {
    const { slots, book } = this.#around
    const { page } = own
    await own.writing
    if (!(await slots.settle(run.task, page.job, run))) {
      const found = await book.page(run.task)
      if (found !== null && !(found.job === page.job && isRunning(found))) return
    }
    const written = await book.write(new Map([[run.task, endedPage(page, run)]]))
    // Whoever asked just before the end is not known here; the rounds take away what is left of that.
    const version = own.stop.signal.aborted ? await book.unmark(run.id) : written
    this.#own.delete(run.task)
    this.#around.announce('run:ended', copyOf(run), { version })
  }

  /** A database that lost its memory is told again what runs; if the slot has gone to somebody else, the run must end. */
  async #reclaim(name: string, own: Own, found: Page | undefined): Promise<void> {
    const { host, slots } = this.#around
    const { page } = own
    const { trigger, by } = page.lastRun
    const entry = { task: name, trigger, by, at: null, until: null, after: [] }
    // A process that was frozen may write late, and on a page that is ours now. Who has the slot is never in doubt.
    if ((await slots.holder(name))?.job === page.job) return this.#write(own, () => this.#rewrite(name, own))
    if (own.hasReturned) return // It has freed its slot itself meanwhile.
    const isFree = found === undefined || found.job === null || found.job === page.job
    const isGone = isFree && found?.lastRun?.id !== page.lastRun.id
    const isHeld = isGone && (await slots.hold(name, page.job, entry, 0, host.historyLimit)) === page.job
    if (isHeld && (await slots.take(name, page.job, false)) !== null) {
      await this.#around.rewrite(name, { ...(found ?? blankPage), ...page })
    } else if (this.#own.get(name) === own && !own.hasReturned) {
      host.logger.warn({ task: name, runId: page.lastRun.id }, `${name} lost its slot, and is asked to end.`)
      abort(own, 'interrupted')
    }
  }

  async #rewrite(name: string, { page, hasReturned }: Own): Promise<void> {
    if (!hasReturned) await this.#around.rewrite(name, page)
  }

  /** Until it is done, or nobody is left to do it. */
  async #insist(act: () => Promise<void>): Promise<void> {
    while (!this.#isClosed) {
      try {
        return await act()
      } catch (err) {
        this.#around.host.logger.debug({ err }, 'What happened could not be stored; it is tried again.')
        await new Promise<void>((resolve) => this.#around.host.clock.callAfter(AGAIN_MS, resolve))
      }
    }
  }
}

/** Asks a run to end, unless its task has returned. */
function abort({ task, stop, hasReturned }: Own, cause: StopCause): void {
  if (!hasReturned) stop.abort(new RunAborted(task.name, cause))
}

function lost(name: string): ButlerError {
  const what = `${name} was given to another process while this one did not answer`
  return new ButlerError('BUTLER_UNAVAILABLE', `${what}; try again.`)
}

/** Does something about a failure, and fails. */
function failing(act: () => void): (error: unknown) => never {
  return (error) => {
    act()
    throw error
  }
}
