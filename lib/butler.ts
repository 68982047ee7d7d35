import { type ButlerOptions, type ReadOptions, readButlerOptions } from './butler-options'
import { type Asked, readAsked, readStop, type StopRequest } from './engine/asked'
import { awake, type Instant, iso } from './engine/clock'
import { entriesOf } from './engine/entries'
import { SafeEmitter } from './engine/events'
import { foreseeAll, readMoment } from './engine/forecast'
import { type HistoryOptions, readHistoryOptions } from './engine/history'
import { InForce } from './engine/in-force'
import { Leftovers } from './engine/leftovers'
import { NightWatch } from './engine/night-watch'
import { dueDate, nightAsIso, type Plan, plan, type TaskRecord } from './engine/plan'
import type { RunQueue } from './engine/queue'
import type { Run } from './engine/run'
import { checkChange, copyOf, isSameWindow, movesWindow, type Settings, type SettingsChange } from './engine/settings'
import { toStatus } from './engine/status'
import type { TaskFacts } from './engine/task'
import { Turns } from './engine/turns'
import type { Night } from './engine/window'
import { ButlerError } from './errors'
import { checkMembers, expectThat, isDuration } from './options'
import type { StartAnswer, StopAnswer, TaskRegistry, TaskRequest, TaskStatus } from './registry'

/** What `close` came to. */
export interface Closed<Name extends string = string> {
  /** Tasks whose runs had not ended in time. They will be found `interrupted`. */
  left: Name[]
}

/** Makes a Butler; it does nothing before `open()`. Throws `BUTLER_INVALID_OPTIONS` or `BUTLER_INVALID_WINDOW`. */
export function createButler<const Name extends string>(options: ButlerOptions<Name>): Butler<Name> {
  return new Butler<Name>(options)
}

/**
 * The registry that most hosts want: it knows what must run when, and leaves waiting, running and remembering to its queue.
 * Every call before `open()` or after `close()` rejects with `BUTLER_NOT_OPEN`.
 */
export class Butler<Name extends string = string> extends SafeEmitter<Name> implements TaskRegistry<Name> {
  /** The tasks it was given, in alphabetical order. */
  readonly taskNames: readonly Name[]
  readonly #options: ReadOptions
  readonly #queue: RunQueue
  /** What holds now, here and everywhere. */
  readonly #now: InForce
  readonly #leftovers: Leftovers
  #watch: NightWatch
  #isOpen = false
  #opening: Promise<void> | undefined
  #closing: Promise<Closed<Name>> | undefined
  /** Plans, changes and the window's hours come one after the other. */
  readonly #turns: Turns

  constructor(options: ButlerOptions<Name>) {
    const read = readButlerOptions(options)
    super(read.logger)
    this.#options = read
    this.#queue = read.queue
    this.#turns = new Turns(read.clock, read.logger)
    this.taskNames = Object.freeze([...read.tasks.keys()].sort()) as readonly Name[]
    this.#now = new InForce(read.tasks, read.window, read.logger)
    this.#leftovers = new Leftovers(read, this.#now)
    this.#watch = this.#createWatch()
  }

