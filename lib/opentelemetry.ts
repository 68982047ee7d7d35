import { expectPeer } from './optional-peer'

// Before whatever loads it, too: what is compiled loads in the order in which it is written.
expectPeer('express-butler/opentelemetry', '@opentelemetry/api', () => require('@opentelemetry/api'))

export { type OpenTelemetryOptions, openTelemetry } from './opentelemetry/open-telemetry'
