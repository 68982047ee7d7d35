import express, { type Express, type RequestHandler } from 'express'
import { createButlerDashboard } from '../../lib/dashboard'
import type { ButlerDashboardOptions } from '../../lib/dashboard/options'
import type { Memory } from '../../lib/engine/store'
import type { TaskDefinitions } from '../../lib/engine/task'
import type { MaintenanceWindow } from '../../lib/engine/window'
import type { FakeClock } from '../../lib/testing/fake-clock'
import { openButler } from './butler'

/** Some tasks of the catalogue and one of the host's own. */
export const someTasks = {
  BackupDatabase: async () => ({ bytes: 4096 }),
  CheckForUpdates: async () => {},
  GenerateMediaIndexFiles: async () => {},
} satisfies TaskDefinitions<string>

export interface Mounting extends Partial<ButlerDashboardOptions> {
  tasks?: TaskDefinitions<string>
  at?: string
  memory?: Memory
  clock?: FakeClock
  random?: () => number
  window?: MaintenanceWindow
  mountedAt?: string
  /** What the host has in front of it. */
  before?: RequestHandler[]
}

/** A host with a Butler that is open and a dashboard that lets everybody do everything, unless it is told otherwise. */
export async function openDashboard(mounting: Mounting = {}) {
  const { tasks = someTasks, at, memory, clock, random, window, mountedAt = '/ops', before = [], ...options } = mounting
  const chosen = { ...(random && { random }), ...(window && { window }) }
  const opened = await openButler<string>({ tasks, at, memory, clock, ...chosen })
  const dashboard = createButlerDashboard(opened.butler, { authorize: () => true, clock: opened.clock, ...options })
  const app: Express = express()
  for (const handler of before) app.use(handler)
  app.use(mountedAt, dashboard)
  return { ...opened, app }
}
