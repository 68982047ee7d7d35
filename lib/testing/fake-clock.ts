import type { Clock, Instant } from '../engine/clock'
import { WakeUps } from '../engine/wake-ups'

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Lets time pass: calls what falls due, in order, each at its own instant, and lets promises settle before and in between. Resolves when the
   * time has passed.
   */
  moveBy(ms: number): Promise<void>
  /** Lets time pass until an instant. */
  moveTo(instant: Date | string | number): Promise<void>
  /** Steps the wall clock, in either direction, while no time passes: an administrator, a time server, a machine that was suspended. */
  stepBy(ms: number): Promise<void>
}

/** A clock for tests. Default start: 2026-01-01T12:00Z. */
export function fakeClock(start: Date | string | number = '2026-01-01T12:00Z'): FakeClock {
  const byWall = new WakeUps()
  const byUptime = new WakeUps()
  let now: Instant = new Date(start).getTime()
  let uptime = 0

  async function callDue(): Promise<void> {
    for (;;) {
      const call = byWall.takeDue(now) ?? byUptime.takeDue(uptime)
      if (!call) return
      call()
      await settle()
    }
  }

  async function moveBy(ms: number): Promise<void> {
    await settle()
    const end = uptime + ms
    for (;;) {
      const next = Math.min(uptime + Math.max(0, byWall.first - now), byUptime.first, end)
      now += next - uptime
      uptime = next
      await callDue()
      if (uptime >= end) return
    }
  }

  return {
    now: () => now,
    callAt: (instant, callback) => byWall.add(instant, callback),
    callAfter: (ms, callback) => byUptime.add(uptime + ms, callback),
    moveBy,
    moveTo: (instant) => moveBy(new Date(instant).getTime() - now),
    async stepBy(ms) {
      now += ms
      await callDue()
    },
  }
}

/** Lets everything that waits only for promises go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
