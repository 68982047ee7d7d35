export { type ButlerMetrics, butlerMetrics } from './metrics/butler-metrics'
export type { ButlerMetricsOptions, MetricsRegister } from './metrics/options'
