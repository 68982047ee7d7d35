import { isDeepStrictEqual } from 'node:util'
import type { Butler } from '../butler'
import { type Clock, type Instant, iso } from '../engine/clock'
import type { ButlerEvents } from '../engine/events'
import type { Plan } from '../engine/plan'
import type { Run } from '../engine/run'
import type { Settings } from '../engine/settings'
import type { TaskStatus } from '../registry'
import type { Feed } from './feed'
import { type Histories, summaryOf } from './histories'
import { type NightSpan, nightAround } from './nights'
import { versionOf } from './settings-version'
import { asDecided, foretold, type Tonight } from './tonight'

/** One task as the page shows it. */
export interface TaskRow extends TaskStatus {
  /** How long it takes when it completes, in milliseconds; `null` when it never has. */
  usualMs: number | null
  tonight: Tonight | null
}

/** Everything on the first screen, at one moment. Instants are ISO 8601 strings. */
export interface Board {
  now: string
  /** The night that is open, else the next one. */
  night: NightSpan
  isOpen: boolean
  settings: Settings & { version: string }
  tasks: TaskRow[]
}

/** A board, and the id of the newest event that is already in it. */
export interface PlacedBoard extends Board {
  position: string
}

/** How soon after something happened pages are told, in milliseconds. What happens meanwhile is told at once. */
const PAUSE_MS = 250

/** How long a look stands while nothing happens: dates change, and queues on other machines may have said nothing. */
const STALE_MS = 5_000

/** How long pages may be away, in milliseconds, and still be told what they missed. */
const AWAY_MS = 60_000

const changes = [
  'task:scheduled',
  'task:queued',
  'task:removed',
  'run:progress',
  'run:stopping',
  'window:opened',
  'window:closed',
  'settings:changed',
] as const satisfies readonly (keyof ButlerEvents)[]

/** Looks at the Butler for all pages at once, and tells the feed what is different from the last look. */
export class BoardWatch {
  readonly #butler: Butler
  readonly #histories: Histories
  readonly #feed: Feed
  readonly #clock: Clock
  #board: PlacedBoard | null = null
  #lookedAt: Instant = 0
  #isStale = true
  #looking: Promise<PlacedBoard> | null = null
  #isAwaited = false
  /** The last look failed. */
  #isAway = false
  #isRetrying = false
  #readAt: Instant = Number.NEGATIVE_INFINITY
  readonly #logged = new Map<string, string>()

  constructor(butler: Butler, histories: Histories, feed: Feed, clock: Clock) {
    this.#butler = butler
    this.#histories = histories
    this.#feed = feed
    this.#clock = clock
    for (const event of changes) butler.on(event, () => this.#changed())
    for (const event of ['run:started', 'run:ended'] as const) butler.on(event, (run) => this.#noteRun(run))
    butler.on('run:log', ({ task, runId }) => this.#noteLog(task, runId))
  }

  /** The board for a page, which will then want to know what changes. */
  show(): Promise<PlacedBoard> {
    this.#readAt = this.#clock.now()
    return this.look()
  }

  /** The board as it is now. What is new in it is then told. */
  look(): Promise<PlacedBoard> {
    const age = this.#clock.now() - this.#lookedAt
    if (this.#board && !this.#isStale && age >= 0 && age < STALE_MS) return Promise.resolve(this.#board)
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  get #isWatched(): boolean {
    if (this.#feed.readers.size > 0) this.#readAt = this.#clock.now()
    return this.#clock.now() - this.#readAt < AWAY_MS
  }

  #changed(): void {
    this.#isStale = true
    if (!this.#isWatched) this.#feed.gap()
    else this.#lookSoon()
  }

  #noteRun(run: Run): void {
    this.#histories.forget(run.task)
    if (this.#isWatched) this.#feed.tell('run', summaryOf(run))
    this.#changed()
  }

  /** A task may write thousands of lines a second; pages are told that there are new ones, and read the run when they show it. */
  #noteLog(task: string, runId: string): void {
    if (!this.#isWatched) return
    this.#logged.set(runId, task)
    this.#lookSoon()
  }

  #lookSoon(): void {
    if (this.#isAwaited) return
    this.#isAwaited = true
    this.#clock.callAfter(PAUSE_MS, () => {
      this.#isAwaited = false
      for (const [runId, task] of this.#logged) this.#feed.tell('log', { task, runId })
      this.#logged.clear()
      if (this.#isStale) this.look().catch(() => this.miss())
    })
  }

  /** A look has failed: pages are told that what they show may be old, and again once it is not. */
  miss(): void {
    this.#feed.gap()
    if (!this.#isAway) this.#feed.tell('away', {})
    this.#isAway = true
    if (this.#isRetrying) return
    this.#isRetrying = true
    this.#clock.callAfter(STALE_MS, () => {
      this.#isRetrying = false
      if (this.#isAway && this.#isWatched) this.#lookSoon()
    })
  }

  async #look(): Promise<PlacedBoard> {
    this.#isStale = false
    try {
      const board = await this.#read()
      if (!this.#isWatched) this.#feed.gap()
      else if (this.#board) this.#tellDifferences(this.#board, board)
      if (this.#isAway) this.#feed.tell('back', {})
      this.#isAway = false
      this.#lookedAt = this.#clock.now()
      this.#board = { ...board, position: this.#feed.position }
      return this.#board
    } catch (error) {
      this.#isStale = true
      throw error
    }
  }

  async #read(): Promise<Board> {
    const now = this.#clock.now()
    const settings = await this.#butler.settings()
    const { night, isOpen } = nightAround(settings.window, now)
    const [tasks, plan] = await Promise.all([
      this.#butler.list(),
      this.#butler.plan(isOpen ? now : Date.parse(night.opensAt)),
    ])
    const decisions = decisionsOf(plan, isOpen)
    const rows = tasks.map(async (task) => ({
      ...task,
      usualMs: await this.#histories.usualMs(task.name),
      tonight: decisions.get(task.name) ?? null,
    }))
    const version = versionOf(settings)
    return { now: iso(now), night, isOpen, settings: { ...settings, version }, tasks: await Promise.all(rows) }
  }

  #tellDifferences(before: Board, after: Board): void {
    const known = new Map(before.tasks.map((task) => [task.name, task]))
    for (const task of after.tasks) {
      if (!isDeepStrictEqual(known.get(task.name), task)) this.#feed.tell('task', task)
    }
    const { night, isOpen, settings } = after
    if (before.isOpen !== isOpen || !isDeepStrictEqual(before.night, night)) this.#feed.tell('night', { night, isOpen })
    if (before.settings.version !== settings.version) this.#feed.tell('settings', settings)
  }
}

function decisionsOf(plan: Plan, isOpen: boolean): ReadonlyMap<string, Tonight> {
  const tell = isOpen ? asDecided : foretold
  return new Map(plan.decisions.map((decision) => [decision.task, tell(decision)]))
}