  /**
   * Reads the memory, lets what waited wait again, and from now on runs what is due; in the middle of a window at once.
   * Rejects with `BUTLER_STORE_LOCKED` or `BUTLER_STORE_FAILED`, and may then be called again.
   */
  open(): Promise<void> {
    if (this.#closing) return Promise.reject(this.#notOpen('open'))
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  /**
   * Asks what runs to stop, waits for it up to `timeoutMs` (default 10 000; `null`: for ever), and gives the memory back. What was
   * cut is `interrupted`, and still due. Says what was left. Until then the process stays alive. Calling it again gives the same answer.
   */
  async close(options: { timeoutMs?: number | null } = {}): Promise<Closed<Name>> {
    checkMembers('close(options)', options, ['timeoutMs'])
    const { timeoutMs = 10_000 } = options
    expectThat(isDuration(timeoutMs), 'close(options).timeoutMs', timeoutMs, 'milliseconds, or null to wait for ever')
    this.#closing ??= awake(this.#close(timeoutMs))
    return this.#closing
  }

  async list(): Promise<TaskStatus<Name>[]> {
    this.#expectOpen('list')
    await this.#meet()
    const records = await this.#queue.records()
    const now = this.#options.clock.now()
    const { enabled } = this.#now.settings
    return this.#now.names().flatMap((name) => {
      const task = this.#now.task(name)
      const record = records.get(task.name)
      return record
        ? [toStatus(task, enabled[task.name] === true, record, this.#now.calendar, now) as TaskStatus<Name>]
        : []
    })
  }

  /** Starts one task now, whatever the window, the day or its switch say; a waiting one is pulled forward. */
  async start(name: Name, request: Partial<TaskRequest> = {}): Promise<StartAnswer> {
    this.#expectOpen('start')
    const asked = readAsked('start', request, 'manual', this.#options.tracer)
    return this.#queue.start((await this.#now.find('start', name, this.#queue)).name, asked)
  }

  /** Asks a run to stop and waits for it up to `stopGraceMs`, or takes the task off the schedule. */
  async stop(name: Name, request: StopRequest = {}): Promise<StopAnswer> {
    this.#expectOpen('stop')
    return this.#queue.stop((await this.#now.find('stop', name, this.#queue)).name, this.#asStopped('stop', request))
  }

  /** Starts or schedules all that is enabled and due, by the four rules, and returns what was decided and why. */
  async startAll(request: Partial<TaskRequest> = {}): Promise<Plan<Name>> {
    this.#expectOpen('startAll')
    const asked = readAsked('startAll', request, 'start-all', this.#options.tracer)
    await this.#meet()
    return this.#turns.take(() => this.#carryOut(asked, this.#now.tasks.values())) as Promise<Plan<Name>>
  }

  /** Stops all that run, as `stop` does, and takes all that wait off the schedule. */
  async stopAll(request: Partial<TaskRequest> = {}): Promise<void> {
    this.#expectOpen('stopAll')
    await this.#queue.stopAll(this.#asStopped('stopAll', request))
  }

  /**
   * What a plan made now, or at a moment to come, would decide; nothing is started. A random instant that has not been drawn yet is a
   * sample: the real plan draws its own. For a moment to come, what runs or waits now and starts until then is taken to have completed.
   * Of the past nothing is planned: what ran then is in `history`.
   */
  async plan(at?: Date | string | number): Promise<Plan<Name>> {
    this.#expectOpen('plan')
    await this.#meet()
    const now = this.#options.clock.now()
    const moment = readMoment(at, now)
    const records = foreseeAll(await this.#queue.records(), this.#now.calendar, now, moment)
    return this.#decide(moment, records) as Plan<Name>
  }

  /** Runs of one task, newest first, the one that runs now included; also of one that no live process has any more. */
  async history(name: Name, options: HistoryOptions = {}): Promise<Run<Name>[]> {
    this.#expectOpen('history')
    const query = readHistoryOptions(options, this.#options.historyLimit)
    if (!(await this.#now.remembers(name, this.#queue))) await this.#now.find('history', name, this.#queue)
    return this.#queue.history(name, query) as Promise<Run<Name>[]>
  }

  async settings(): Promise<Settings<Name>> {
    this.#expectOpen('settings')
    await this.#meet()
    return structuredClone(this.#now.settings) as Settings<Name>
  }

  /** The settings that hold where no operator has changed anything: those of the code. */
  async defaults(): Promise<Settings<Name>> {
    this.#expectOpen('defaults')
    await this.#meet()
    return this.#now.defaults() as Settings<Name>
  }

  /**
   * Changes settings: checked, stored, acted on at once. A window that is moved re-plans the night, what was stopped or failed in it
   * included; a task that is switched off is taken off the window's schedule, one that is switched on inside the window is planned. Runs go on, unless the window is now closed.
   * Rejects with `BUTLER_INVALID_SETTINGS` or `BUTLER_INVALID_WINDOW`, and nothing has changed.
   */
  async configure(change: SettingsChange<Name>): Promise<Settings<Name>> {
    this.#expectOpen('configure')
    await this.#turns.take(() => this.#change(copyOf(change)))
    await this.#turns.done()
    return this.settings()
  }

  async #open(): Promise<void> {
    const { tasks, clock, logger, tracer, concurrency, historyLimit } = this.#options
    const dateOf = (now: Instant) => dueDate(this.#now.calendar, now)
    const changed = () => void this.#turns.take(() => this.#follow())
    const mine = { tasks, clock, logger, tracer, concurrency, historyLimit, dateOf, changed }
    await this.#queue.open({ ...mine, ...this.tellers() })
    await this.#begin().catch(async (error: unknown) => {
      this.#isOpen = false
      await this.#queue.close(0).catch(() => {})
      throw error
    })
  }

  /** What the queue remembers holds, and goes on. */
  async #begin(): Promise<void> {
    const { clock, logger } = this.#options
    this.#now.adopt(await this.#queue.changes())
    this.#watch = this.#createWatch()
    await this.#leftovers.withdrawStale()
    await this.#queue.resume()
    this.#isOpen = true
    const { opensAt } = this.#now.calendar.nextNight(clock.now())
    logger.info({ window: this.#now.settings.window, next: iso(opensAt) }, 'The Butler is open.')
    logger.debug({ timeZoneData: process.versions.tz }, 'Nights are computed with these time zone data.')
    this.#watch.look()
    await this.#turns.done()
  }

  async #close(timeoutMs: number | null): Promise<Closed<Name>> {
    const { logger } = this.#options
    const hasOpened = await this.#opening?.then(
      () => true,
      () => false,
    )
    if (!hasOpened) return { left: [] }
    this.#isOpen = false
    this.#watch.stop()
    await this.#turns.stop()
    const left = (await this.#queue.close(timeoutMs)) as Name[]
    if (left.length > 0) logger.warn({ left }, 'The Butler closed before all runs had ended.')
    else logger.info({}, 'The Butler is closed.')
    return { left }
  }

  #createWatch(): NightWatch {
    return new NightWatch(this.#now.calendar, this.#options.clock, {
      opened: (night) => void this.#turns.take(() => this.#openWindow(night)),
      closed: (night) => void this.#turns.take(() => this.#closeWindow(night)),
    })
  }

  async #openWindow(night: Night): Promise<void> {
    this.emit('window:opened', nightAsIso(night))
    await this.#planNight()
  }

  /**
   * Plans what the window starts, once a night, or `again` because an operator asks for it. What another window left would be in the way:
   * where two operators move it at once, both processes plan.
   */
  async #planNight(tasks: readonly TaskFacts[] = [...this.#options.tasks.values()], again = false): Promise<void> {
    const { night } = this.#watch
    const plan = async () => {
      await this.#leftovers.withdrawStale()
      await this.#carryOut({ trigger: 'window', by: null }, tasks, again)
    }
    await this.#turns.insist(plan, 'The plan of the night could not be carried out', () => this.#watch.night === night)
  }

  async #closeWindow(night: Night): Promise<void> {
    this.emit('window:closed', nightAsIso(night))
    const isClosed = () => this.#watch.night === null
    await this.#turns.insist(() => this.#leftovers.endNight(night), 'What the window left could not be ended', isClosed)
  }

  /** Makes a plan and hands what it decided to the queue. The window does nothing once it has closed, whoever has not noticed yet. */
  async #carryOut(asked: Asked, tasks: Iterable<TaskFacts>, again = false): Promise<Plan> {
    const made = this.#decide(this.#options.clock.now(), await this.#queue.records(), tasks)
    if (asked.trigger === 'window' && made.night === null) return made
    const entries = entriesOf(made, this.#now.tasks, asked)
    await this.#queue.add(again ? entries.map((entry) => ({ ...entry, once: null })) : entries)
    this.emit('plan:made', structuredClone(made) as Plan<Name>)
    return made
  }

  /** In the order in which the host wrote its tasks, which is the order in which they start. */
  #decide(
    at: Instant,
    records: ReadonlyMap<string, TaskRecord>,
    tasks: Iterable<TaskFacts> = this.#now.tasks.values(),
  ): Plan {
    return plan(tasks, this.#now.settings, records, at, this.#options.random)
  }

  async #change(change: SettingsChange): Promise<void> {
    await this.#meet()
    await this.#catchUp()
    checkChange(change, this.#now.settings)
    await this.#queue.change(change, movesWindow(change, this.#now.settings))
    const before = this.#adopt(await this.#queue.changes())
    if (isSameWindow(before, this.#now.settings)) await this.#switch(before)
    else await this.#moveWindow()
  }

  /** Somebody changed settings in another process, which also does what the change asks for: here they only hold. */
  async #follow(): Promise<void> {
    if (this.#isOpen) await this.#followTo(await this.#queue.changes())
  }

  /** What another process has changed just now may not have been told yet. */
  async #catchUp(): Promise<void> {
    const changes = await this.#queue.changes()
    if (!this.#now.hasAdopted(changes)) await this.#followTo(changes)
  }

  async #followTo(changes: SettingsChange): Promise<void> {
    const before = this.#adopt(changes)
    if (!isSameWindow(before, this.#now.settings)) return this.#watch.move(this.#now.calendar)
    // What this process was planning meanwhile the other one has not seen.
    const isOpen = () => this.#isOpen
    await this.#turns.insist(
      () => this.#leftovers.withdrawStale(),
      'What is switched off could not be taken off',
      isOpen,
    )
  }

  /** Takes over what is stored, and answers what held before. */
  #adopt(changes: SettingsChange): Settings {
    const before = this.#now.adopt(changes)
    this.emit('settings:changed', structuredClone(this.#now.settings) as Settings<Name>)
    return before
  }

  /** It is moved in any case: the change is stored, and nobody would tell of it again. */
  async #moveWindow(): Promise<void> {
    const move = () => this.#watch.move(this.#now.calendar)
    await this.#queue.withdraw([...this.#now.tasks.keys()]).finally(move)
  }

  /** Whatever is off is taken off, also if that failed when it was switched. */
  async #switch(before: Settings): Promise<void> {
    const { enabled } = this.#now.settings
    const tasks = [...this.#now.tasks.values()]
    await this.#queue.withdraw(tasks.flatMap(({ name }) => (enabled[name] ? [] : [name])))
    const on = tasks.filter(({ name }) => enabled[name] && !before.enabled[name])
    if (on.length > 0 && this.#watch.night) await this.#planNight(on, true)
  }

  /** Finds out what other processes implement. */
  async #meet(): Promise<void> {
    this.#now.meet(await this.#queue.elsewhere())
  }

  #asStopped(call: 'stop' | 'stopAll', request: StopRequest) {
    return { cause: 'stopped', graceMs: this.#options.stopGraceMs, ...readStop(call, request) } as const
  }

  #expectOpen(call: string): void {
    if (!this.#isOpen) throw this.#notOpen(call)
  }

  #notOpen(call: string): ButlerError {
    const wayOut = this.#closing ? 'it has been closed; make a new one' : 'call `await butler.open()` first'
    return new ButlerError('BUTLER_NOT_OPEN', `butler.${call}() needs an open Butler: ${wayOut}.`)
  }
}
