import { Gauge } from 'prom-client'
import { type TaskStatus, taskStates } from '../registry'
import type { MetricsSettings } from './options'

const SECONDS_A_DAY = 86_400

/**
 * What holds at the moment of a scrape, read from the Butler's records: right at once after a restart, and the same on every process
 * that shares a queue.
 */
export class Gauges {
  readonly #settings: MetricsSettings
  readonly #up: Gauge
  readonly #state: Gauge<'task' | 'state'>
  readonly #enabled: Gauge<'task'>
  readonly #interval: Gauge<'task'>
  readonly #lastSuccess: Gauge<'task'>
  #looking: Promise<void> | null = null

  constructor(settings: MetricsSettings) {
    const { register, prefix } = settings
    this.#settings = settings
    const gauge = <Label extends string>(name: string, help: string, labelNames: Label[], aggregator: 'max' | 'min') =>
      new Gauge<Label>({
        name: `${prefix}${name}`,
        help,
        labelNames,
        // What the workers of a cluster say of one Butler must not be added up.
        aggregator,
        registers: [register],
        collect: () => this.#look(),
      })
    this.#up = gauge(
      'up',
      'Whether the Butler answered this scrape: 1, else 0, and then its tasks are not told.',
      [],
      'min',
    )
    this.#state = gauge('task_state', '1 for the state that a task is in, 0 for the others.', ['task', 'state'], 'max')
    this.#enabled = gauge('task_enabled', 'Whether a task runs by itself: 1, else 0.', ['task'], 'max')
    this.#interval = gauge(
      'task_interval_seconds',
      'The longest that may lie between two nights in which a task runs by itself, in seconds.',
      ['task'],
      'max',
    )
    this.#lastSuccess = gauge(
      'task_last_success_timestamp_seconds',
      'When the last run of a task that completed ended, in seconds since 1970; 0: never.',
      ['task'],
      'max',
    )
  }

  /** All gauges of one scrape share one look. Never rejects: one metric that fails would cost the host all of them. */
  #look(): Promise<void> {
    this.#looking ??= this.#settings.butler
      .list()
      .then(
        (tasks) => this.#show(1, tasks),
        () => this.#show(0, []),
      )
      .finally(() => {
        this.#looking = null
      })
    return this.#looking
  }

  /** Tasks that are no longer known are no longer told. */
  #show(up: 0 | 1, tasks: readonly TaskStatus[]): void {
    this.#up.set(up)
    for (const gauge of [this.#state, this.#enabled, this.#interval, this.#lastSuccess]) gauge.reset()
    for (const { name: task, state, enabled, longestIntervalDays = 1, lastCompletedAt } of tasks) {
      for (const each of taskStates) this.#state.set({ task, state: each }, each === state ? 1 : 0)
      this.#enabled.set({ task }, enabled ? 1 : 0)
      this.#interval.set({ task }, longestIntervalDays * SECONDS_A_DAY)
      this.#lastSuccess.set({ task }, lastCompletedAt === undefined ? 0 : Date.parse(lastCompletedAt) / 1_000)
    }
  }
}
