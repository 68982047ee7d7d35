import { iso, systemClock } from '../../lib/engine/clock'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.parse('2026-01-14T12:00Z')

beforeEach(() => {
  jest.useFakeTimers({ now: START })
})

afterEach(() => {
  jest.useRealTimers()
  jest.restoreAllMocks()
})

/** A clock whose callbacks note what the wall clock shows when they are called, counted from the start. */
function aClock() {
  const clock = systemClock()
  const called: [name: string, ms: number][] = []
  const note = (name: string) => () => void called.push([name, clock.now() - START])
  return {
    clock,
    called,
    callAt: (name: string, ms: number) => clock.callAt(START + ms, note(name)),
    callAfter: (name: string, ms: number) => clock.callAfter(ms, note(name)),
  }
}

/** Steps the wall clock while no time passes. */
function stepBy(ms: number): void {
  jest.setSystemTime(Date.now() + ms)
}

test('an instant is written as ISO 8601', () => {
  expect(iso(START)).toBe('2026-01-14T12:00:00.000Z')
})

test('shows what the wall clock shows', () => {
  const { clock } = aClock()
  expect(clock.now()).toBe(START)
  stepBy(-HOUR)
  expect(clock.now()).toBe(START - HOUR)
})

test('calls at the instant, once, and not a millisecond early', () => {
  const { called, callAt } = aClock()
  callAt('backup', 10 * SECOND)
  jest.advanceTimersByTime(10 * SECOND - 1)
  expect(called).toEqual([])
  jest.advanceTimersByTime(1)
  expect(called).toEqual([['backup', 10 * SECOND]])
  jest.advanceTimersByTime(DAY)
  expect(called).toHaveLength(1)
})

test('calls when so much time has passed', () => {
  const { called, callAfter } = aClock()
  callAfter('timeout', 90 * SECOND)
  jest.advanceTimersByTime(90 * SECOND - 1)
  expect(called).toEqual([])
  jest.advanceTimersByTime(1)
  expect(called).toEqual([['timeout', 90 * SECOND]])
})

test('calls the earliest first, and those of one instant in the order of asking', () => {
  const { called, callAt, callAfter } = aClock()
  callAt('third', 2 * SECOND)
  callAfter('last', 3 * SECOND)
  callAt('first', 1 * SECOND)
  callAt('fourth', 2 * SECOND)
  callAfter('second', 1.5 * SECOND)
  jest.advanceTimersByTime(3 * SECOND)
  expect(called.map(([name]) => name)).toEqual(['first', 'second', 'third', 'fourth', 'last'])
})

test('a nearer instant that is asked for later does not wait for the farther one', () => {
  const { called, callAt } = aClock()
  callAt('far', 50 * SECOND)
  callAt('near', 1 * SECOND)
  jest.advanceTimersByTime(1 * SECOND)
  expect(called).toEqual([['near', 1 * SECOND]])
})

describe('never in the same turn', () => {
  test.each([0, -1, -DAY])('an instant that is %i ms away is called soon afterwards', (ms) => {
    const { called, callAt } = aClock()
    callAt('late', ms)
    expect(called).toEqual([])
    jest.advanceTimersByTime(1)
    expect(called).toHaveLength(1)
  })

  test('no time at all is over soon afterwards', () => {
    const { called, callAfter } = aClock()
    callAfter('now', 0)
    expect(called).toEqual([])
    jest.advanceTimersByTime(1)
    expect(called).toHaveLength(1)
  })

  test.each(['callAt', 'callAfter'] as const)(
    'a call of %s that asks for itself again lets others have their turn',
    (ask) => {
      const clock = systemClock()
      let calls = 0
      const again = () => {
        calls += 1
        if (ask === 'callAt') clock.callAt(clock.now(), again)
        else clock.callAfter(0, again)
        if (calls > 50) throw new Error('It was called again and again in one turn.')
      }
      clock.callAfter(0, again)
      jest.advanceTimersByTime(1)
      expect(calls).toBe(1)
      jest.advanceTimersByTime(1)
      expect(calls).toBe(2)
    },
  )
})

describe('waits beyond what a timer of Node can hold', () => {
  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 60 * DAY])('%i ms are waited for in full', (ms) => {
    const { called, callAt, callAfter } = aClock()
    callAt('at', ms)
    callAfter('after', ms)
    jest.advanceTimersByTime(ms - 1)
    expect(called).toEqual([])
    jest.advanceTimersByTime(1)
    expect(called).toEqual([
      ['at', ms],
      ['after', ms],
    ])
  })

  test('an instant in a thousand years asks no timer for more than a minute', () => {
    const setTimeout = jest.spyOn(globalThis, 'setTimeout')
    const { callAt } = aClock()
    callAt('far', 1_000 * 365 * DAY)
    jest.advanceTimersByTime(10 * MINUTE)
    for (const [, delay] of setTimeout.mock.calls) expect(delay).toBeLessThanOrEqual(MINUTE)
  })
})

