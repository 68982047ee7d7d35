import { randomUUID } from 'node:crypto'
import type { Cancel, Instant } from '../engine/clock'
import type { Reading } from './copy'
import type { Node } from './node'
import type { OwnRuns } from './own-runs'
import { isWaiting, type Pages, turnsOf, type WaitingPage } from './page'
import { inPortions } from './portions'
import { Shares } from './shares'
import { Succession } from './succession'

/** A slot that has been held for so long without a word in the book was left by a process that died. */
const ORPHAN_MS = 5_000

/** How soon this node looks again when another one was quicker. */
const SOON_MS = 50

/** What waits in the book for its instant or its turn, as one node sees it: it reaches for what it can run when that is due. */
export class WaitingLine {
  readonly #node: Node
  readonly #runs: OwnRuns
  readonly #shares: Shares
  readonly #succession: Succession
  #cancel: Cancel = () => {}
  #looking: Promise<void> | null = null
  #isAskedAgain = false
  #isOpen = false
  /** Jobs of which was told that they wait for their turn. */
  #told = new Set<string>()
  /** Jobs that could not be taken although nobody was seen to run them. */
  #stuck = new Set<string>()

  constructor(node: Node, runs: OwnRuns) {
    this.#node = node
    this.#runs = runs
    this.#shares = new Shares(node.nodes)
    this.#succession = new Succession(node.nodes)
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
      if (this.#isAskedAgain && this.#isOpen) void this.look()
    })
    return this.#looking
  }

  /** The run of a task has ended somewhere: looks, if this node may begin something because of that. Never rejects. */
  async lookAfterRun(task: string): Promise<void> {
    this.#succession.end(task)
    if (this.#succession.isMine) await this.look()
  }

  /** Takes a waiting task off. `false`: it waits no more, or somebody else was quicker. */
  async takeOff(name: string, page: WaitingPage): Promise<boolean> {
    const { book, slots } = this.#node
    if (!(await slots.discard(name, page.job, page.waiting.at !== null))) {
      book.suspect(name)
      return false
    }
    const version = await book.write(new Map([[name, { ...page, job: null, waiting: null }]]))
    this.#node.announce('task:removed', structuredClone(page.waiting), { version })
    return true
  }

  /** Sees to jobs that wait in the book and cannot be taken: their process died in between, or the database lost them. */
  async mend({ pages }: Reading): Promise<void> {
    const due = [...pages].filter(([, page]) => isWaiting(page) && this.#stuck.has(page.job))
    this.#stuck = new Set()
    if (due.length === 0) return
    await inPortions(due, ([name, page]) => this.#mend(name, page as WaitingPage))
    void this.look()
  }

  /** Frees a slot whose job nobody wrote down, if its process is dead, or it is old enough for that. Answers whether it has. */
  async clearOrphan(task: string): Promise<boolean> {
    const { slots, book, host, nodes, me } = this.#node
    const holder = await slots.holder(task)
    if (!holder) return false
    const { job, node, since } = holder
    const isElsewhere = node !== null && node !== me
    if (isElsewhere ? !nodes.isDead(node) : host.clock.now() - since < ORPHAN_MS) return false
    if ((await book.page(task))?.job === job || this.#runs.has(task, job)) return false
    // While nobody runs it, somebody may take it this very moment.
    if (node === null) return slots.discard(task, job, true)
    const isLeft = !isElsewhere || (await nodes.hasDied(node))
    if (isLeft) await slots.clear(task, job)
    return isLeft
  }

  async #lookAgain(): Promise<void> {
    while (this.#isAskedAgain && this.#isOpen) {
      this.#isAskedAgain = false
      this.#succession.begin()
      try {
        this.#arm(await this.#act(await this.#node.book.recall()))
      } catch (err) {
        this.#succession.found('unknown')
        this.#node.host.logger.debug({ err }, 'What waits could not be looked at; it is tried again.')
      }
    }
  }

  /** One look. Answers when there is something to do next. */
  async #act(reading: Reading, isSure = false): Promise<Instant | null> {
    const { host, book, nodes } = this.#node
    const pages = this.#known(reading.pages)
    const turns = turnsOf(pages, host.clock.now(), host.concurrency)
    this.#succession.found(turns)
    if (this.#succession.isMine) this.#isAskedAgain = true
    const due = turns.start.filter((name) => host.tasks.has(name))
    const jobs = due.map((task) => ({ task, job: (pages.get(task) as WaitingPage).job }))
    const own = this.#shares.reach(jobs, host.clock.now())
    const others = own.filter((name) => !nodes.isFirstFor(name))
    if (others.length > 0 && !isSure) {
      // What others have left they may have begun since they were heard of last.
      for (const name of others) book.suspect(name)
      return this.#act(await book.recall(), true)
    }
    await inPortions(turns.late, (name) => this.takeOff(name, pages.get(name) as WaitingPage))
    const begun = await inPortions(own, (name) => this.#begin(name, pages.get(name) as WaitingPage))
    this.#tellQueued(turns.queued, pages)
    if (begun.includes(false)) return host.clock.now() + SOON_MS
    const left = own.length < due.length ? this.#shares.next(host.clock.now()) : turns.next
    return left === null ? null : Math.min(left, turns.next ?? left)
  }

  async #begin(name: string, page: WaitingPage): Promise<boolean> {
    const hasBegun = await this.#runs.begin(name, page, page.waiting, true)
    if (hasBegun) return true
    this.#stuck.add(page.job)
    this.#node.book.suspect(name)
    return false
  }

  /** Tasks that no live node implements hold up nobody. */
  #known(pages: Pages): Pages {
    const { host, nodes } = this.#node
    const elsewhere = nodes.tasksElsewhere()
    return new Map([...pages].filter(([name]) => host.tasks.has(name) || elsewhere.has(name)))
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

  async #mend(name: string, page: WaitingPage): Promise<void> {
    const { host, slots, book, nodes } = this.#node
    const holder = await slots.holderOf(name, page.job)
    const isLive = holder?.node && holder.node !== this.#node.me && !(await nodes.hasDied(holder.node))
    if (isLive || this.#runs.has(name, page.job)) return
    if (holder) await slots.clear(name, page.job)
    const job = randomUUID()
    if ((await slots.hold(name, job, page.waiting, 0, host.historyLimit)) !== job)
      return void (await this.clearOrphan(name))
    // It may have been taken, and have run, since the page was read.
    const found = await book.page(name)
    if (found?.job !== page.job || !isWaiting(found)) return void (await slots.discard(name, job, false))
    await this.#node.rewrite(name, { ...found, job })
  }
}
