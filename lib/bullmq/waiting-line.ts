import { randomUUID } from 'node:crypto'
import type { Cancel, Instant } from '../engine/clock'
import { endsWithin } from '../engine/grace'
import type { NewEntry } from '../engine/queue'
import type { Reading } from './book'
import type { Node } from './node'
import type { OwnRuns } from './own-runs'
import { blankPage, isDue, isRunning, type Page, type Pages, turnsOf } from './page'
import { inPortions } from './portions'

/** A slot that has been held for so long without a word in the book was left by a process that died. */
const ORPHAN_MS = 5_000

/** For how long what many nodes could do is left to the one that reaches for it first: longer the more there is to do, in milliseconds. */
const patienceWith = (count: number) => 1_000 + count

/** How soon this node looks again when another one was quicker. */
const SOON_MS = 50

/** A page on which something waits. */
type WaitingPage = Page & { job: string; waiting: NonNullable<Page['waiting']> }

/** What waits in the book for its instant or its turn, as one node sees it: it reaches for what it can run when that is due. */
export class WaitingLine {
  readonly #node: Node
  readonly #runs: OwnRuns
  #cancel: Cancel = () => {}
  #looking: Promise<void> | null = null
  #isAskedAgain = false
  #isOpen = false
  /** Jobs of which was told that they wait for their turn. */
  #told = new Set<string>()
  /** For how long, since when, this node leaves jobs to the node that is first for them. */
  #leaving: ReadonlyMap<string, { since: Instant; patienceMs: number }> = new Map()
  /** Somebody may be waiting for a place or for others. */
  #isQueued = true
  /** Jobs that could not be taken although nobody was seen to run them. */
  #stuck = new Set<string>()
  /** Called when another node has added something. */
  readonly #listeners = new Set<() => void>()

  constructor(node: Node, runs: OwnRuns) {
    this.#node = node
    this.#runs = runs
  }

  /** From now on what is due starts. */
  open(): Promise<void> {
    this.#isOpen = true
    return this.look()
  }

  close(): void {
    this.#isOpen = false
    this.#cancel()
  }

  /** Starts what is due, and waits for what is next. Looks again if it is asked to meanwhile. Never rejects. */
  look(): Promise<void> {
    this.#isAskedAgain = true
    this.#looking ??= this.#lookAgain().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  /** A run has ended somewhere: looks, if somebody may have waited for that. Never rejects. */
  async lookAfterRun(): Promise<void> {
    if (this.#isQueued || this.#looking) await this.look()
  }

  /** Adds what a plan decided: first all slots, then all pages at once, so that nobody sees half a plan. */
  async add(entries: readonly NewEntry[]): Promise<void> {
    const { book, host, slots } = this.#node
    const wanted = await this.#leftByFirst(entries)
    const held = await inPortions(wanted, (entry) => this.#hold(entry))
    const mine = wanted.flatMap((entry, rank) => (held[rank] ? [{ entry, job: held[rank] as string, rank }] : []))
    if (mine.length === 0) return
    // Now that nobody else can write on these pages: what has been done since the first look?
    const { pages } = await book.read()
    const added = new Map<string, Page>()
    for (const { entry, job, rank } of mine) {
      const page = pages.get(entry.task) ?? blankPage
      if (isWanted(entry, page)) added.set(entry.task, withEntry(page, entry, job, rank))
      else await slots.discard(entry.task, job, entry.at !== null)
    }
    await book.write(added)
    for (const { waiting } of added.values()) {
      if (waiting && !isDue(waiting, host.clock.now())) this.#node.announce('task:scheduled', waiting)
    }
    void this.#node.news.publish('added', null)
    await this.look()
  }

  /** Another node has added something. */
  hearOfMore(): void {
    for (const listener of this.#listeners) listener()
    void this.look()
  }

  /** Takes a waiting task off. `false`: it waits no more, or somebody else was quicker. */
  async takeOff(name: string, page: WaitingPage): Promise<boolean> {
    const { book, slots } = this.#node
    if (!(await slots.discard(name, page.job, page.waiting.at !== null))) return false
    await book.write(new Map([[name, { ...page, job: null, waiting: null }]]))
    this.#node.announce('task:removed', structuredClone(page.waiting))
    return true
  }

  /** Sees to jobs that wait in the book and cannot be taken: their process died in between, or the database lost them. */
  async mend({ pages }: Reading): Promise<void> {
    const due = [...pages].filter(([, page]) => isWaitingPage(page) && this.#stuck.has(page.job))
    this.#stuck = new Set()
    for (const [name, page] of due) await this.#mend(name, page as WaitingPage)
  }

  /** Frees a slot whose job nobody wrote down, if it is old enough for its process to be dead. */
  async clearOrphan(task: string): Promise<void> {
    const { slots, book, host, nodes } = this.#node
    const holder = await slots.holder(task)
    if (!holder || host.clock.now() - holder.since < ORPHAN_MS) return
    if ((await book.page(task))?.job === holder.job || this.#runs.has(task, holder.job)) return
    const isLeft = holder.node === null || holder.node === this.#node.me || (await nodes.hasDied(holder.node))
    if (isLeft) await slots.clear(task, holder.job)
  }

  /**
   * What is wanted of entries. What the window adds it adds on every node at once, and for each task one of them succeeds; so all but one
   * wait until that one has, and see to what it does not know or did not live to add.
   */
  async #leftByFirst(entries: readonly NewEntry[]): Promise<NewEntry[]> {
    const { nodes, host } = this.#node
    let listener = () => {}
    const added = new Promise<void>((resolve) => {
      listener = resolve
    })
    this.#listeners.add(listener)
    try {
      const wanted = await this.#wanted(entries)
      const occasion = wanted[0]?.once ?? null
      if (occasion === null || nodes.isFirstFor(occasion)) return wanted
      await endsWithin(added, { clock: host.clock, graceMs: patienceWith(wanted.length) })
      return await this.#wanted(wanted)
    } finally {
      this.#listeners.delete(listener)
    }
  }

  async #wanted(entries: readonly NewEntry[]): Promise<NewEntry[]> {
    const { pages } = await this.#node.book.read()
    return entries.filter((entry) => isWanted(entry, pages.get(entry.task)))
  }

  async #lookAgain(): Promise<void> {
    while (this.#isAskedAgain && this.#isOpen) {
      this.#isAskedAgain = false
      try {
        this.#arm(await this.#act())
      } catch (err) {
        this.#node.host.logger.debug({ err }, 'What waits could not be looked at; it is tried again.')
      }
    }
  }

  /** One look. Answers when there is something to do next. */
  async #act(): Promise<Instant | null> {
    const { book, host } = this.#node
    const pages = this.#known((await book.read()).pages)
    const turns = turnsOf(pages, host.clock.now(), host.concurrency)
    for (const name of turns.late) await this.takeOff(name, pages.get(name) as WaitingPage)
    const due = turns.start.filter((name) => host.tasks.has(name))
    const own = this.#reach(due, pages)
    this.#isQueued = turns.queued.length > 0
    const begun = await inPortions(own, (name) => this.#begin(name, pages.get(name) as WaitingPage))
    this.#tellQueued(turns.queued, pages)
    if (begun.includes(false)) return host.clock.now() + SOON_MS
    const left = own.length < due.length ? this.#lookForLeft() : turns.next
    return left === null ? null : Math.min(left, turns.next ?? left)
  }

  /** Of those whose turn it is a share, so that not every node reaches for all of them; and what others have left for a while. */
  #reach(due: readonly string[], pages: Pages): string[] {
    const { nodes, host } = this.#node
    const now = host.clock.now()
    const jobOf = (name: string) => (pages.get(name) as WaitingPage).job
    const fresh = { since: now, patienceMs: patienceWith(due.length) }
    this.#leaving = new Map(due.map((name) => [jobOf(name), this.#leaving.get(jobOf(name)) ?? fresh]))
    const isLeft = (name: string) => {
      const { since, patienceMs } = this.#leaving.get(jobOf(name)) ?? fresh
      return Math.abs(now - since) >= patienceMs
    }
    return due.filter((name) => nodes.isFirstFor(name) || isLeft(name))
  }

  /** When the first of what is left to others will have been left for long enough. */
  #lookForLeft(): Instant {
    const now = this.#node.host.clock.now()
    let first = now + patienceWith(this.#leaving.size)
    for (const { since, patienceMs } of this.#leaving.values()) {
      if (since + patienceMs > now) first = Math.min(first, since + patienceMs)
    }
    return first
  }

  async #begin(name: string, page: WaitingPage): Promise<boolean> {
    const hasBegun = await this.#runs.begin(name, page, page.waiting, true)
    if (!hasBegun) this.#stuck.add(page.job)
    return hasBegun
  }

  /** Tasks that no live node implements hold up nobody. */
  #known(pages: Pages): Pages {
    const { host, nodes } = this.#node
    const names = new Set([...host.tasks.keys(), ...nodes.tasksElsewhere().map(({ name }) => name)])
    return new Map([...pages].filter(([name]) => names.has(name)))
  }

