import { isDeepStrictEqual } from 'node:util'
import type { Butler } from '../butler'
import { type Clock, type Instant, iso } from '../engine/clock'
import type { ButlerEvents } from '../engine/events'
import type { Plan } from '../engine/plan'
import type { Run } from '../engine/run'
import type { Settings } from '../engine/settings'
import type { LastRun, TaskStatus } from '../registry'
import type { Feed } from './feed'
import { type Histories, type RunSummary, summaryOf } from './histories'
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
  /** When the last look failed; `null`: it did not. */
  #failedAt: Instant | null = null
  #readAt: Instant = Number.NEGATIVE_INFINITY
  readonly #logged = new Map<string, string>()
  /** The newest run of each task that pages were told of. */
  readonly #toldRuns = new Map<string, string>()

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

  /** The board as it is now. What is new in it is then told, also that the Butler does not answer, and that it does so again. */
  look(): Promise<PlacedBoard> {
    const age = this.#clock.now() - this.#lookedAt
    if (this.#board && !this.#isStale && age >= 0 && age < STALE_MS) return Promise.resolve(this.#board)
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  /** A look for those who do not ask: as often as it makes sense while nothing happens, or nobody answers. Never rejects. */
  async lookNow(): Promise<void> {
    if (this.#failedAt !== null && this.#clock.now() - this.#failedAt < STALE_MS) return
    await this.look().catch(() => {})
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
    if (this.#isWatched) this.#tellRun(summaryOf(run))
    this.#changed()
  }

  #tellRun(run: RunSummary): void {
    this.#toldRuns.set(run.task, runKey(run))
    this.#feed.tell('run', run)
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
      if (this.#isStale) this.look().catch(() => {})
    })
  }

  async #look(): Promise<PlacedBoard> {
    this.#isStale = false
    try {
      const board = await this.#read()
      if (this.#failedAt !== null) this.#comeBack()
      else if (!this.#isWatched) this.#feed.gap()
      else if (this.#board) await this.#tellDifferences(this.#board, board)
      this.#lookedAt = this.#clock.now()
      this.#board = { ...board, position: this.#feed.position }
      return this.#board
    } catch (error) {
      this.#isStale = true
      this.#goAway()
      throw error
    }
  }

  /** The Butler does not answer. What happens meanwhile may never be told, so nothing that was known before can be built on. */
  #goAway(): void {
    this.#histories.forgetAll()
    if (this.#failedAt === null) this.#feed.tell('away', {})
    this.#failedAt = this.#clock.now()
    this.#feed.gap()
  }

  #comeBack(): void {
    this.#failedAt = null
    this.#feed.tell('reset', {})
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
    const rows = tasks.map(async (task) => {
      await this.#histories.expect(task.name, task.lastRun)
      const usualMs = await this.#histories.usualMs(task.name)
      return { ...task, usualMs, tonight: decisions.get(task.name) ?? null }
    })
    const version = versionOf(settings)
    return { now: iso(now), night, isOpen, settings: { ...settings, version }, tasks: await Promise.all(rows) }
  }

  async #tellDifferences(before: Board, after: Board): Promise<void> {
    if (String(before.tasks.map(nameOf)) !== String(after.tasks.map(nameOf))) this.#feed.tell('reset', {})
    const known = new Map(before.tasks.map((task) => [task.name, task]))
    for (const task of after.tasks) {
      const earlier = known.get(task.name)
      if (isDeepStrictEqual(earlier, task)) continue
      await this.#tellMissedRun(task, earlier?.lastRun)
      this.#feed.tell('task', task)
    }
    const { night, isOpen, settings } = after
    if (before.isOpen !== isOpen || !isDeepStrictEqual(before.night, night)) this.#feed.tell('night', { night, isOpen })
    if (before.settings.version !== settings.version) this.#feed.tell('settings', settings)
  }

  /** What runs on other machines may begin or end without a word when the line to them is bad. */
  async #tellMissedRun({ name, lastRun }: TaskRow, earlier: LastRun | undefined): Promise<void> {
    if (!lastRun || (earlier && runKey(earlier) === runKey(lastRun))) return
    if (this.#toldRuns.get(name) === runKey(lastRun)) return
    const [newest] = await this.#histories.of(name)
    if (newest) this.#tellRun(newest)
  }
}

const nameOf = ({ name }: TaskRow) => name

function runKey({ id, outcome }: Pick<RunSummary, 'id' | 'outcome'>): string {
  return `${id} ${outcome}`
}

function decisionsOf(plan: Plan, isOpen: boolean): ReadonlyMap<string, Tonight> {
  const tell = isOpen ? asDecided : foretold
  return new Map(plan.decisions.map((decision) => [decision.task, tell(decision)]))
}