describe('a wall clock that is stepped', () => {
  test('forward makes a call late by a minute at most, and loses none', () => {
    const { called, callAt } = aClock()
    callAt('tonight', 14 * HOUR)
    jest.advanceTimersByTime(10 * SECOND)
    stepBy(20 * HOUR)
    jest.advanceTimersByTime(MINUTE)
    expect(called.map(([name]) => name)).toEqual(['tonight'])
    const [, at] = called[0]!
    expect(at).toBeLessThanOrEqual(20 * HOUR + 10 * SECOND + MINUTE)
  })

  test('backward makes no call early and doubles none', () => {
    const { called, callAt } = aClock()
    callAt('backup', 10 * MINUTE)
    jest.advanceTimersByTime(9 * MINUTE)
    stepBy(-HOUR)
    jest.advanceTimersByTime(HOUR + MINUTE - 1)
    expect(called).toEqual([])
    jest.advanceTimersByTime(1)
    expect(called).toEqual([['backup', 10 * MINUTE]])
    stepBy(-HOUR)
    jest.advanceTimersByTime(2 * HOUR)
    expect(called).toHaveLength(1)
  })

  test('backward by a hair, just before the timer fires, makes no call early', () => {
    const { called, callAt } = aClock()
    callAt('backup', 10 * SECOND)
    jest.advanceTimersByTime(9 * SECOND)
    stepBy(-2)
    jest.advanceTimersByTime(1 * SECOND)
    expect(called).toEqual([])
    jest.advanceTimersByTime(2)
    expect(called).toEqual([['backup', 10 * SECOND]])
  })

  test.each([-HOUR, HOUR])('by %i ms changes nothing of a length of time', (step) => {
    const { called, callAfter } = aClock()
    callAfter('timeout', 10 * MINUTE)
    jest.advanceTimersByTime(5 * MINUTE)
    stepBy(step)
    jest.advanceTimersByTime(5 * MINUTE - 1)
    expect(called).toEqual([])
    jest.advanceTimersByTime(1)
    expect(called).toEqual([['timeout', 10 * MINUTE + step]])
  })

  test('all that came due at once is called in order', () => {
    const { called, callAt } = aClock()
    callAt('second', 2 * HOUR)
    callAt('first', 1 * HOUR)
    callAt('tomorrow', DAY)
    stepBy(3 * HOUR)
    jest.advanceTimersByTime(MINUTE)
    expect(called.map(([name]) => name)).toEqual(['first', 'second'])
  })
})

describe('cancelling', () => {
  test('forgets the call', () => {
    const { called, callAt, callAfter } = aClock()
    const cancels = [callAt('at', 10 * SECOND), callAfter('after', 10 * SECOND)]
    for (const cancel of cancels) cancel()
    jest.advanceTimersByTime(HOUR)
    expect(called).toEqual([])
  })

  test('is harmless afterwards, and twice', () => {
    const { called, callAt } = aClock()
    const cancel = callAt('first', 10 * SECOND)
    callAt('second', 20 * SECOND)
    jest.advanceTimersByTime(10 * SECOND)
    cancel()
    cancel()
    jest.advanceTimersByTime(10 * SECOND)
    expect(called.map(([name]) => name)).toEqual(['first', 'second'])
  })

  test('reaches a call of the same instant', () => {
    const { clock, called, callAt } = aClock()
    let cancel = () => {}
    clock.callAt(START + 10, () => cancel())
    cancel = callAt('cancelled', 10)
    jest.advanceTimersByTime(MINUTE)
    expect(called).toEqual([])
  })
})

describe('timers', () => {
  test('there is one, however much waits', () => {
    const { callAt, callAfter } = aClock()
    for (let index = 0; index < 100; index++) {
      callAt('at', index * MINUTE)
      callAfter('after', (100 - index) * MINUTE)
      expect(jest.getTimerCount()).toBe(1)
    }
  })

  test('wake once a minute while something far away waits', () => {
    const setTimeout = jest.spyOn(globalThis, 'setTimeout')
    const { callAt } = aClock()
    callAt('far', DAY)
    jest.advanceTimersByTime(HOUR - 1)
    expect(setTimeout).toHaveBeenCalledTimes(60)
  })

  test('there is none when nothing was asked for, nor after everything was called', () => {
    const { callAt } = aClock()
    expect(jest.getTimerCount()).toBe(0)
    callAt('backup', 10 * SECOND)
    jest.advanceTimersByTime(10 * SECOND)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('there is none a minute after all was cancelled', () => {
    const { callAt } = aClock()
    callAt('backup', DAY)()
    jest.advanceTimersByTime(MINUTE)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('never keep the process alive', () => {
    jest.useRealTimers()
    const setTimeout = jest.spyOn(globalThis, 'setTimeout')
    const cancel = systemClock().callAfter(MINUTE, () => {})
    expect(setTimeout.mock.results.map(({ value }) => value.hasRef())).toEqual([false])
    clearTimeout(setTimeout.mock.results[0]!.value)
    cancel()
  })
})

test('a callback that throws takes nobody with it', () => {
  const { clock, called, callAt } = aClock()
  clock.callAt(START + 10, () => {
    throw new Error('A callback must not throw.')
  })
  callAt('of the same instant', 10)
  callAt('later', 20)
  expect(() => jest.advanceTimersByTime(10)).toThrow('A callback must not throw.')
  jest.advanceTimersByTime(10)
  expect(called.map(([name]) => name)).toEqual(['of the same instant', 'later'])
})
