import { randomUUID } from 'node:crypto'
import type { StartAnswer, StopAnswer } from '../registry'
import type { Asked } from './asked'
import { type Cancel, iso } from './clock'
import { execute } from './execution'
import { endsWithin } from './grace'
import { Line } from './line'
import {
  type HistoryQuery,
  type NewEntry,
  type QueueHost,
  type QueueRecord,
  RETRY_MS,
  type RunQueue,
  type StopQuery,
} from './queue'
import { copyOf, newRun, type Run, RunAborted } from './run'
import { mergeChanges, type SettingsChange } from './settings'
import { type Active, isWaiting, recordOf, type Slot, slotOf, stateOf } from './slot'
import type { Memory, Store, WaitingEntry } from './store'
import type { TaskFacts } from './task'

/** The queue in one process: decides in memory, at once, and stores before any task is called. */
export class LocalQueue implements RunQueue {
  readonly #store: Store
  readonly #slots = new Map<string, Slot>()
  #memory!: Memory
  #host!: QueueHost
  #line!: Line
  #closing = false
  #closed = false
  #retry: Cancel | undefined

  constructor(store: Store) {
    this.#store = store
  }

  async open(host: QueueHost): Promise<void> {
    this.#memory = (await this.#store.open(host)) ?? { version: 1, settings: {}, tasks: {} }
    this.#host = host
    this.#line = new Line(host.concurrency)
    this.#closing = false
    this.#closed = false
    const cut = interrupt(this.#memory, iso(host.clock.now()))
    for (const task of host.tasks.values()) this.#slots.set(task.name, slotOf(task, this.#memory))
    if (cut.length > 0) await this.#remember()
    for (const run of cut) host.tell('run:ended', copyOf(run))
  }

  async resume(): Promise<void> {
    const waiting = [...this.#slots.values()].filter(isWaiting)
    for (const slot of waiting) this.#wait(slot)
    this.#admit(waiting)
  }

  async changes(): Promise<SettingsChange> {
    return this.#memory.settings
  }

  async change(change: SettingsChange): Promise<void> {
    const before = this.#memory.settings
    this.#memory.settings = mergeChanges(before, change)
    try {
      await this.#store.save(this.#memory)
    } catch (error) {
      this.#memory.settings = before
      throw error
    }
  }

  async elsewhere(): Promise<readonly TaskFacts[]> {
    return []
  }

  async records(): Promise<ReadonlyMap<string, QueueRecord>> {
    return new Map(Array.from(this.#slots, ([name, slot]) => [name, recordOf(slot)]))
  }

  async add(entries: readonly NewEntry[]): Promise<void> {
    const added = entries.flatMap((entry) => this.#accept(entry))
    try {
      await this.#store.save(this.#memory)
    } catch (error) {
      for (const slot of added) slot.memory.waiting = null
      throw error
    }
    const waiting = added.filter(isWaiting)
    for (const slot of waiting) this.#wait(slot)
    this.#admit(waiting)
  }

  async start(name: string, asked: Asked): Promise<StartAnswer> {
    const slot = this.#slot(name)
    if (slot.active) {
      await slot.active.started
      return 'already-running'
    }
    await this.#begin(slot, asked, false).started
    return 'started'
  }

  async stop(name: string, query: StopQuery): Promise<StopAnswer> {
    const slot = this.#slot(name)
    if (isWaiting(slot) && query.runId === undefined) {
      await this.#takeOff([slot])
      return 'stopped'
    }
    const { active } = slot
    if (!active || (query.runId ?? active.run.id) !== active.run.id) return 'not-running'
    active.stop.abort(new RunAborted(name, query.cause))
    return (await endsWithin(active.ended, { clock: this.#host.clock, ...query })) ? 'stopped' : 'stopping'
  }

  async stopAll(query: StopQuery): Promise<void> {
    const slots = [...this.#slots.values()]
    const running = slots.filter(({ active }) => active)
    const remembered = this.#takeOff(slots.filter(isWaiting))
    await Promise.all([remembered, ...running.map(({ task }) => this.stop(task.name, query))])
  }

  async withdraw(names: readonly string[]): Promise<void> {
    const slots = names.map((name) => this.#slot(name)).filter((slot) => slot.memory.waiting?.trigger === 'window')
    await this.#takeOff(slots)
  }

  async history(name: string, { limit, before }: HistoryQuery): Promise<Run[]> {
    const runs = this.#slots.get(name)?.memory.runs.toReversed() ?? []
    const place = runs.findIndex(({ id }) => id === before)
    const older =
      place >= 0
        ? runs.slice(place + 1)
        : runs.filter(({ startedAt }) => before === null || isBefore(startedAt, before))
    return older.slice(0, limit).map(copyOf)
  }

  async close(timeoutMs: number | null): Promise<string[]> {
    this.#closing = true
    for (const slot of this.#slots.values()) slot.forget()
    const active = [...this.#slots.values()].flatMap((slot) => slot.active ?? [])
    for (const { run, stop } of active) stop.abort(new RunAborted(run.task, 'interrupted'))
    await endsWithin(Promise.all(active.map(({ ended }) => ended)), { clock: this.#host.clock, graceMs: timeoutMs })
    this.#closed = true
    this.#retry?.()
    await this.#store.close()
    return [...this.#slots.values()].filter((slot) => slot.active).map((slot) => slot.task.name)
  }

  #slot(name: string): Slot {
    return this.#slots.get(name) as Slot
  }

  /** Makes an entry a task's own, if the task has nothing yet. */
  #accept({ draw, once: _, ...waiting }: NewEntry): Slot[] {
    const slot = this.#slot(waiting.task)
    if (slot.active || isWaiting(slot)) return []
    slot.memory.waiting = waiting
    slot.memory.draw = draw ?? slot.memory.draw
    return [slot]
  }

  /** Lets a task wait for its instant, or for its turn when it has none. What it comes after is what has not settled yet. */
  #wait(slot: Slot): void {
    const { task, at, after } = slot.memory.waiting as WaitingEntry
    this.#line.expect(
      task,
      after.filter((name) => this.#isBusy(name)),
    )
    if (at === null) {
      this.#line.join(task)
    } else {
      slot.forget = this.#host.clock.callAt(Date.parse(at), () => this.#due(slot))
      this.#host.tell('task:scheduled', structuredClone(slot.memory.waiting as WaitingEntry))
    }
  }

  #isBusy(name: string): boolean {
    const slot = this.#slots.get(name)
    return slot !== undefined && stateOf(slot) !== 'idle'
  }

  #due(slot: Slot): void {
    slot.memory.waiting = { ...(slot.memory.waiting as WaitingEntry), at: null }
    this.#line.join(slot.task.name)
    this.#admit([slot])
  }

  /** Starts whoever's turn it is. `joined` says who has just come into the line, and is told if it has to wait there. */
  #admit(joined: readonly Slot[] = []): void {
    if (this.#closing) return
    let isLate = false
    for (let name = this.#line.take(); name !== undefined; name = this.#line.take()) {
      isLate = !this.#take(this.#slot(name)) || isLate
    }
    if (isLate) void this.#remember()
    for (const { memory } of joined) {
      if (memory.waiting?.at === null) this.#host.tell('task:queued', structuredClone(memory.waiting))
    }
  }

  /** Starts one whose turn has come, unless it is too late for it: `false`, and it waits no more. */
  #take(slot: Slot): boolean {
    const waiting = slot.memory.waiting as WaitingEntry
    if (waiting.until !== null && this.#host.clock.now() >= Date.parse(waiting.until)) {
      this.#line.giveBack()
      this.#removed(slot)
      this.#line.settle(slot.task.name)
      return false
    }
    this.#begin(slot, waiting, true).started.catch((err: unknown) => {
      const { name } = slot.task
      this.#host.logger.error({ task: name, err }, `${name} was not started, and is tried again in a minute.`)
    })
    return true
  }

  /** All of them at once, before anybody who came after them may start. */
  async #takeOff(slots: readonly Slot[]): Promise<void> {
    if (slots.length === 0) return
    for (const slot of slots) this.#removed(slot)
    for (const slot of slots) this.#line.settle(slot.task.name)
    this.#admit()
    await this.#remember()
  }

  #removed(slot: Slot): void {
    const { waiting } = slot.memory
    this.#forgetWaiting(slot)
    if (waiting) this.#host.tell('task:removed', waiting)
  }

  #forgetWaiting(slot: Slot): void {
    slot.forget()
    slot.memory.waiting = null
    this.#line.leave(slot.task.name)
  }

  /** Takes the slot in this very turn, so that of two starts one finds it taken, and stores the run before the task is called. */
  #begin(slot: Slot, { trigger, by, traceparent }: Asked, hasPlace: boolean): Active {
    const { waiting } = slot.memory
    this.#forgetWaiting(slot)
    const now = this.#host.clock.now()
    const run = newRun({
      id: randomUUID(),
      task: slot.task.name,
      trigger,
      by,
      date: this.#host.dateOf(now),
      startedAt: iso(now),
    })
    const stop = new AbortController()
    // Asked to stop before it was stored: told after its start, and not at all if the run never was.
    const tellStopping = () => active.started.then(() => this.#host.tell('run:stopping', copyOf(run))).catch(() => {})
    stop.signal.addEventListener('abort', () => void tellStopping(), { once: true })
    const active: Active = { run, stop, traceparent, hasPlace, started: Promise.resolve(), ended: Promise.resolve() }
    slot.active = active
    slot.memory.runs.push(run)
    active.started = this.#store.save(this.#memory).then(
      () => this.#host.tell('run:started', copyOf(run)),
      (error) => this.#undo(slot, active, waiting, error),
    )
    active.ended = active.started.then(
      () => this.#carryOut(slot, active),
      () => {},
    )
    return active
  }

  /** A run that could not be stored never was. Its task waits as before, unless it was stopped meanwhile. */
  #undo(slot: Slot, active: Active, waiting: WaitingEntry | null, error: unknown): never {
    slot.memory.runs.splice(slot.memory.runs.indexOf(active.run), 1)
    this.#vacate(slot, active)
    if (waiting === null || active.stop.signal.aborted || this.#closing) {
      this.#line.settle(slot.task.name)
    } else {
      const again = iso(this.#host.clock.now() + RETRY_MS)
      slot.memory.waiting = active.hasPlace ? { ...waiting, at: again } : waiting
      this.#wait(slot)
    }
    this.#admit()
    throw error
  }

  async #carryOut(slot: Slot, active: Active): Promise<void> {
    const { task, memory } = slot
    const { run } = active
    const { clock, logger, tracer, tell, historyLimit } = this.#host
    const ending = await execute(task, run, active.stop, clock, {
      trace: tracer.begin(run, active.traceparent),
      progressed: () => tell('run:progress', copyOf(run)),
      logged: (line) => tell('run:log', { task: task.name, runId: run.id, ...line }),
      warn: (message) => logger.warn({ task: task.name, runId: run.id }, message),
    })
    Object.assign(run, ending, { endedAt: iso(clock.now()) })
    if (run.outcome === 'completed') Object.assign(memory, { lastCompletedOn: run.date, lastCompletedAt: run.endedAt })
    memory.runs.splice(0, Math.max(0, memory.runs.length - historyLimit))
    await this.#remember()
    this.#vacate(slot, active)
    this.#line.settle(task.name)
    tell('run:ended', copyOf(run))
    this.#admit()
  }

  #vacate(slot: Slot, active: Active): void {
    slot.active = null
    if (active.hasPlace) this.#line.giveBack()
  }

  /** Stores what has already happened: a failure is logged and tried again until it is stored. Never rejects. */
  async #remember(): Promise<void> {
    if (this.#closed) return
    try {
      await this.#store.save(this.#memory)
    } catch (err) {
      this.#host.logger.error({ err }, 'What happened could not be stored; it is tried again in a minute.')
      this.#retry?.()
      this.#retry = this.#host.clock.callAfter(RETRY_MS, () => void this.#remember())
    }
  }
}

/** An id that is no longer among the runs is no instant, and nothing is older than it. */
function isBefore(startedAt: string, before: string): boolean {
  return Date.parse(startedAt) < Date.parse(before)
}

/** Marks what was running when the memory was last written: its process is gone, so nobody else will. */
function interrupt(memory: Memory, endedAt: string): Run[] {
  const cut = Object.values(memory.tasks).flatMap(({ runs }) => runs.filter(({ outcome }) => outcome === null))
  for (const run of cut) Object.assign(run, { outcome: 'interrupted', endedAt })
  return cut
}
