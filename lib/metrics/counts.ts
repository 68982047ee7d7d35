import { Counter, Histogram } from 'prom-client'
import type { Where } from '../engine/events'
import type { Run } from '../engine/run'
import { statusOf } from '../errors'
import { outcomes, type Refusal } from '../registry'
import type { MetricsSettings } from './options'

/** How errors are labelled that are none of ours. */
const OTHER = 'other'

/** What is counted as it happens, each run in the one process whose run it is. */
export class Counts {
  readonly #settings: MetricsSettings
  readonly #runs: Counter<'task' | 'outcome'>
  readonly #durations: Histogram<'task'>
  readonly #refusals: Counter<'code'>

  constructor(settings: MetricsSettings) {
    const { register, prefix, buckets } = settings
    const registers = [register]
    this.#settings = settings
    this.#runs = new Counter({
      name: `${prefix}runs_total`,
      help: 'Runs that ended in this process, by task and outcome.',
      labelNames: ['task', 'outcome'],
      registers,
    })
    this.#durations = new Histogram({
      name: `${prefix}run_duration_seconds`,
      help: 'How long the runs of this process took, by task. Interrupted ones are left out: nobody knows when they ended.',
      labelNames: ['task'],
      buckets: [...buckets],
      registers,
    })
    this.#refusals = new Counter({
      name: `${prefix}refused_calls_total`,
      help: 'Calls over HTTP that this process answered with an error, by its code.',
      labelNames: ['code'],
      registers,
    })
  }

  /** Counts from now on. */
  begin(): void {
    const { butler } = this.#settings
    // A series that begins with 1 has not increased, as far as an alert can tell.
    for (const task of butler.taskNames) {
      this.#durations.zero({ task })
      for (const outcome of outcomes) this.#runs.inc({ task, outcome }, 0)
    }
    for (const code of [...Object.keys(statusOf), OTHER]) this.#refusals.inc({ code }, 0)
    butler.on('run:ended', this.#ended)
    butler.on('call:refused', this.#refused)
  }

  end(): void {
    const { butler } = this.#settings
    butler.off('run:ended', this.#ended)
    butler.off('call:refused', this.#refused)
  }

  readonly #ended = ({ task, outcome, startedAt, endedAt }: Run, where: Where): void => {
    if (where === 'elsewhere' || outcome === null || endedAt === null) return
    this.#runs.inc({ task, outcome })
    // A clock that was set back makes no run end before it began.
    const seconds = Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1_000
    if (outcome !== 'interrupted') this.#durations.observe({ task }, seconds)
  }

  readonly #refused = ({ code }: Refusal): void => {
    this.#refusals.inc({ code: code ?? OTHER })
  }
}
