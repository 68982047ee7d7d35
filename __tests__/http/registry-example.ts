import express from 'express'
import { butlerErrorHandler, createButlerRouter, type TaskRegistry } from 'express-butler'

/** Any function that ends when its signal aborts. */
export type Job = (signal: AbortSignal) => Promise<void>

/** Your jobs, as the router needs them. */
export function registryOf(jobs: ReadonlyMap<string, Job>): TaskRegistry<string> {
  const names = [...jobs.keys()]
  const running = new Map<string, { stop(): void; ended: Promise<void> }>()

  const registry: TaskRegistry<string> = {
    taskNames: names,
    list: async () => names.map((name) => ({ name, enabled: true, state: running.has(name) ? 'running' : 'idle' })),
    start: async (name) => {
      if (running.has(name)) return 'already-running'
      const controller = new AbortController()
      const ended = Promise.resolve(controller.signal)
        .then(jobs.get(name))
        .catch((error) => controller.signal.aborted || console.error(`${name} failed`, error))
        .then(() => void running.delete(name))
      running.set(name, { stop: () => controller.abort(), ended })
      return 'started'
    },
    stop: async (name) => {
      const run = running.get(name)
      run?.stop()
      await run?.ended
      return run ? 'stopped' : 'not-running'
    },
    startAll: (request) => Promise.all(names.map((name) => registry.start(name, request))),
    stopAll: (request) => Promise.all(names.map((name) => registry.stop(name, request))),
  }
  return registry
}

/** `createApp(new Map([['SendDigest', sendDigest]])).listen(3000)` */
export function createApp(jobs: ReadonlyMap<string, Job>) {
  const app = express()
  app.use('/butler', createButlerRouter({ registry: registryOf(jobs) }))
  app.use(butlerErrorHandler)
  return app
}
