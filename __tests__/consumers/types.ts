import { type EventEmitter, once } from 'node:events'
import express from 'express'
import { createButler, createButlerRouter, refuseOtherOrigins } from 'express-butler'
import { createButlerDashboard } from 'express-butler/dashboard'
import { type ButlerMetrics, butlerMetrics } from 'express-butler/metrics'
import { openTelemetry } from 'express-butler/opentelemetry'
import { fakeClock } from 'express-butler/testing'
import { Registry, register } from 'prom-client'

const registry = createButler({ tasks: { SendReport: async ({ signal }) => signal.aborted }, clock: fakeClock() })
express().use('/butler', createButlerRouter({ registry }))
express().use('/ops', createButlerDashboard(registry, { authorize: (_req, right) => right === 'view' }))

const app = express()
app.use(refuseOtherOrigins({ allowedOrigins: ['https://admin.example.com'] }))
app.post('/out/:name', refuseOtherOrigins(), (req, res) => void res.send(req.params.name satisfies string))

registry.on('run:ended', ({ task, outcome }, where) => [task satisfies 'SendReport', outcome, where satisfies string])
registry.once('window:opened', ({ date }) => date satisfies string)
for (const event of ['run:started', 'run:ended'] as const)
  registry.off(event, ({ task }) => task satisfies 'SendReport')
void once(registry satisfies EventEmitter, 'run:ended')

createButler({ tasks: {}, tracer: openTelemetry() })

const metrics: ButlerMetrics = butlerMetrics(registry, new Registry())
butlerMetrics(registry, register, { prefix: 'shop_', buckets: [1, 60] })
metrics.unregister()

// @ts-expect-error No task has this name.
void registry.start('SendRaport')

// @ts-expect-error There is no such event.
registry.on('run:endet', () => {})

// @ts-expect-error Nor to listen to once.
registry.once('run:endet', () => {})

// @ts-expect-error There is no such option.
refuseOtherOrigins({ origins: [] })

// @ts-expect-error Who may do what must be said.
createButlerDashboard(registry, {})
