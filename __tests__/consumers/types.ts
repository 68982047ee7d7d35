import express from 'express'
import { createButler, createButlerRouter } from 'express-butler'
import { createButlerDashboard } from 'express-butler/dashboard'
import { fakeClock } from 'express-butler/testing'

const registry = createButler({ tasks: { SendReport: async ({ signal }) => signal.aborted }, clock: fakeClock() })
express().use('/butler', createButlerRouter({ registry }))
express().use('/ops', createButlerDashboard(registry, { authorize: (_req, right) => right === 'view' }))

// @ts-expect-error No task has this name.
void registry.start('SendRaport')

// @ts-expect-error Who may do what must be said.
createButlerDashboard(registry, {})
