import { isDeepStrictEqual } from 'node:util'
import type { Asked } from '../engine/asked'
import { endsWithin } from '../engine/grace'
import type { HistoryQuery, NewEntry, QueueHost, QueueRecord, RunQueue, StopQuery } from '../engine/queue'
import type { Run } from '../engine/run'
import type { SettingsChange } from '../engine/settings'
import type { TaskFacts } from '../engine/task'
import { ButlerError } from '../errors'
import type { StartAnswer, StopAnswer } from '../registry'
import type { Reading } from './copy'
import { Errands } from './errands'
import { Hearing, type StopWord } from './hearing'
import { Node } from './node'
import { type BullmqQueueOptions, type ReadBullmqOptions, readBullmqOptions } from './options'
import { OwnRuns } from './own-runs'
import { blankPage, isRunning, isWaiting, type RunningPage, recordOf, type WaitingPage } from './page'
import { Plans, tellScheduled } from './plans'
import { inPortions } from './portions'
import { misfitsOf } from './redis-info'
import { Rounds } from './rounds'
import { PatienceWithStarts, startJob } from './starts'
import { WaitingLine } from './waiting-line'

/**
 * A queue for many processes that share one Redis or one PostgreSQL: `createButler({ tasks, queue: bullmqQueue({ connection }) })`.
 * Throws `BUTLER_INVALID_OPTIONS`.
 */
export function bullmqQueue<Connection>(
  options: BullmqQueueOptions<Connection> & Required<Pick<BullmqQueueOptions<Connection>, 'backendFactory'>>,
): BullmqQueue
export function bullmqQueue(options: BullmqQueueOptions): BullmqQueue
export function bullmqQueue(options: unknown): BullmqQueue {
  return new BullmqQueue(readBullmqOptions(options as BullmqQueueOptions<unknown>))
}

/** For how long something is tried while others are in the middle of it: longer than a slot without a word in the book is left alone. */
const PATIENCE_MS = 6_000

/** The same where nothing depends on it. */
const SHORT_PATIENCE_MS = 700

/** How long it waits in between: longer each time, because many who ask at once hold up whom they wait for. */
const PAUSE_MS = 25
const LONGEST_PAUSE_MS = 400

/** One process's part of the queue that many share. Every call rejects with `BUTLER_UNAVAILABLE` when the database does not answer. */
export class BullmqQueue implements RunQueue {
  readonly #options: ReadBullmqOptions
  #node!: Node
  #runs!: OwnRuns
  #line!: WaitingLine
  #plans!: Plans
  #errands!: Errands
  #rounds!: Rounds
  #hearing!: Hearing
  /** What operators changed, as far as this process has been told; `null` until it has asked. */
  #settings: SettingsChange | null = null
  /** From the first step of opening to the last of closing. */
  #isTaken = false

  constructor(options: ReadBullmqOptions) {
    this.#options = options
  }

