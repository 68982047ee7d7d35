import { type Clock, iso, readInstant } from '../engine/clock'
import { WakeUps } from '../engine/wake-ups'
import { expectThat } from '../options'

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Lets time pass: calls what falls due, in order, each at its own instant, and lets promises settle before and in between. Resolves when the
   * time has passed. Time does not go back. Rejects with `BUTLER_INVALID_OPTIONS`, as all three do.
   */
  moveBy(ms: number): Promise<void>
  /** Lets time pass until an instant. */
  moveTo(instant: Date | string | number): Promise<void>
  /** Steps the wall clock, in either direction, while no time passes: an administrator, a time server, a machine that was suspended. */
  stepBy(ms: number): Promise<void>
}

/** A clock for tests. Default start: 2026-01-01T12:00Z. Throws `BUTLER_INVALID_OPTIONS`. */
export function fakeClock(start: Date | string | number = '2026-01-01T12:00Z'): FakeClock {
  const byWall = new WakeUps()
  const byUptime = new WakeUps()
  let now = readInstant('fakeClock(start)', start)
  let uptime = 0

  async function callDue(): Promise<void> {
    for (;;) {
      const call = byWall.takeDue(now) ?? byUptime.takeDue(uptime)
      if (!call) return
      call()
      await settle()
    }
  }

  async function pass(ms: number): Promise<void> {
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
    async moveBy(ms) {
      const holds = Number.isFinite(ms) && ms >= 0
      expectThat(holds, 'moveBy(ms)', ms, 'milliseconds, not negative; to go back, step the wall clock: stepBy(ms)')
      await pass(ms)
    },
    async moveTo(instant) {
      const ms = readInstant('moveTo(instant)', instant) - now
      const expected = `an instant from ${iso(now)} on, which it shows; to go back, step the wall clock: stepBy(ms)`
      expectThat(ms >= 0, 'moveTo(instant)', instant, expected)
      await pass(ms)
    },
    async stepBy(ms) {
      expectThat(Number.isFinite(ms), 'stepBy(ms)', ms, 'milliseconds, negative to go back')
      now += ms
      await callDue()
    },
  }
}

/** Lets everything that waits only for promises go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
