import { randomUUID } from 'node:crypto'
import type { StopCause } from '../engine/run'
import type { SettingsChange } from '../engine/settings'
import type { Connection } from './connection'
import type { Page, Pages } from './page'

/** The field that is another one after every change. */
const VERSION = 'changed:'

/** What a reading of the book finds. */
export interface Reading {
  pages: Pages
  /** Why runs were asked to stop, by the run's id. */
  stops: ReadonlyMap<string, StopCause>
  /** What operators changed. */
  settings: SettingsChange
}

/** What was read last, and the fields that it was read from. */
interface Last {
  version: string
  fields: Readonly<Record<string, string>>
  reading: Reading
}

/** What is remembered for all nodes. One reading sees all of it as it was at one moment, and one writing is seen as a whole. */
export class Book {
  readonly #connection: Connection
  #last: Last | null = null

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * What was read last, for as long as nobody has written since: most of the time, nothing happens. Not to be changed by who gets it, nor
   * to be handed to hosts.
   */
  async read(): Promise<Reading> {
    const last = this.#last
    const version = last && (await this.#ask((book) => book.getQueueMetaField(VERSION)))
    if (last && version === last.version) return last.reading
    const fields = await this.#ask((book) => book.getQueueMeta())
    const reading = readingOf(fields, last)
    this.#last = fields[VERSION] === undefined ? null : { version: fields[VERSION], fields, reading }
    return reading
  }

  async page(task: string): Promise<Page | null> {
    const text = await this.#ask((book) => book.getQueueMetaField(`task:${task}`))
    return text === null ? null : JSON.parse(text)
  }

  async write(pages: Pages): Promise<void> {
    if (pages.size === 0) return
    await this.#set(Object.fromEntries(Array.from(pages, ([task, page]) => [`task:${task}`, JSON.stringify(page)])))
  }

  /** Asks a run to stop, so that whoever runs it finds out, however late. */
  async mark(runId: string, cause: StopCause): Promise<void> {
    await this.#set({ [`stop:${runId}`]: cause })
  }

  async unmark(runId: string): Promise<void> {
    await this.#ask((book) => book.removeQueueMetaFields([`stop:${runId}`]))
    await this.#set({})
  }

  /** Each setting is a field of its own, so two changes at once become one. */
  async change({ window = {}, enabled = {} }: SettingsChange): Promise<void> {
    const fields = [...fieldsOf('window', window), ...fieldsOf('enabled', enabled)]
    if (fields.length > 0) await this.#set(Object.fromEntries(fields))
  }

  /** Writes fields, and with them that something is new. */
  async #set(fields: Record<string, string>): Promise<void> {
    await this.#ask((book) => book.setQueueMeta({ ...fields, [VERSION]: randomUUID() }))
  }

  #ask<Answer>(question: (queue: ReturnType<Connection['queue']>) => Promise<Answer>): Promise<Answer> {
    return this.#connection.ask(() => question(this.#connection.queue('book')))
  }
}

/** Most pages are those of the last time, and are not parsed again. */
function readingOf(fields: Readonly<Record<string, string>>, last: Last | null): Reading {
  const pages = new Map<string, Page>()
  const stops = new Map<string, StopCause>()
  const window: Record<string, unknown> = {}
  const enabled: Record<string, boolean> = {}
  for (const [field, value] of Object.entries(fields)) {
    const [kind, name] = partsOf(field)
    if (kind === 'task') {
      const before = last?.fields[field] === value ? last.reading.pages.get(name) : undefined
      pages.set(name, before ?? JSON.parse(value))
    }
    if (kind === 'stop') stops.set(name, value as StopCause)
    if (kind === 'window') window[name] = JSON.parse(value)
    if (kind === 'enabled') enabled[name] = JSON.parse(value)
  }
  return { pages, stops, settings: { ...(!isEmpty(window) && { window }), ...(!isEmpty(enabled) && { enabled }) } }
}

function partsOf(field: string): [kind: string, name: string] {
  const colon = field.indexOf(':')
  return [field.slice(0, colon), field.slice(colon + 1)]
}

function fieldsOf(kind: string, values: object): [string, string][] {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return given.map(([name, value]) => [`${kind}:${name}`, JSON.stringify(value)])
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}