  async open(host: QueueHost): Promise<void> {
    if (this.#isTaken) throw taken()
    const node = new Node(this.#options, host)
    this.#isTaken = true
    this.#settings = null
    this.#node = node
    this.#runs = new OwnRuns(node, (task) => void this.#line.lookAfterRun(task))
    this.#line = new WaitingLine(node, this.#runs)
    this.#plans = new Plans(node, this.#line)
    this.#errands = new Errands(node, (task, asked) => this.#startHere(task, asked))
    const parted = (other: string, left: readonly string[]) => this.#part(other, left)
    this.#hearing = new Hearing(node, {
      runs: this.#runs,
      line: this.#line,
      plans: this.#plans,
      errands: this.#errands,
      parted,
    })
    this.#rounds = new Rounds(node, this.#runs, this.#line, (reading) => this.#find(reading))
    try {
      await node.connection.open()
      await node.nodes.beat()
      await node.news.hear((item) => this.#hearing.hear(item))
      await this.#warnOfMisfits()
      await this.#rounds.review()
      node.connection.opened()
    } catch (error) {
      await node.connection.close()
      this.#isTaken = false
      throw error
    }
    this.#rounds.begin(this.#options.leaseMs)
  }

  async resume(): Promise<void> {
    const { book, host } = this.#node
    const { pages } = await book.read()
    for (const [name, page] of pages)
      if (host.tasks.has(name) && isWaiting(page)) tellScheduled(host.tell, page.waiting, host.clock.now())
    await this.#line.open()
  }

  async changes(): Promise<SettingsChange> {
    const { settings } = await this.#node.book.read()
    this.#settings = settings
    return settings
  }

  async change(change: SettingsChange, isMoved: boolean): Promise<void> {
    await this.#node.book.change(change, isMoved)
    await this.#node.news.publish('settings', null)
  }

  async elsewhere(): Promise<readonly TaskFacts[]> {
    const { host, nodes } = this.#node
    return [...nodes.tasksElsewhere().values()].filter(({ name }) => !host.tasks.has(name))
  }

  async records(): Promise<ReadonlyMap<string, QueueRecord>> {
    const { book, host } = this.#node
    const { pages, stops } = await book.read()
    const names = [...host.tasks.keys(), ...(await this.elsewhere()).map(({ name }) => name)]
    const now = host.clock.now()
    return new Map(
      names.map((name) => {
        const page = pages.get(name) ?? blankPage
        return [name, recordOf(page, stops.has(page.lastRun?.id ?? ''), now)]
      }),
    )
  }

  add(entries: readonly NewEntry[]): Promise<void> {
    return this.#plans.add(entries)
  }

  start(name: string, asked: Asked): Promise<StartAnswer> {
    return this.#node.host.tasks.has(name) ? this.#startHere(name, asked) : this.#startElsewhere(name, asked)
  }

  stop(name: string, query: StopQuery): Promise<StopAnswer> {
    return this.#tryFor(name, async () => {
      const page = (await this.#node.book.page(name)) ?? blankPage
      if (isWaiting(page) && query.runId === undefined) {
        return (await this.#line.takeOff(name, page)) ? this.#afterTakingOff() : null
      }
      const isMeant = isRunning(page) && (query.runId ?? page.lastRun.id) === page.lastRun.id
      return isMeant ? this.#stopRun(name, page, query) : 'not-running'
    })
  }

  async stopAll(query: StopQuery): Promise<void> {
    const { pages } = await this.#node.book.read()
    const waiting = [...pages].flatMap(([name, page]) => (isWaiting(page) ? [{ name, page }] : []))
    const left = await inPortions(waiting, async ({ name, page }) =>
      (await this.#line.takeOff(name, { ...page, once: null })) ? [] : [name],
    )
    const running = [...pages].flatMap(([name, page]) => (isRunning(page) ? [name] : []))
    await Promise.all([...left.flat(), ...running].map((name) => this.stop(name, query)))
  }

  async withdraw(names: readonly string[]): Promise<void> {
    const { pages } = await this.#node.book.read()
    const ofWindow = names.flatMap((name) => {
      const page = pages.get(name)
      return page && isWaiting(page) && page.waiting.trigger === 'window' ? [{ name, page }] : []
    })
    // Somebody has changed what the window does: it may add them once more.
    const left = await inPortions(ofWindow, async ({ name, page }) =>
      (await this.#line.takeOff(name, { ...page, once: null })) ? [] : [{ name, page }],
    )
    // Processes that follow a change take off the same at once: whoever was quicker is about to write that down.
    const isGone = async ({ name, page }: { name: string; page: WaitingPage }) => {
      const found = await this.#node.book.page(name)
      return found?.job === page.job && isWaiting(found) ? null : true
    }
    await Promise.all(left.flat().map((each) => this.#tryUntil(SHORT_PATIENCE_MS, () => isGone(each))))
    if (ofWindow.length > 0) this.#afterTakingOff()
  }

  async history(name: string, { limit, before }: HistoryQuery): Promise<Run[]> {
    const page = await this.#node.book.page(name)
    if (page === null) return []
    const ended = await this.#node.slots.history(name)
    const runs = isRunning(page) ? [page.lastRun, ...ended.filter(({ id }) => id !== page.lastRun.id)] : ended
    const place = runs.findIndex(({ id }) => id === before)
    const isOlder = ({ startedAt }: Run) => before === null || Date.parse(startedAt) < Date.parse(before)
    return (place >= 0 ? runs.slice(place + 1) : runs.filter(isOlder)).slice(0, limit)
  }

  async close(timeoutMs: number | null): Promise<string[]> {
    this.#line.close()
    this.#errands.close()
    const left = await this.#runs.close(timeoutMs)
    this.#rounds.end()
    await this.#node.nodes.leave().catch(() => {})
    await this.#node.news.publish('left', left)
    await this.#node.connection.close()
    this.#isTaken = false
    return left
  }

  #startHere(name: string, asked: Asked): Promise<StartAnswer> {
    const { book, slots, host } = this.#node
    const entry = { task: name, ...asked, at: null, until: null, after: [] }
    const patience = new PatienceWithStarts()
    return this.#tryFor(name, async () => {
      const page = (await book.page(name)) ?? blankPage
      if (isRunning(page)) return 'already-running'
      if (isWaiting(page)) return (await this.#runs.begin(name, page, asked, false)) ? 'started' : null
      const mine = startJob()
      const job = await slots.hold(name, mine, entry, 0, host.historyLimit)
      // Only who takes it writes on its page, and that may have been written on since.
      const own = (job === mine || patience.endsWith(job)) && ((await book.page(name)) ?? blankPage)
      if (own && (await this.#runs.begin(name, { ...own, job }, asked, false))) return 'started'
      await this.#line.clearOrphan(name)
      return null
    })
  }

  /** Tries until there is an answer. Rejects with `BUTLER_UNAVAILABLE` when others are in the middle of it for too long. */
  async #tryFor<Answer>(name: string, attempt: () => Promise<Answer | null>): Promise<Answer> {
    const answer = await this.#tryUntil(PATIENCE_MS, attempt)
    if (answer === null) throw busy(name)
    return answer
  }

  /** `null`: there was no answer in time. */
  async #tryUntil<Answer>(patienceMs: number, attempt: () => Promise<Answer | null>): Promise<Answer | null> {
    const { clock } = this.#node.host
    const end = clock.now() + patienceMs
    for (let pauseMs = PAUSE_MS; clock.now() < end; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const answer = await attempt()
      if (answer !== null) return answer
      await this.#node.pause(pauseMs)
    }
    return null
  }

  async #startElsewhere(name: string, asked: Asked): Promise<StartAnswer> {
    const page = (await this.#node.book.page(name)) ?? blankPage
    if (isRunning(page)) return 'already-running'
    return this.#errands.start(name, asked)
  }

  async #stopRun(name: string, page: RunningPage, query: StopQuery): Promise<StopAnswer> {
    const { clock } = this.#node.host
    const here = this.#runs.stop(name, page.job, query.cause)
    if (here) return (await endsWithin(here, { clock, ...query })) ? 'stopped' : 'stopping'
    return this.#hearing.whileListening(page.lastRun.id, async (ended) => {
      await this.#node.book.mark(page.lastRun.id, query.cause)
      const word: StopWord = { task: name, job: page.job, cause: query.cause }
      await this.#node.news.publish('stop', word)
      return (await endsWithin(ended, { clock, ...query })) ? 'stopped' : 'stopping'
    })
  }

  #afterTakingOff(): 'stopped' {
    void this.#line.look()
    return 'stopped'
  }

  /** A process has closed; what it left is seen to at once. */
  #part(node: string, left: readonly string[]): void {
    this.#node.nodes.part(node)
    if (left.length > 0) void this.#rounds.review().catch(() => {})
  }

  /** What a round reads is news for whoever missed the event. */
  #find(reading: Reading): void {
    if (this.#settings !== null && !isDeepStrictEqual(reading.settings, this.#settings)) this.#node.host.changed()
    this.#hearing.find(reading)
  }

  async #warnOfMisfits(): Promise<void> {
    const { connection, host } = this.#node
    const info = await connection.info()
    for (const { fields, message } of misfitsOf(info ?? '')) host.logger.warn(fields, message)
  }
}

function taken(): ButlerError {
  return new ButlerError('BUTLER_STORE_LOCKED', 'The bullmqQueue() is open already; close its Butler first.')
}

function busy(name: string): ButlerError {
  const what = `${name} is being started or stopped by another process, which does not come to an end`
  return new ButlerError('BUTLER_UNAVAILABLE', `${what}; try again later.`)
}
