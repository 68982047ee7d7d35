import type { Butler } from '../butler'
import { ButlerError } from '../errors'
import { Counts } from './counts'
import { Gauges } from './gauges'
import { type ButlerMetricsOptions, type MetricsRegister, type MetricsSettings, readMetricsOptions } from './options'

export interface ButlerMetrics {
  /** Stops counting, and takes the metrics out of the register. Calling it again does nothing. */
  unregister(): void
}

/** What the metrics are called, behind the prefix. */
const names = [
  'up',
  'task_state',
  'task_enabled',
  'task_interval_seconds',
  'task_last_success_timestamp_seconds',
  'runs_total',
  'run_duration_seconds',
  'refused_calls_total',
] as const

/**
 * Puts what a Butler does into a register of prom-client. Call it before `butler.open()`, so that runs which a crash cut are counted
 * when they are found. Counters tell of this process, from its start on: of processes that share a queue each counts the runs that it
 * ran. Gauges tell what the Butler knows, so there all of them say the same. Throws `BUTLER_INVALID_OPTIONS`.
 */
export function butlerMetrics<Name extends string>(
  butler: Butler<Name>,
  register: MetricsRegister,
  options?: ButlerMetricsOptions,
): ButlerMetrics {
  const settings = readMetricsOptions(butler, register, options)
  expectFree(settings)
  new Gauges(settings)
  const counts = new Counts(settings)
  const own = ownOf(settings)
  counts.begin()
  return {
    unregister() {
      counts.end()
      for (const [name, metric] of own.splice(0)) {
        if (register.getSingleMetric(name) === metric) register.removeSingleMetric(name)
      }
    },
  }
}

function ownOf({ register, prefix }: MetricsSettings) {
  return names.map((name) => [`${prefix}${name}`, register.getSingleMetric(`${prefix}${name}`)] as const)
}

/** Before anything is registered, so that a refusal leaves nothing behind. */
function expectFree(settings: MetricsSettings): void {
  const [taken] = ownOf(settings).filter(([, metric]) => metric !== undefined)
  if (taken === undefined) return
  throw new ButlerError(
    'BUTLER_INVALID_OPTIONS',
    `butlerMetrics(butler, register) found ${taken[0]} in the register already; expected one that no Butler is in. ` +
      'Call unregister() of the first, use another register, or give this one a prefix of its own.',
  )
}
