import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../lib/engine/clock'
import type { RunQueue } from '../../lib/engine/queue'
import { openProxy, type TestProxy } from './proxy'
import type { QueuePlace } from './queue-bench'

/** A place on a server: each queue has a line of its own to it, so that a process that is killed can be told by its silence. */
export async function placeOn(
  server: { host: string; port: number },
  create: (port: number) => RunQueue,
  tidy: () => Promise<void>,
): Promise<QueuePlace> {
  const lines: TestProxy[] = []
  const lineOf = new Map<RunQueue, TestProxy>()
  const crashed: RunQueue[] = []
  let next = await openProxy(server)
  lines.push(next)
  return {
    clock: systemClock(),
    create() {
      const queue = create(next.port)
      lineOf.set(queue, next)
      return queue
    },
    pass: (ms) => pause(Math.max(ms, 20)),
    async crash(queue) {
      lineOf.get(queue)?.cut()
      crashed.push(queue)
      next = await openProxy(server)
      lines.push(next)
    },
    async close() {
      for (const queue of crashed) await queue.close(0)
      for (const line of lines) await line.close()
      await tidy()
    },
  }
}
