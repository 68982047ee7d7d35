import express from 'express'
import { createButler, createButlerRouter } from 'express-butler'
import { fakeClock } from 'express-butler/testing'

const registry = createButler({ tasks: { SendReport: async ({ signal }) => signal.aborted }, clock: fakeClock() })
express().use('/butler', createButlerRouter({ registry }))

// @ts-expect-error No task has this name.
void registry.start('SendRaport')
