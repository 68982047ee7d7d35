import type { Cancel, Clock } from './clock'

/** How long to wait for something to end. */
interface Grace {
  clock: Clock
  /** In milliseconds. `null` waits for ever; 0 waits only for what ends without anything else happening. */
  graceMs: number | null
  /** Ends the waiting early. */
  signal?: AbortSignal | undefined
}

/** Whether something ends within its grace time. `ended` must not reject. */
export async function endsWithin(ended: Promise<unknown>, { clock, graceMs, signal }: Grace): Promise<boolean> {
  if (signal?.aborted) return false
  let giveUp = () => {}
  const givenUp = new Promise<false>((resolve) => {
    giveUp = () => resolve(false)
  })
  const cancel = giveUpAfter(graceMs, clock, () => giveUp())
  signal?.addEventListener('abort', giveUp)
  try {
    return await Promise.race([ended.then(() => true), givenUp])
  } finally {
    cancel()
    signal?.removeEventListener('abort', giveUp)
  }
}

function giveUpAfter(graceMs: number | null, clock: Clock, giveUp: () => void): Cancel {
  if (graceMs === null) return () => {}
  if (graceMs > 0) return clock.callAfter(graceMs, giveUp)
  const immediate = setImmediate(giveUp)
  return () => clearImmediate(immediate)
}
