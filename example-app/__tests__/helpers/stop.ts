import { allGone } from './processes'
import { until } from './until'

/**
 * Stops a run in the middle: as soon as something holds that no event tells. It ends within a second, and nothing that it started
 * outlives it.
 */
export async function stopOnce(holds: () => boolean, run: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const stop = new AbortController()
  const running = run(stop.signal)
  await until(holds, running)
  const askedAt = Date.now()
  stop.abort(new Error('stop'))
  await expect(running).rejects.toThrow('stop')
  await allGone()
  expect(Date.now() - askedAt).toBeLessThan(1_000)
}
