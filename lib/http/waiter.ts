import type { ServerResponse } from 'node:http'

/** A client that waits for an answer. */
export interface Waiter {
  /** Aborts when nobody waits any more: the client hung up, or was told that it takes too long. Never once the answer has come. */
  readonly signal: AbortSignal
  /** Says that nobody waits any more. */
  giveUp(): void
  /** Says that the answer has come. */
  answered(): void
}

export function waiterOn(res: ServerResponse): Waiter {
  const controller = new AbortController()
  const giveUp = () => controller.abort()
  if (res.closed) giveUp()
  else res.once('close', giveUp)
  return { signal: controller.signal, giveUp, answered: () => res.off('close', giveUp) }
}
