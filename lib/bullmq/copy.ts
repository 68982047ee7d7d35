import { copyOf, type Run, type StopCause } from '../engine/run'
import type { SettingsChange } from '../engine/settings'
import { type Added, Drafts, type Planned } from './drafts'
import { EDITION, pageField, partsOf, settingsOf, VERSION } from './fields'
import type { Item } from './news'
import { begunPage, endedPage, isRunning, isWaiting, type Page, type Pages } from './page'
import { Rest, type RestState } from './rest'

/** What a reading of the book finds. */
export interface Reading {
  pages: Pages
  /** Why runs were asked to stop, by the run's id. */
  stops: ReadonlyMap<string, StopCause>
  /** What operators changed. */
  settings: SettingsChange
}

/** Fields of the book, by name; `null`: there is none of that name. */
export type Fields = ReadonlyMap<string, string | null>

/** A page, and what it was read from; `null`: it has followed the news since. */
interface Known {
  page: Page
  text: string | null
}

/** What is told of that the copy does not follow: who was asked to stop, and how far runs are. */
const isLeftOpen: ReadonlySet<string> = new Set(['stop', 'marked', 'run:progress'])

/**
 * One process's copy of the book. What the news tell of plans and of runs that begin and end is written into it, and need not be read; of
 * all else that they tell it knows that it must be read. It may be behind the book, but never for long.
 */
export class Copy {
  #known: Map<string, Known> = new Map()
  #stops: Map<string, StopCause> = new Map()
  #settings: SettingsChange = {}
  #version: string | null | undefined
  #edition: string | null = null
  /** What was handed out, for as long as nothing has changed. */
  #reading: Reading | null = null
  /** Tasks whose pages must be read, and how many readings had begun when that became known. */
  readonly #suspects = new Map<string, number>()
  /** The same of all of it; `null`: it is not in doubt. */
  #doubted: number | null = 0
  #begun = 0
  #underWay = 0
  readonly #drafts = new Drafts()
  readonly #rest = new Rest()
  /** How many readings had begun when something was last left open. */
  #opened = 0
  /** The newest reading that was taken over, counted as they began. */
  #taken = 0

  /** Not to be changed by who gets it, nor to be handed to hosts. */
  get reading(): Reading {
    this.#reading ??= readingOf(this.#known, new Map(this.#stops), this.#settings)
    return this.#reading
  }

  /** The book's version, if this is a copy of that and of nothing newer. */
  get version(): string | null | undefined {
    return this.#version
  }

  /** The edition of the book that this follows. */
  get edition(): string | null {
    return this.#edition
  }

  /** Whether all of it must be read: something may have been missed, or most of it is out of date. */
  get isInDoubt(): boolean {
    return this.#doubted !== null || this.#suspects.size > this.#known.size / 2
  }

