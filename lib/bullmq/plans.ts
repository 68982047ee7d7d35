import { randomUUID } from 'node:crypto'
import { endsWithin } from '../engine/grace'
import type { NewEntry } from '../engine/queue'
import type { Node } from './node'
import { blankPage, isDue, isRunning, type Page } from './page'
import { inPortions } from './portions'
import { patienceWith } from './shares'
import type { WaitingLine } from './waiting-line'

/** After how many slots a node that plans says that it is at it. */
const SAID_EACH = 500

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

  /** Adds what a plan decided: first all slots, then all pages at once, so that nobody sees half a plan. */
  async add(entries: readonly NewEntry[]): Promise<void> {
    const { book, host, slots, news } = this.#node
    const wanted = await this.#leftByFirst(entries)
    const held = await inPortions(wanted, (entry, rank) => {
      if (rank > 0 && rank % SAID_EACH === 0) void news.publish('adding', null)
      return this.#hold(entry)
    })
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
    await book.add(added)
    void news.publish('added', null)
    for (const { waiting } of added.values()) {
      if (waiting && !isDue(waiting, host.clock.now())) this.#node.announce('task:scheduled', waiting)
    }
    await this.#line.look()
  }

  hear(topic: 'adding' | 'added'): void {
    for (const listener of this.#listeners) listener(topic)
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
      return await this.#wanted(wanted)
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
    if ((await slots.hold(entry.task, job, entry, delay, host.historyLimit)) === job) return job
    await this.#line.clearOrphan(entry.task)
    return null
  }
}

function isWanted({ once }: NewEntry, page: Page = blankPage): boolean {
  return page.waiting === null && !isRunning(page) && (once === null || once !== page.once)
}

function withEntry(page: Page, { draw, once, ...waiting }: NewEntry, job: string, rank: number): Page {
  return { ...page, job, waiting, rank, draw: draw ?? page.draw, once: once ?? page.once }
}
