import type { Clock } from '../../lib/engine/clock'
import { NightWatch } from '../../lib/engine/night-watch'
import { createCalendar } from '../../lib/engine/window'
import { fakeClock } from '../../lib/testing/fake-clock'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const calendarOf = (opensAt: string, closesAt: string, timeZone = 'UTC') =>
  createCalendar({ opensAt, closesAt, timeZone })

/** A watch that looks from `at` on, and what it told: what happened, which night, and when the clock showed what. */
function aWatch(at: string, { calendar = calendarOf('02:00', '05:00'), decorate = (clock: Clock) => clock } = {}) {
  const clock = fakeClock(at)
  const told: string[] = []
  const tell = (what: string) => (night: { date: string }) =>
    void told.push(`${what} ${night.date} at ${new Date(clock.now()).toISOString().slice(0, 16)}`)
  const watch = new NightWatch(calendar, decorate(clock), { opened: tell('opened'), closed: tell('closed') })
  return { clock, told, watch }
}

describe('night after night', () => {
  test('it tells when the window opens and when it closes', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T12:00Z')
    watch.look()
    expect(told).toEqual([])
    await clock.moveTo('2026-01-17T00:00Z')
    expect(told).toEqual([
      'opened 2026-01-15 at 2026-01-15T02:00',
      'closed 2026-01-15 at 2026-01-15T05:00',
      'opened 2026-01-16 at 2026-01-16T02:00',
      'closed 2026-01-16 at 2026-01-16T05:00',
    ])
  })

  test('it knows which night is open', async () => {
    const { clock, watch } = aWatch('2026-01-14T12:00Z')
    watch.look()
    expect(watch.night).toBeNull()
    await clock.moveTo('2026-01-15T03:00Z')
    expect(watch.night?.date).toBe('2026-01-15')
    await clock.moveTo('2026-01-15T05:00Z')
    expect(watch.night).toBeNull()
  })

  test('a window of 24 hours closes and opens at the same instant', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T01:00Z', { calendar: calendarOf('02:00', '02:00') })
    watch.look()
    await clock.moveTo('2026-01-15T03:00Z')
    expect(told).toEqual([
      'opened 2026-01-13 at 2026-01-14T01:00',
      'closed 2026-01-13 at 2026-01-14T02:00',
      'opened 2026-01-14 at 2026-01-14T02:00',
      'closed 2026-01-14 at 2026-01-15T02:00',
      'opened 2026-01-15 at 2026-01-15T02:00',
    ])
  })

  test('a window over midnight keeps the date on which it opened', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T12:00Z', { calendar: calendarOf('23:00', '03:00') })
    watch.look()
    await clock.moveTo('2026-01-15T12:00Z')
    expect(told).toEqual(['opened 2026-01-14 at 2026-01-14T23:00', 'closed 2026-01-14 at 2026-01-15T03:00'])
  })

  test.each([
    ['when clocks go forward over it', '2026-03-28T12:00Z', '2026-03-29', '2026-03-29T01:00', '2026-03-29T03:00'],
    ['when clocks go back over it', '2026-10-24T12:00Z', '2026-10-25', '2026-10-25T00:00', '2026-10-25T04:00'],
  ])('%s in Berlin, it opens once and closes once', async (_, start, date, opens, closes) => {
    const { clock, told, watch } = aWatch(start, { calendar: calendarOf('02:00', '05:00', 'Europe/Berlin') })
    watch.look()
    await clock.moveBy(DAY)
    expect(told).toEqual([`opened ${date} at ${opens}`, `closed ${date} at ${closes}`])
  })

  test('every night of a year is told once', async () => {
    const { clock, told, watch } = aWatch('2026-01-01T00:00Z', {
      calendar: calendarOf('02:00', '05:00', 'Australia/Lord_Howe'),
    })
    watch.look()
    await clock.moveTo('2027-01-01T00:00Z')
    expect(told.filter((line) => line.startsWith('opened'))).toHaveLength(365)
    expect(told.filter((line) => line.startsWith('closed'))).toHaveLength(365)
    expect(new Set(told.map((line) => line.slice(0, 17))).size).toBe(730)
  })
})

describe('opened in the middle of a night', () => {
  test('it says so at once', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T03:00Z')
    watch.look()
    expect(told).toEqual(['opened 2026-01-14 at 2026-01-14T03:00'])
    await clock.moveBy(3 * HOUR)
    expect(told.slice(1)).toEqual(['closed 2026-01-14 at 2026-01-14T05:00'])
  })

  test('looking again changes nothing', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T03:00Z')
    watch.look()
    watch.look()
    watch.look()
    await clock.moveBy(3 * HOUR)
    expect(told).toHaveLength(2)
  })
})