  #tellQueued(names: readonly string[], pages: Pages): void {
    const queued = names.map((name) => pages.get(name) as WaitingPage)
    for (const { job, waiting } of queued) {
      if (!this.#told.has(job)) this.#node.host.tell('task:queued', structuredClone({ ...waiting, at: null }))
    }
    this.#told = new Set(queued.map(({ job }) => job))
  }

  #arm(next: Instant | null): void {
    this.#cancel()
    if (next !== null && this.#isOpen) this.#cancel = this.#node.host.clock.callAt(next, () => void this.look())
  }

  /** `null`: somebody else has the slot. */
  async #hold(entry: NewEntry): Promise<string | null> {
    const { host, slots } = this.#node
    const job = randomUUID()
    const delay = entry.at === null ? 0 : Date.parse(entry.at) - host.clock.now()
    if ((await slots.hold(entry.task, job, entry, delay, host.historyLimit)) === job) return job
    await this.clearOrphan(entry.task)
    return null
  }

  async #mend(name: string, page: WaitingPage): Promise<void> {
    const { host, slots, book, nodes } = this.#node
    const holder = await slots.holderOf(name, page.job)
    const isLive = holder?.node && holder.node !== this.#node.me && !(await nodes.hasDied(holder.node))
    if (isLive || this.#runs.has(name, page.job)) return
    if (holder) await slots.clear(name, page.job)
    const job = randomUUID()
    if ((await slots.hold(name, job, page.waiting, 0, host.historyLimit)) !== job) return this.clearOrphan(name)
    // It may have been taken, and have run, since the page was read.
    const found = await book.page(name)
    if (found?.job !== page.job || !isWaitingPage(found)) return void (await slots.discard(name, job, false))
    await book.write(new Map([[name, { ...found, job }]]))
    await this.look()
  }
}

export function isWaitingPage(page: Page): page is WaitingPage {
  return page.job !== null && page.waiting !== null
}

function isWanted({ once }: NewEntry, page: Page = blankPage): boolean {
  return page.waiting === null && !isRunning(page) && (once === null || once !== page.once)
}

function withEntry(page: Page, { draw, once, ...waiting }: NewEntry, job: string, rank: number): Page {
  return { ...page, job, waiting, rank, draw: draw ?? page.draw, once: once ?? page.once }
}
