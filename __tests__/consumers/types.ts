import express from 'express'
import { createButler, createButlerRouter } from 'express-butler'
import { createButlerDashboard } from 'express-butler/dashboard'
import { type ButlerMetrics, butlerMetrics } from 'express-butler/metrics'
import { openTelemetry } from 'express-butler/opentelemetry'
import { fakeClock } from 'express-butler/testing'
import { Registry, register } from 'prom-client'

const registry = createButler({ tasks: { SendReport: async ({ signal }) => signal.aborted }, clock: fakeClock() })
express().use('/butler', createButlerRouter({ registry }))
express().use('/ops', createButlerDashboard(registry, { authorize: (_req, right) => right === 'view' }))

createButler({ tasks: {}, tracer: openTelemetry() })

const metrics: ButlerMetrics = butlerMetrics(registry, new Registry())
butlerMetrics(registry, register, { prefix: 'shop_', buckets: [1, 60] })
metrics.unregister()

// @ts-expect-error No task has this name.
void registry.start('SendRaport')

// @ts-expect-error Who may do what must be said.
createButlerDashboard(registry, {})
