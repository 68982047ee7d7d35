import type { Registry } from 'prom-client'
import type { Butler } from '../butler'
import { checkMembers, expectThat, hasMethods } from '../options'

/** A register of prom-client, such as `new Registry()`, or the `register` that it brings. */
export type MetricsRegister = Pick<Registry, 'registerMetric' | 'getSingleMetric' | 'removeSingleMetric'>

export interface ButlerMetricsOptions {
  /** What the names of all metrics begin with, for a second Butler in the same register. Default: `butler_`. */
  prefix?: string
  /** Upper bounds of the histogram's buckets, in seconds, ascending. Default: from a second to six hours. */
  buckets?: readonly number[]
}

/** The arguments as they hold. */
export interface MetricsSettings {
  readonly butler: Butler
  readonly register: Registry
  readonly prefix: string
  readonly buckets: readonly number[]
}

const members = ['prefix', 'buckets'] as const satisfies readonly (keyof ButlerMetricsOptions)[]

const butlerMembers = ['list', 'on', 'off'] as const satisfies readonly (keyof Butler)[]

const registerMembers = [
  'registerMetric',
  'getSingleMetric',
  'removeSingleMetric',
] as const satisfies readonly (keyof MetricsRegister)[]

const MINUTE = 60
const HOUR = 60 * MINUTE

/** Housekeeping takes from no time to a whole night. */
const usualBuckets = [1, 10, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR / 2, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR]

/** Throws `BUTLER_INVALID_OPTIONS`, so that a mistake shows when the server starts. */
export function readMetricsOptions(
  butler: unknown,
  register: unknown,
  options: ButlerMetricsOptions = {},
): MetricsSettings {
  const subject = 'butlerMetrics(butler, register, options)'
  const isButler = hasMethods(butler, butlerMembers) && Array.isArray((butler as Butler).taskNames)
  expectThat(isButler, 'butlerMetrics(butler)', butler, 'what createButler() has made')
  expectThat(
    hasMethods(register, registerMembers),
    'butlerMetrics(butler, register)',
    register,
    'a register of prom-client, such as new Registry()',
  )
  checkMembers(subject, options, members)
  const { prefix = 'butler_', buckets = usualBuckets } = options
  const isPrefix = typeof prefix === 'string' && /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(prefix)
  expectThat(isPrefix, `${subject}.prefix`, prefix, 'letters, digits and "_", such as "shop_butler_"')
  expectThat(areBuckets(buckets), `${subject}.buckets`, buckets, 'seconds in ascending order, such as [1, 60, 3600]')
  return { butler: butler as Butler, register: register as Registry, prefix, buckets: [...buckets] }
}

function areBuckets(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false
  return value.every((bound, index) => Number.isFinite(bound) && (index === 0 || bound > value[index - 1]))
}