describe('a wall clock that is stepped', () => {
  test('back by an hour inside the window leaves it open until it shows the closing time', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T01:00Z')
    watch.look()
    await clock.moveTo('2026-01-14T02:30Z')
    await clock.stepBy(-HOUR)
    await clock.moveTo('2026-01-14T12:00Z')
    expect(told).toEqual(['opened 2026-01-14 at 2026-01-14T02:00', 'closed 2026-01-14 at 2026-01-14T05:00'])
  })

  test('back by an hour after the window does not open it again', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T01:00Z')
    watch.look()
    await clock.moveTo('2026-01-14T05:30Z')
    await clock.stepBy(-HOUR)
    await clock.moveTo('2026-01-15T03:00Z')
    expect(told).toEqual([
      'opened 2026-01-14 at 2026-01-14T02:00',
      'closed 2026-01-14 at 2026-01-14T05:00',
      'opened 2026-01-15 at 2026-01-15T02:00',
    ])
  })

  test('back into the night before, after the window, opens neither of the two again', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T01:00Z')
    watch.look()
    await clock.moveTo('2026-01-14T05:30Z')
    await clock.stepBy(-DAY - 2 * HOUR)
    await clock.moveTo('2026-01-15T03:00Z')
    expect(told.slice(2)).toEqual(['opened 2026-01-15 at 2026-01-15T02:00'])
  })

  test('forward over the opening opens it late', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T01:00Z')
    watch.look()
    await clock.stepBy(2 * HOUR)
    expect(told).toEqual(['opened 2026-01-14 at 2026-01-14T03:00'])
  })

  test('forward over the closing closes it late', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T03:00Z')
    watch.look()
    await clock.stepBy(5 * HOUR)
    expect(told.slice(1)).toEqual(['closed 2026-01-14 at 2026-01-14T08:00'])
  })

  test('forward over the whole night tells nothing of it', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T01:00Z')
    watch.look()
    await clock.stepBy(11 * HOUR)
    expect(told).toEqual([])
    await clock.moveTo('2026-01-15T03:00Z')
    expect(told).toEqual(['opened 2026-01-15 at 2026-01-15T02:00'])
  })

  test('forward from one night into the next closes the one and opens the other', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T03:00Z')
    watch.look()
    await clock.stepBy(DAY)
    expect(told.slice(1)).toEqual(['closed 2026-01-14 at 2026-01-15T03:00', 'opened 2026-01-15 at 2026-01-15T03:00'])
  })
})

describe('a machine that was suspended', () => {
  test('from before the opening into the night opens it on waking', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T00:00Z')
    watch.look()
    await clock.stepBy(4 * HOUR + 30 * MINUTE)
    expect(told).toEqual(['opened 2026-01-14 at 2026-01-14T04:30'])
    await clock.moveBy(HOUR)
    expect(told.slice(1)).toEqual(['closed 2026-01-14 at 2026-01-14T05:00'])
  })

  test('through three nights makes up for none of them, and misses none after', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T12:00Z')
    watch.look()
    await clock.stepBy(3 * DAY)
    await clock.moveTo('2026-01-18T03:00Z')
    expect(told).toEqual(['opened 2026-01-18 at 2026-01-18T02:00'])
  })
})

describe('a clock that was wrong when the watch began', () => {
  test.each([
    ['years ahead, at noon', '2031-06-15T12:00Z', '2026-01-14T12:00Z'],
    ['years ahead, in a night', '2031-06-15T03:00Z', '2026-01-14T12:00Z'],
    ['years behind, at noon', '1970-01-01T12:00Z', '2026-01-14T12:00Z'],
    ['years behind, in a night', '1970-01-01T03:00Z', '2026-01-14T12:00Z'],
  ])('%s, misses no night once it has been set right', async (_, wrong, right) => {
    const { clock, told, watch } = aWatch(wrong)
    watch.look()
    await clock.moveBy(10 * MINUTE)
    const before = told.length
    await clock.stepBy(Date.parse(right) - clock.now())
    await clock.moveTo('2026-01-15T06:00Z')
    expect(told.slice(before).filter((line) => / 2026-\d\d-\d\d at/.test(line))).toEqual([
      'opened 2026-01-15 at 2026-01-15T02:00',
      'closed 2026-01-15 at 2026-01-15T05:00',
    ])
    expect(watch.night).toBeNull()
  })

  test.each(['2031-06-15T12:00Z', '2031-06-15T03:00Z'])('and showed %s, is found out within an hour', async (wrong) => {
    const { clock, told, watch } = aWatch(wrong)
    watch.look()
    await clock.stepBy(Date.parse('2026-01-14T02:30Z') - clock.now())
    await clock.moveBy(HOUR)
    expect(told.at(-1)).toBe('opened 2026-01-14 at 2026-01-14T03:30')
    expect(watch.night?.date).toBe('2026-01-14')
  })

  test('and opened a night that has not come yet, closes it', async () => {
    const { clock, told, watch } = aWatch('2031-06-15T03:00Z')
    watch.look()
    await clock.stepBy(Date.parse('2026-01-14T12:00Z') - clock.now())
    await clock.moveBy(HOUR)
    expect(told).toEqual(['opened 2031-06-15 at 2031-06-15T03:00', 'closed 2031-06-15 at 2026-01-14T13:00'])
  })
})

