import { randomUUID } from 'node:crypto'
import type { Clock, Instant } from '../engine/clock'
import type { Run, StopCause } from '../engine/run'
import type { SettingsChange } from '../engine/settings'
import type { Connection } from './connection'
import { Copy, type Fields, type Reading } from './copy'
import { pageField, settingFields, stopField, VERSION } from './fields'
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
  /** What the version was at the last check. */
  #checked: string | null = null

  constructor(connection: Connection, clock: Pick<Clock, 'now'>) {
    this.#connection = connection
    this.#clock = clock
  }

  /** All of it, as it is now. For as long as nobody writes, nothing is read. */
  async read(): Promise<Reading> {
    const isSame =
      !this.#copy.isInDoubt && (await this.#ask((book) => book.getQueueMetaField(VERSION))) === this.#copy.version
    return isSame ? this.#copy.reading : this.#readAll()
  }

  /**
   * All of it, as the news tell it: only what they leave open is read. It may be behind, so whoever acts on it finds out by the slots,
   * which are never in doubt, and calls `suspect`.
   */
  async recall(): Promise<Reading> {
    if (this.#copy.isInDoubt) return this.#readAll()
    if (this.#copy.suspects.size > 0) await this.#readSome([])
    return this.#copy.reading
  }

  /**
   * `recall`, and sees whether anything was missed. What is known of runs that go on here is read in any case; and all of it, once the book
   * has come to rest.
   */
  async check(own: readonly Run[]): Promise<Reading> {
    if (this.#copy.isInDoubt) return this.#readAll()
    const pages = own.map(({ task }) => pageField(task))
    const fields = await this.#readSome([VERSION, ...pages, ...own.map(({ id }) => stopField(id))])
    const version = fields.get(VERSION) ?? null
    const isLost = version === null || pages.some((page) => fields.get(page) === null)
    const isAtRest = version === this.#checked
    const isOld = this.#clock.now() - this.#readAllAt >= LONGEST_MS
    this.#checked = version
    const isSure = version === this.#copy.version || !(isLost || isAtRest || isOld)
    return isSure ? this.#copy.reading : this.#readAll()
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

  async write(pages: Pages): Promise<void> {
    if (pages.size === 0) return
    const fields = Array.from(pages, ([task, page]) => [pageField(task), JSON.stringify(page)])
    try {
      await this.#set(Object.fromEntries(fields))
    } finally {
      for (const task of pages.keys()) this.suspect(task)
    }
  }

  /** Asks a run to stop, so that whoever runs it finds out, however late. */
  async mark(runId: string, cause: StopCause): Promise<void> {
    await this.#set({ [stopField(runId)]: cause })
  }

  async unmark(runId: string): Promise<void> {
    await this.#ask((book) => book.removeQueueMetaFields([stopField(runId)]))
    this.#copy.unmark(runId)
    await this.#set({})
  }

  async change(change: SettingsChange): Promise<void> {
    const fields = settingFields(change)
    if (Object.keys(fields).length > 0) await this.#set(fields)
    this.doubt()
  }

  /** Writes fields, and with them that something is new. */
  async #set(fields: Record<string, string>): Promise<void> {
    await this.#ask((book) => book.setQueueMeta({ ...fields, [VERSION]: randomUUID() }))
  }

  async #readAll(): Promise<Reading> {
    this.#readAllAt = this.#clock.now()
    return this.#copy.replace(async () => new Map(Object.entries(await this.#ask((book) => book.getQueueMeta()))))
  }

  /** Reads some fields and what is suspected. */
  async #readSome(some: readonly string[]): Promise<Fields> {
    const names = [...some, ...Array.from(this.#copy.suspects, pageField)]
    let fields: Fields = new Map()
    await this.#copy.update(async () => {
      const texts = await this.#ask((book) => book.getQueueMetaFields(names))
      fields = new Map(names.map((name, place) => [name, texts[place] ?? null]))
      return fields
    })
    return fields
  }

  #ask<Answer>(question: (queue: ReturnType<Connection['queue']>) => Promise<Answer>): Promise<Answer> {
    return this.#connection.ask(() => question(this.#connection.queue('book')))
  }
}
