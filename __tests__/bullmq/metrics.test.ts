import { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { bullmqQueue } from '../../lib/bullmq'
import { createButler } from '../../lib/butler'
import { butlerMetrics } from '../../lib/metrics'
import { describeWithRedis, ownPrefix, sharedRedis } from '../helpers/databases'
import { seriesOf } from '../helpers/exposition'
import { until } from '../helpers/until'
import { closedWindow } from '../helpers/windows'

jest.setTimeout(30_000)

describeWithRedis('on Redis', () => {
  test('of processes that share a queue each counts its own runs, and all tell the same of the tasks', async () => {
    const redis = await sharedRedis()
    const prefix = ownPrefix()
    const nodes = [1, 2].map(() => {
      const queue = bullmqQueue({ connection: redis, prefix })
      const butler = createButler({ tasks: { Scan: async () => {} }, window: closedWindow(), queue })
      const register = new Registry()
      butlerMetrics(butler, register)
      return { butler, register, ended: jest.fn() }
    })
    try {
      for (const { butler, ended } of nodes) {
        butler.on('run:ended', ended)
        await butler.open()
      }
      for (const run of [1, 2, 3]) {
        await nodes[run === 2 ? 1 : 0]?.butler.start('Scan')
        // A run that is told everywhere could be counted everywhere.
        for (const { ended } of nodes) await until(() => ended.mock.calls.length === run)
      }
      const all = (name: string, labels: Record<string, string>) =>
        Promise.all(nodes.map(({ register }) => seriesOf(register, name, { task: 'Scan', ...labels })))
      expect(await all('butler_runs_total', { outcome: 'completed' })).toEqual([2, 1])
      const [one, other] = await all('butler_task_last_success_timestamp_seconds', {})
      expect(one).toBeGreaterThan(0)
      expect(other).toBe(one)
    } finally {
      for (const { butler } of nodes) await butler.close()
      const client = new Redis(redis)
      const keys = await client.keys(`{${prefix}}:*`)
      if (keys.length > 0) await client.del(keys)
      await client.quit()
    }
  })
})
