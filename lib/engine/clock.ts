import { expectThat } from '../options'
import { WakeUps } from './wake-ups'

/** A moment: milliseconds since 1970-01-01T00:00Z, as the wall clock tells it. */
export type Instant = number

/** An instant as JSON and people write it. */
export function iso(instant: Instant): string {
  return new Date(instant).toISOString()
}

/** Whether a text is a moment in ISO 8601, or its date alone: `Date` by itself takes "5" for a day in May 2001. */
export function isIsoInstant(text: string): boolean {
  return /^[+-]?\d{4,6}-\d\d-\d\d/.test(text) && Number.isFinite(Date.parse(text))
}

/** The moment that somebody means. Throws `BUTLER_INVALID_OPTIONS`. */
export function readInstant(subject: string, value: unknown): Instant {
  const isReadable =
    typeof value === 'string' ? isIsoInstant(value) : typeof value === 'number' || value instanceof Date
  const instant = isReadable ? new Date(value as Date | string | number).getTime() : Number.NaN
  expectThat(Number.isFinite(instant), subject, value, 'a Date, an ISO 8601 string or milliseconds since 1970')
  return instant
}

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

/** What is waited for, with the process kept alive until then: nothing else may be left that does. */
export async function awake<Result>(awaited: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => {}, LONGEST_SLEEP_MS)
  try {
    return await awaited
  } finally {
    clearInterval(timer)
  }
}

/** Longest sleep between two looks at the wall clock, so that a suspend or a step is noticed. */
const LONGEST_SLEEP_MS = 60_000

/**
 * The real time. However much waits, there is one timer, and it never keeps the process alive. It wakes for the earliest call
 * and, while anything waits, at least once a minute: waits have no upper limit, although Node's timers end at 2³¹ ms.
 */
export function systemClock(): Clock {
  const byWall = new WakeUps()
  const byUptime = new WakeUps()
  let timer: NodeJS.Timeout | undefined
  let armedFor = Number.POSITIVE_INFINITY

  function arm(): void {
    const left = Math.min(byWall.first - Date.now(), byUptime.first - performance.now())
    if (left === Number.POSITIVE_INFINITY) return
    const sleep = Math.min(Math.max(Math.ceil(left), 1), LONGEST_SLEEP_MS)
    if (performance.now() + sleep >= armedFor) return
    clearTimeout(timer)
    armedFor = performance.now() + sleep
    timer = setTimeout(wake, sleep).unref()
  }

  /** What is asked for meanwhile, however soon, has to wait for the next time: one who asks again and again must not hold up the rest. */
  function wake(): void {
    const [wallAsked, uptimeAsked] = [byWall.asked, byUptime.asked]
    const nextDue = () => byWall.takeDue(Date.now(), wallAsked) ?? byUptime.takeDue(performance.now(), uptimeAsked)
    armedFor = Number.POSITIVE_INFINITY
    try {
      for (let call = nextDue(); call; call = nextDue()) call()
    } finally {
      arm()
    }
  }

  function wait(wakeUps: WakeUps, at: number, callback: () => void): Cancel {
    const cancel = wakeUps.add(at, callback)
    arm()
    return cancel
  }

  return {
    now: () => Date.now(),
    callAt: (instant, callback) => wait(byWall, instant, callback),
    callAfter: (ms, callback) => wait(byUptime, performance.now() + ms, callback),
  }
}
