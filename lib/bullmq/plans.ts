import { randomUUID } from 'node:crypto'
import type { Instant } from '../engine/clock'
import type { Tell } from '../engine/events'
import { endsWithin } from '../engine/grace'
import type { NewEntry } from '../engine/queue'
import type { WaitingEntry } from '../engine/store'
import { ButlerError } from '../errors'
import type { Planned } from './drafts'
import type { Node } from './node'
import { blankPage, isDue, isRunning, type Page, type Pages } from './page'
import { inPortions } from './portions'
import { patienceWith } from './shares'
import type { WaitingLine } from './waiting-line'

/** After how many slots a node that plans says that it is at it. */
const SAID_EACH = 500

/**
 * How soon a plan looks again at slots that somebody has taken without a word, longer each time, and how often: in all for six seconds and
 * a half. Such a slot is left alone for less, also where its node's clock is a second ahead.
 */
const PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000
const LOOKS = 10

/** What plans add to the waiting line: what the window starts, all nodes would add, and one of them does. */
export class Plans {
  readonly #node: Node
  readonly #line: WaitingLine
  /** Told that another node is adding something, or has added it. */
  readonly #listeners = new Set<(topic: 'adding' | 'added') => void>()

  constructor(node: Node, line: WaitingLine) {
    this.#node = node
    this.#line = line
  }

  /**
   * Adds what a plan decided. Whoever has taken a slot without a word is about to say why, or has died, and then it is added all the same.
   * Rejects with `BUTLER_UNAVAILABLE` when neither comes true.
   */
  async add(entries: readonly NewEntry[]): Promise<void> {
    const { book } = this.#node
    const wanted = await this.#leftByFirst(await this.#onOccasion(entries))
    if (wanted.length === 0) return
    const before = (await book.read()).pages
    let left = await this.#addFree(wanted)
    for (let look = 0; look < LOOKS && left.length > 0; look += 1) {
      await this.#node.pause(Math.min(PAUSE_MS * 2 ** look, LONGEST_PAUSE_MS))
      const { pages } = await book.read()
      const isLeft = (entry: NewEntry) =>
        isWanted(entry, pages.get(entry.task)) && runOn(pages, entry) === runOn(before, entry)
      left = await this.#addFree(left.filter(isLeft))
    }
    if (left.length > 0) throw busy(left)
  }

  hear(topic: 'adding' | 'added'): void {
    for (const listener of this.#listeners) listener(topic)
  }

  /** First all slots, then all pages at once, so that nobody sees half a plan. Answers for what somebody else has the slot. */
  async #addFree(wanted: readonly NewEntry[]): Promise<NewEntry[]> {
    const { book, slots, news } = this.#node
    const held = await inPortions(wanted, (entry, rank) => {
      if (rank > 0 && rank % SAID_EACH === 0) void news.publish('adding', null)
      return this.#hold(entry)
    })
    const mine = wanted.flatMap((entry, rank) => (held[rank] ? [{ entry, job: held[rank] as string, rank }] : []))
    const others = wanted.filter((_, rank) => held[rank] === null)
    if (mine.length === 0) return others
    // Now that nobody else can write on these pages: what has been done since the first look?
    const { pages } = await book.read()
    const added = new Map<string, Page>()
    for (const { entry, job, rank } of mine) {
      const page = pages.get(entry.task) ?? blankPage
      if (isWanted(entry, page)) added.set(entry.task, withEntry(page, entry, job, rank))
      else await slots.discard(entry.task, job, entry.at !== null)
    }
    if (added.size > 0) await this.#write(added)
    await this.#line.look()
    return others
  }

  /** Writes all pages of a plan, then tells the others each, and that it was the last. */
  async #write(pages: Pages): Promise<void> {
    const { book, host, news } = this.#node
    const { added, version } = await book.add(pages)
    for (const [task, page] of pages) void news.publish('planned', { task, page } satisfies Planned)
    void news.publish('added', added, { version })
    for (const { waiting } of pages.values()) if (waiting) tellScheduled(host.tell, waiting, host.clock.now())
  }

  /** A night whose window was moved meanwhile, if only away and back, is planned again. */
  async #onOccasion(entries: readonly NewEntry[]): Promise<readonly NewEntry[]> {
    if (!entries.some(({ once }) => once !== null)) return entries
    const moved = await this.#node.book.moved()
    return entries.map((entry) => ({ ...entry, once: entry.once && `${entry.once}/${moved ?? ''}` }))
  }

  /**
   * What is wanted of entries. What the window adds it adds on every node at once, and for each task one of them succeeds; so all but one
   * wait until that one has, for as long as it is at it, and see to what it does not know or did not live to add.
   */
  async #leftByFirst(entries: readonly NewEntry[]): Promise<NewEntry[]> {
    const { nodes, host } = this.#node
    let isAtIt = false
    let listener = (_topic: 'adding' | 'added') => {}
    const added = new Promise<void>((resolve) => {
      listener = (topic) => {
        isAtIt = true
        if (topic === 'added') resolve()
      }
    })
    this.#listeners.add(listener)
    try {
      const wanted = await this.#wanted(entries)
      const occasion = wanted[0]?.once ?? null
      if (occasion === null || nodes.isFirstFor(occasion)) return wanted
      do {
        isAtIt = false
        if (await endsWithin(added, { clock: host.clock, graceMs: patienceWith(wanted.length) })) break
      } while (isAtIt)
      const { pages } = await this.#node.book.recall()
      return wanted.filter((entry) => isWanted(entry, pages.get(entry.task)))
    } finally {
      this.#listeners.delete(listener)
    }
  }

  async #wanted(entries: readonly NewEntry[]): Promise<NewEntry[]> {
    const { pages } = await this.#node.book.read()
    return entries.filter((entry) => isWanted(entry, pages.get(entry.task)))
  }

  /** `null`: somebody else has the slot. */
  async #hold(entry: NewEntry): Promise<string | null> {
    const { host, slots } = this.#node
    const job = randomUUID()
    const delay = entry.at === null ? 0 : Date.parse(entry.at) - host.clock.now()
    const isHeld = async () => (await slots.hold(entry.task, job, entry, delay, host.historyLimit)) === job
    return (await isHeld()) || ((await this.#line.clearOrphan(entry.task)) && (await isHeld())) ? job : null
  }
}

/** Of what waits for its instant hosts are told. */
export function tellScheduled(tell: Tell, waiting: WaitingEntry, now: Instant): void {
  if (!isDue(waiting, now)) tell('task:scheduled', structuredClone(waiting))
}

function isWanted({ once }: NewEntry, page: Page = blankPage): boolean {
  return page.waiting === null && !isRunning(page) && (once === null || once !== page.once)
}

/** The newest run of the task of an entry. */
function runOn(pages: Pages, { task }: NewEntry): string | undefined {
  return pages.get(task)?.lastRun?.id
}

function withEntry(page: Page, { draw, once, ...waiting }: NewEntry, job: string, rank: number): Page {
  return { ...page, job, waiting, rank, draw: draw ?? page.draw, once: once ?? page.once }
}

function busy(entries: readonly NewEntry[]): ButlerError {
  const names = entries.map(({ task }) => task)
  const what = `Others have taken ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`
  return new ButlerError('BUTLER_UNAVAILABLE', `${what} and do not say why; try again later.`)
}
