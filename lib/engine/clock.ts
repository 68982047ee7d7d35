/** A moment: milliseconds since 1970-01-01T00:00Z, as the wall clock tells it. */
export type Instant = number

/** Forgets a call that was asked for. Harmless afterwards. */
export type Cancel = () => void

/**
 * The only place that reads the time or sets a timer. Tests inject theirs (`fakeClock` in `express-butler/testing`).
 * Callbacks are called once, never in the same turn in which they were asked for, and must not throw.
 */
export interface Clock {
  /** What the wall clock shows. It can be stepped, in both directions. */
  now(): Instant
  /** Calls back when the wall clock shows `instant` or later: late after a suspend or a step, never lost, never early. */
  callAt(instant: Instant, callback: () => void): Cancel
  /** Calls back when `ms` milliseconds have passed, whatever the wall clock does meanwhile. */
  callAfter(ms: number, callback: () => void): Cancel
}
