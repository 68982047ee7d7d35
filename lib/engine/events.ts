import { EventEmitter } from 'node:events'
import { expectThat } from '../options'
import type { Refusal } from '../registry'
import type { Logger } from './logger'
import type { Plan } from './plan'
import type { Run } from './run'
import type { Settings } from './settings'
import type { WaitingEntry } from './store'

/**
 * Whether a run is one of this process or of another one that shares the queue. Every run is told everywhere, and ends `here` in one
 * process: the one that ran it or, when that has died, the one that found it interrupted.
 */
export type Where = 'here' | 'elsewhere'

/** What a Butler tells, and what comes with it: copies, JSON-safe, instants as ISO 8601 strings. */
export interface ButlerEvents<Name extends string = string> {
  'task:scheduled': [entry: WaitingEntry]
  'task:queued': [entry: WaitingEntry]
  /** A waiting task was taken off the schedule: by a person, by a change of settings, or because its window closed. */
  'task:removed': [entry: WaitingEntry]
  'run:started': [run: Run<Name>, where: Where]
  /** At most four times a second for each run. */
  'run:progress': [run: Run<Name>, where: Where]
  'run:log': [line: { task: Name; runId: string; at: string; message: string }, where: Where]
  /** The run was asked to stop. */
  'run:stopping': [run: Run<Name>, where: Where]
  'run:ended': [run: Run<Name>, where: Where]
  'window:opened': [night: NonNullable<Plan['night']>]
  'window:closed': [night: NonNullable<Plan['night']>]
  /** The window or a start-all made a plan and carried it out. */
  'plan:made': [plan: Plan<Name>]
  'settings:changed': [settings: Settings<Name>]
  /** The router, or the dashboard, answered a call with an error. */
  'call:refused': [refusal: Refusal]
}

const told: Record<keyof ButlerEvents, true> = {
  'task:scheduled': true,
  'task:queued': true,
  'task:removed': true,
  'run:started': true,
  'run:progress': true,
  'run:log': true,
  'run:stopping': true,
  'run:ended': true,
  'window:opened': true,
  'window:closed': true,
  'plan:made': true,
  'settings:changed': true,
  'call:refused': true,
}

/** Everything that a Butler tells, by name. */
export const eventNames = Object.keys(told) as readonly (keyof ButlerEvents)[]

/** The last three are those of any emitter: `events.once` listens for errors, too. */
const expected: ReadonlySet<unknown> = new Set([...eventNames, 'error', 'newListener', 'removeListener'])

/** A misspelt event would be waited for in vain. Symbols are their owners' business. Throws `BUTLER_INVALID_OPTIONS`. */
function known<Event>(event: Event): Event {
  const holds = typeof event === 'symbol' || expected.has(event)
  expectThat(holds, 'butler.on(event)', event, `one of ${eventNames.join(', ')}`)
  return event
}

/** Of one of several events, what fits one of them. */
type Listener<Name extends string, Event extends keyof ButlerEvents<Name>> = Event extends unknown
  ? (...payload: ButlerEvents<Name>[Event]) => void
  : never

/**
 * An emitter of our events only. Spelt out, because the types of Node differ: from 25 on, an `EventEmitter<ButlerEvents>` takes every
 * other event too, and what fits it does not fit the ones before.
 */
interface Emitter<Name extends string> extends EventEmitter {
  on<Event extends keyof ButlerEvents<Name>>(event: Event, listener: Listener<Name, Event>): this
  addListener<Event extends keyof ButlerEvents<Name>>(event: Event, listener: Listener<Name, Event>): this
  once<Event extends keyof ButlerEvents<Name>>(event: Event, listener: Listener<Name, Event>): this
  prependListener<Event extends keyof ButlerEvents<Name>>(event: Event, listener: Listener<Name, Event>): this
  prependOnceListener<Event extends keyof ButlerEvents<Name>>(event: Event, listener: Listener<Name, Event>): this
  off<Event extends keyof ButlerEvents<Name>>(event: Event, listener: Listener<Name, Event>): this
  removeListener<Event extends keyof ButlerEvents<Name>>(event: Event, listener: Listener<Name, Event>): this
  emit<Event extends keyof ButlerEvents<Name>>(event: Event, ...payload: ButlerEvents<Name>[Event]): boolean
}

const Emitter = EventEmitter as unknown as new <Name extends string>() => Emitter<Name>

/** Tells one event to whoever listens. */
export type Tell = <Event extends keyof ButlerEvents>(event: Event, payload: ButlerEvents[Event][0]) => void

/**
 * An emitter whose listeners cannot hurt the one who emits: what they throw or reject with is logged. It takes listeners for its own
 * events only, and throws `BUTLER_INVALID_OPTIONS` for others.
 */
export class SafeEmitter<Name extends string> extends Emitter<Name> {
  readonly #logger: Logger

  constructor(logger: Logger) {
    super()
    this.#logger = logger
  }

  /** For a queue: tells what happens in this process, and what another process has told. */
  protected tellers(): { tell: Tell; passOn: Tell } {
    const from =
      (where: Where): Tell =>
      (event, payload) =>
        this.emit(event, ...((event.startsWith('run:') ? [payload, where] : [payload]) as never))
    return { tell: from('here'), passOn: from('elsewhere') }
  }

  /** For a router: tells that it answered a call with an error. */
  noteRefusal(refusal: Refusal): void {
    this.emit('call:refused', { ...refusal })
  }

  override on<Event extends keyof ButlerEvents<Name>>(event: Event, listener: Listener<Name, Event>): this {
    return super.on(known(event), listener)
  }

  override addListener<Event extends keyof ButlerEvents<Name>>(event: Event, listener: Listener<Name, Event>): this {
    return this.on(event, listener)
  }

  override prependListener<Event extends keyof ButlerEvents<Name>>(
    event: Event,
    listener: Listener<Name, Event>,
  ): this {
    return super.prependListener(known(event), listener)
  }

  override emit<Event extends keyof ButlerEvents<Name>>(event: Event, ...payload: ButlerEvents<Name>[Event]): boolean {
    const listeners = this.rawListeners(event)
    for (const listener of listeners) this.#call(event, listener, payload)
    return listeners.length > 0
  }

  async #call(event: string, listener: unknown, payload: unknown[]): Promise<void> {
    try {
      await Reflect.apply(listener as () => unknown, this, payload)
    } catch (error) {
      this.#logger.error({ event, err: error }, 'A listener failed; the Butler goes on.')
    }
  }
}
