import type { Clock } from './clock'

/** How long to wait for something to end. */
export interface Grace {
  clock: Clock
  /** In milliseconds. `null` waits for ever. */
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
  const cancel = graceMs === null ? undefined : clock.callAfter(graceMs, giveUp)
  signal?.addEventListener('abort', giveUp)
  try {
    return await Promise.race([ended.then(() => true), givenUp])
  } finally {
    cancel?.()
    signal?.removeEventListener('abort', giveUp)
  }
}
