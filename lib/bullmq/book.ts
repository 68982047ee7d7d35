import { randomUUID } from 'node:crypto'
import type { Clock, Instant } from '../engine/clock'
import type { Run, StopCause } from '../engine/run'
import type { SettingsChange } from '../engine/settings'
import type { Connection } from './connection'
import { Copy, type Fields, type Reading } from './copy'
import type { Added } from './drafts'
import { EDITION, MOVED, pageField, settingFields, stopField, VERSION } from './fields'
import type { Item } from './news'
import type { Page, Pages } from './page'

/** However busy it is, the whole book is read after so long, in milliseconds: a database may have lost what it was told last. */
const LONGEST_MS = 600_000

/** What is remembered for all nodes. One reading sees all of it as it was at one moment, and one writing is seen as a whole. */
export class Book {
  readonly #connection: Connection
  readonly #clock: Pick<Clock, 'now'>
  readonly #copy = new Copy()
  #readAllAt: Instant = 0
  /** Ends when all of it has been read; `null`: that is not under way. */
  #readingAll: Promise<void> | null = null

  constructor(connection: Connection, clock: Pick<Clock, 'now'>) {
    this.#connection = connection
    this.#clock = clock
  }

  /** All of it, as it is now. For as long as nobody writes, nothing is read. */
  async read(): Promise<Reading> {
    const isCopyOfVersion = !this.#copy.isInDoubt && this.#copy.version !== undefined
    const isSame =
      isCopyOfVersion && (await this.#ask((book) => book.getQueueMetaField(VERSION))) === this.#copy.version
    return isSame ? this.#copy.reading : this.#readAll()
  }

  /**
   * All of it, as the news tell it: only what they leave open is read. It may be behind, so whoever acts on it finds out by the slots,
   * which are never in doubt, and calls `suspect`.
   */
  async recall(): Promise<Reading> {
    while (this.#readingAll !== null) await this.#readingAll // Several that want all of it want it once.
    if (!this.#copy.isInDoubt && this.#copy.suspects.length > 0) await this.#readSome([])
    return this.#copy.isInDoubt ? this.#readAll() : this.#copy.reading
  }

  /**
   * `recall`, and sees whether anything was missed. What is known of runs that go on here is read in any case; and all of it, once the book
   * has come to rest after something that was not told.
   */
  async check(own: readonly Run[]): Promise<Reading> {
    while (this.#readingAll !== null) await this.#readingAll // Several that want all of it want it once.
    if (this.#copy.isInDoubt) return this.#readAll()
    const pages = own.map(({ task }) => pageField(task))
    const fields = await this.#readSome([VERSION, ...pages, ...own.map(({ id }) => stopField(id))])
    const version = fields.get(VERSION) ?? null
    const isLost = version === null || pages.some((page) => fields.get(page) === null)
    const isOld = this.#clock.now() - this.#readAllAt >= LONGEST_MS
    const isUntold = this.#copy.check(version) === 'untold'
    const isMissed = version !== this.#copy.version && (isLost || isUntold || isOld)
    return this.#copy.isInDoubt || isMissed ? this.#readAll() : this.#copy.reading
  }

  /** Hears what another process tells. */
  hear(item: Item): void {
    this.#copy.hear(item)
  }

  /** What is known of a task has turned out to be out of date. */
  suspect(task: string): void {
    this.#copy.suspect(task)
  }

  /** Something may have happened that was not heard of. */
  doubt(): void {
    this.#copy.doubt()
  }

  async page(task: string): Promise<Page | null> {
    const text = await this.#ask((book) => book.getQueueMetaField(pageField(task)))
    return text === null ? null : JSON.parse(text)
  }

  /** Writes pages of which something is told, each for itself. Answers the version with them. */
  write(pages: Pages): Promise<string> {
    return this.#write(pages, {})
  }

  /** Writes the pages of a plan: nobody sees some of them without the others. Answers what is to be told of it. */
  async add(pages: Pages): Promise<{ added: Added; version: string }> {
    const [from, to] = [this.#copy.edition, randomUUID()]
    const version = await this.#write(pages, { [EDITION]: to })
    return { added: { from, to, count: pages.size }, version }
  }

  /** Asks a run to stop, so that whoever runs it finds out, however late. */
  async mark(runId: string, cause: StopCause): Promise<void> {
    this.#copy.write(null)
    await this.#set({ [stopField(runId)]: cause })
  }

  /** A run is no longer asked to stop. Answers the version without that. */
  async unmark(runId: string): Promise<string> {
    await this.#ask((book) => book.removeQueueMetaFields([stopField(runId)]))
    this.#copy.unmark(runId)
    const version = await this.#set({})
    this.#copy.write(version)
    return version
  }

  /** `isMoved`: the window is another one afterwards. */
  async change(change: SettingsChange, isMoved = false): Promise<void> {
    const fields = settingFields(change)
    const moved = isMoved && { [MOVED]: randomUUID() }
    if (Object.keys(fields).length > 0) await this.#set({ ...fields, ...moved, [EDITION]: randomUUID() })
    this.doubt()
  }

  /** Another one each time that the window has been moved; `null`: it never was. */
  moved(): Promise<string | null> {
    return this.#ask((book) => book.getQueueMetaField(MOVED))
  }

  async #write(pages: Pages, more: Record<string, string>): Promise<string> {
    const fields = Array.from(pages, ([task, page]) => [pageField(task), JSON.stringify(page)])
    try {
      const version = await this.#set({ ...Object.fromEntries(fields), ...more })
      this.#copy.write(version)
      return version
    } finally {
      for (const task of pages.keys()) this.suspect(task)
    }
  }

  /** Writes fields, and with them that something is new. Answers the version that it is then. */
  async #set(fields: Record<string, string>): Promise<string> {
    const version = randomUUID()
    await this.#ask((book) => book.setQueueMeta({ ...fields, [VERSION]: version }))
    return version
  }

  #readAll(): Promise<Reading> {
    const reading = this.#copy.replace(async () => {
      const fields = await this.#ask((book) => book.getQueueMeta())
      this.#readAllAt = this.#clock.now()
      return new Map(Object.entries(fields))
    })
    const isOver = () => {
      if (this.#readingAll === over) this.#readingAll = null
    }
    const over = reading.then(isOver, isOver)
    this.#readingAll = over
    return reading
  }

  /** Reads some fields and what is suspected; of another edition all must be read. */
  async #readSome(some: readonly string[]): Promise<Fields> {
    const names = [EDITION, ...some, ...this.#copy.suspects.map(pageField)]
    let fields: Fields = new Map()
    await this.#copy.update(async () => {
      const texts = await this.#ask((book) => book.getQueueMetaFields(names))
      fields = new Map(names.map((name, place) => [name, texts[place] ?? null]))
      return fields
    })
    if (fields.get(EDITION) !== this.#copy.edition) this.doubt()
    return fields
  }

  #ask<Answer>(question: (queue: ReturnType<Connection['queue']>) => Promise<Answer>): Promise<Answer> {
    return this.#connection.ask(() => question(this.#connection.queue('book')))
  }
}
