import type { Server } from 'node:http'
import { type Mounting, openDashboard } from './dashboard'
import { aFortnight } from './fortnight'
import { close, listen } from './http'

const opened: { server: Server; timer: NodeJS.Timeout }[] = []

afterEach(async () => {
  for (const { server, timer } of opened.splice(0)) {
    clearInterval(timer)
    await close(server)
  }
})

/** The morning after the last night of the fortnight. */
export const MORNING = '2026-01-14T08:10Z'

/** A dashboard with a fortnight behind it that a real browser can reach; its time goes on as ours does. */
export async function serveDashboard(mounting: Mounting = {}) {
  const memory = aFortnight('2026-01-14')
  const names = Object.keys(memory.tasks)
  const tasks = { ...Object.fromEntries(names.map((name) => [name, async () => {}])), ...mounting.tasks }
  const host = await openDashboard({ at: MORNING, memory, ...mounting, tasks })
  const { server, port } = await listen(host.app)
  const timer = setInterval(() => void host.clock.moveBy(50), 50)
  opened.push({ server, timer })
  return { ...host, server, port, url: `http://127.0.0.1:${port}${mounting.mountedAt ?? '/ops'}/` }
}
