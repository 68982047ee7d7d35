import { expectPeer } from './optional-peer'

// Before whatever loads it, too: what is compiled loads in the order in which it is written.
expectPeer('express-butler/metrics', 'prom-client', () => require('prom-client'))

export { type ButlerMetrics, butlerMetrics } from './metrics/butler-metrics'
export type { ButlerMetricsOptions, MetricsRegister } from './metrics/options'