  /** Tasks whose pages must be read. */
  get suspects(): string[] {
    return [...this.#suspects.keys()]
  }

  /** Something may have happened that was not heard of. */
  doubt(): void {
    this.#doubted = this.#begun
  }

  /** Something has happened to a task, and what it was must be read. */
  suspect(task: string): void {
    this.#suspects.set(task, this.#begun)
  }

  /** A run is no longer asked to stop. */
  unmark(runId: string): void {
    if (this.#stops.delete(runId)) this.#changed()
  }

  /** What a version says that was found at a check. This is a copy of it, if all that led to it was told and nothing is suspected. */
  check(version: string | null): RestState {
    const state = this.#rest.check(version)
    const isCertain = this.#suspects.size === 0 && this.#doubted === null
    if (state === 'settled' && isCertain) this.#version = version
    return state
  }

  /** A change of this process's led to a version; `null`: of what it changed nothing is known here before all is read. */
  write(version: string | null): void {
    if (version === null) this.#leaveOpen()
    else this.#rest.tell(version)
  }

  /** Follows what another process tells. */
  hear(item: Item): void {
    const { node, topic, payload, version } = item
    if (version !== undefined) this.#rest.tell(version)
    if (topic === 'run:started') this.#hearBegun(payload as Run, item)
    else if (topic === 'run:ended') this.#hearEnded(payload as Run)
    else if (topic === 'task:removed') this.suspect((payload as { task: string }).task)
    else if (topic === 'rewritten') this.suspect(payload as string)
    else if (topic === 'planned') this.#drafts.take(node, payload as Planned)
    else if (topic === 'added') this.#hearAdded(node, payload as Added)
    else if (topic === 'settings') this.doubt()
    else if (isLeftOpen.has(topic)) this.#leaveOpen()
  }

  /** Takes over the whole book, and answers what was read. */
  replace(read: () => Promise<Fields>): Promise<Reading> {
    return this.#takeOver(read, (fields, place) => {
      const [known, stops, settings] = [new Map<string, Known>(), new Map<string, StopCause>(), settingsOf(fields)]
      take(fields, this.#known, known, stops)
      if (place < this.#taken) return readingOf(known, stops, settings)
      this.#known = known
      this.#stops = stops
      this.#settings = settings
      this.#version = fields.get(VERSION) ?? null
      this.#edition = fields.get(EDITION) ?? null
      this.#reading = null
      this.#drafts.clear()
      this.#rest.forget()
      if (this.#opened < place) this.#rest.close()
      for (const [task, since] of this.#suspects) if (since < place) this.#suspects.delete(task)
      if (this.#doubted !== null && this.#doubted < place) this.#doubted = null
      return this.reading
    })
  }

  /** Takes over some of its pages and stops. */
  async update(read: () => Promise<Fields>): Promise<void> {
    await this.#takeOver(read, (fields, place) => {
      if (place < this.#taken) return
      if (take(fields, this.#known, this.#known, this.#stops)) this.#changed()
      for (const [task, since] of this.#suspects)
        if (since < place && fields.has(pageField(task))) this.#suspects.delete(task)
    })
  }

  /** Readings may overtake each other: one that began before what was taken over last may be older. */
  async #takeOver<Answer>(
    read: () => Promise<Fields>,
    act: (fields: Fields, place: number) => Answer,
  ): Promise<Answer> {
    this.#begun += 1
    this.#underWay += 1
    const place = this.#begun
    try {
      const answer = act(await read(), place)
      this.#taken = Math.max(this.#taken, place)
      return answer
    } finally {
      this.#underWay -= 1
    }
  }

  #changed(): void {
    this.#reading = null
    this.#version = undefined
  }

  #hearBegun(run: Run, { node, begun }: Item): void {
    const page = this.#pageFor(run)
    if (page?.lastRun?.id === run.id) return
    if (page && isWaiting(page) && page.job === begun?.job) this.#follow(begunPage(page, run, node, begun.hasPlace))
    else this.suspect(run.task)
  }

  #hearEnded(run: Run): void {
    const page = this.#pageFor(run)
    this.unmark(run.id)
    if (page?.lastRun?.id === run.id && page.lastRun.outcome !== null) return
    if (page && isRunning(page) && page.lastRun.id === run.id) this.#follow(endedPage(page, run))
    else this.suspect(run.task)
  }

  #leaveOpen(): void {
    this.#opened = this.#begun
    this.#rest.open()
  }

  /** A plan is seen as a whole, by who knows all that was before it. */
  #hearAdded(node: string, added: Added): void {
    const pages = this.#drafts.end(node, added)
    if (this.#edition === added.to) return
    const isKnown = pages !== null && this.#edition === added.from && this.#underWay === 0
    if (isKnown) this.#add(pages, added.to)
    else this.doubt()
  }

  #add(pages: Pages, edition: string): void {
    for (const [task, page] of pages) this.#known.set(task, { page, text: null })
    this.#edition = edition
    this.#changed()
  }

  /** What is heard while something is read may be older or newer than what will be found. */
  #pageFor({ task }: Run): Page | undefined {
    if (this.#underWay > 0) this.suspect(task)
    return this.#known.get(task)?.page
  }

  /** What is told is handed to hosts, too. */
  #follow(page: Page & { lastRun: Run }): void {
    this.#known.set(page.lastRun.task, { page: { ...page, lastRun: copyOf(page.lastRun) }, text: null })
    this.#changed()
  }
}

/** Puts pages and stops where they belong. What is as it was before is not parsed again; answers whether anything is not. */
function take(
  fields: Fields,
  before: ReadonlyMap<string, Known>,
  known: Map<string, Known>,
  stops: Map<string, StopCause>,
): boolean {
  let isChanged = false
  for (const [field, text] of fields) {
    const [kind, name] = partsOf(field)
    if (kind === 'stop' && (stops.get(name) ?? null) !== text) {
      put(stops, name, text as StopCause | null)
      isChanged = true
    }
    if (kind !== 'task') continue
    isChanged ||= before.get(name)?.text !== (text ?? undefined)
    put(known, name, text === null ? null : knownOf(text, before.get(name)))
  }
  return isChanged
}

function knownOf(text: string, before: Known | undefined): Known {
  return before?.text === text ? before : { page: JSON.parse(text), text }
}

function put<Value>(map: Map<string, Value>, name: string, value: Value | null): void {
  if (value === null) map.delete(name)
  else map.set(name, value)
}

function readingOf(
  known: ReadonlyMap<string, Known>,
  stops: ReadonlyMap<string, StopCause>,
  settings: SettingsChange,
): Reading {
  return { pages: new Map(Array.from(known, ([task, { page }]) => [task, page])), stops, settings }
}