describe('a window that is moved', () => {
  test('away from now closes the night', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T03:00Z')
    watch.look()
    watch.move(calendarOf('22:00', '23:00'))
    expect(told.slice(1)).toEqual(['closed 2026-01-14 at 2026-01-14T03:00'])
    await clock.moveTo('2026-01-14T23:30Z')
    expect(told.slice(2)).toEqual(['opened 2026-01-14 at 2026-01-14T22:00', 'closed 2026-01-14 at 2026-01-14T23:00'])
  })

  test('to now opens the night', () => {
    const { told, watch } = aWatch('2026-01-14T12:00Z')
    watch.look()
    watch.move(calendarOf('11:00', '13:00'))
    expect(told).toEqual(['opened 2026-01-14 at 2026-01-14T12:00'])
  })

  test('while it is open lets the night begin anew', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T03:00Z')
    watch.look()
    watch.move(calendarOf('01:00', '08:00'))
    expect(told.slice(1)).toEqual(['opened 2026-01-14 at 2026-01-14T03:00'])
    await clock.moveTo('2026-01-14T12:00Z')
    expect(told.slice(2)).toEqual(['closed 2026-01-14 at 2026-01-14T08:00'])
  })

  test('to later on a night that is over lets it open once more', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T03:00Z')
    watch.look()
    await clock.moveTo('2026-01-14T06:00Z')
    watch.move(calendarOf('07:00', '08:00'))
    await clock.moveTo('2026-01-14T07:30Z')
    expect(told.slice(2)).toEqual(['opened 2026-01-14 at 2026-01-14T07:00'])
  })

  test('forgets the hours it had before', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T00:00Z')
    watch.look()
    watch.move(calendarOf('10:00', '11:00'))
    await clock.moveTo('2026-01-14T09:00Z')
    expect(told).toEqual([])
  })
})

describe('a watch that is stopped', () => {
  test('tells nothing any more', async () => {
    const { clock, told, watch } = aWatch('2026-01-14T00:00Z')
    watch.look()
    watch.stop()
    await clock.moveBy(3 * DAY)
    expect(told).toEqual([])
  })

  test('leaves nothing waiting', async () => {
    let waiting = 0
    const counted =
      (wait: Clock['callAt']): Clock['callAt'] =>
      (time, callback) => {
        waiting += 1
        const cancel = wait(time, callback)
        return () => {
          waiting -= 1
          cancel()
        }
      }
    const decorate = (clock: Clock) => ({
      ...clock,
      callAt: counted(clock.callAt),
      callAfter: counted(clock.callAfter),
    })
    const { clock, watch } = aWatch('2026-01-14T00:00Z', { decorate })
    watch.look()
    watch.look()
    expect(waiting).toBe(2)
    await clock.moveBy(3 * DAY)
    expect(waiting).toBe(2)
    watch.stop()
    expect(waiting).toBe(0)
    watch.stop()
    expect(waiting).toBe(0)
  })
})

test('an idle watch wakes once an hour', async () => {
  let calls = 0
  const counted =
    (wait: Clock['callAt']): Clock['callAt'] =>
    (time, callback) =>
      wait(time, () => {
        calls += 1
        callback()
      })
  const decorate = (clock: Clock) => ({ ...clock, callAt: counted(clock.callAt), callAfter: counted(clock.callAfter) })
  const { clock, watch } = aWatch('2026-01-14T06:00Z', { decorate })
  watch.look()
  await clock.moveBy(12 * HOUR)
  expect(calls).toBe(12)
})
