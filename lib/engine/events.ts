import { EventEmitter } from 'node:events'
import type { Logger } from './logger'
import type { Plan } from './plan'
import type { Run } from './run'
import type { Settings } from './settings'
import type { WaitingEntry } from './store'

/** What a Butler tells, and what comes with it: copies, JSON-safe, instants as ISO 8601 strings. */
export interface ButlerEvents<Name extends string = string> {
  'task:scheduled': [entry: WaitingEntry]
  'task:queued': [entry: WaitingEntry]
  /** A waiting task was taken off the schedule: by a person, by a change of settings, or because its window closed. */
  'task:removed': [entry: WaitingEntry]
  'run:started': [run: Run<Name>]
  /** At most four times a second for each run. */
  'run:progress': [run: Run<Name>]
  'run:log': [line: { task: Name; runId: string; at: string; message: string }]
  /** The run was asked to stop. */
  'run:stopping': [run: Run<Name>]
  'run:ended': [run: Run<Name>]
  'window:opened': [night: NonNullable<Plan['night']>]
  'window:closed': [night: NonNullable<Plan['night']>]
  /** The window or a start-all made a plan and carried it out. */
  'plan:made': [plan: Plan<Name>]
  'settings:changed': [settings: Settings<Name>]
}

/** Tells one event to whoever listens. */
export type Tell = <Event extends keyof ButlerEvents>(event: Event, ...payload: ButlerEvents[Event]) => void

/** An emitter whose listeners cannot hurt the one who emits: what they throw or reject with is logged. */
export class SafeEmitter<Name extends string> extends EventEmitter<ButlerEvents<Name>> {
  readonly #logger: Logger

  constructor(logger: Logger) {
    super()
    this.#logger = logger
  }

  override emit<Event>(
    event: keyof ButlerEvents<Name> | Event,
    ...payload: Event extends keyof ButlerEvents<Name> ? ButlerEvents<Name>[Event] : never
  ): boolean {
    const listeners = this.rawListeners(event as keyof ButlerEvents<Name>)
    for (const listener of listeners) this.#call(String(event), listener, payload)
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
