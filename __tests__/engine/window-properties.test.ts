import fc from 'fast-check'
import { createCalendar, type MaintenanceWindow } from '../../lib/engine/window'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

// The definition of a night, taken at its word: look at the clock on the wall every minute. It asks nothing of the code under
// test, and reads the clock in another way. Slow, and right wherever clocks move on a whole minute, as all do since 1973.

/** What the clock on the wall shows, so that text order is time order: `2025-03-30 02:30`. */
function wallClock(timeZone: string): (instant: number) => string {
  const two = '2-digit'
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
  })
  const seen = new Map<number, string>()
  return (instant) => {
    const shown = seen.get(instant) ?? format.format(instant)
    seen.set(instant, shown)
    return shown
  }
}

function firstMinute(from: number, holds: (instant: number) => boolean): number {
  let instant = from
  while (!holds(instant)) instant += MINUTE
  return instant
}

const dateAfter = (date: string, days = 1) => new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10)

function nightByLooking({ opensAt, closesAt, timeZone }: MaintenanceWindow, date: string, shows = wallClock(timeZone)) {
  // Nobody is further ahead than 14 hours: nowhere has the date begun before this.
  const start = Date.parse(date) - 14 * HOUR
  if (!shows(firstMinute(start, (instant) => shows(instant) >= date)).startsWith(date)) return null
  const closingDate = closesAt > opensAt ? date : dateAfter(date)
  const opens = firstMinute(start, (instant) => shows(instant) >= `${date} ${opensAt}`)
  const closes = firstMinute(opens, (instant) => shows(instant) >= `${closingDate} ${closesAt}`)
  return { date, opensAt: opens, closesAt: closes > opens ? closes : opens + nominalLength(opensAt, closesAt) }
}

function nominalLength(opensAt: string, closesAt: string): number {
  const [from, to] = [opensAt, closesAt].map((time) => Date.parse(`1970-01-01T${time}Z`)) as [number, number]
  return to > from ? to - from : to + DAY - from
}

/** The dates between two years on whose noon the clock is another number of hours from UTC than the noon before. */
function datesOfMoves(timeZone: string, fromYear: number, toYear: number): string[] {
  const shows = wallClock(timeZone)
  const moves: string[] = []
  let before = ''
  for (let date = `${fromYear}-01-01`; date < `${toYear + 1}`; date = dateAfter(date)) {
    const noon = shows(Date.parse(`${date}T12:00Z`))
    if (before && noon.slice(10) !== before) moves.push(date)
    before = noon.slice(10)
  }
  return moves
}

const zones = [
  'Africa/Cairo Africa/Casablanca America/Goose_Bay America/Havana America/New_York America/Sao_Paulo America/Scoresbysund',
  'Antarctica/Troll Asia/Beirut Asia/Gaza Asia/Kathmandu Australia/Lord_Howe Australia/Sydney Europe/Berlin',
  'Pacific/Apia Pacific/Chatham Pacific/Kwajalein UTC',
].flatMap((names) => names.split(' '))

/** The dates that clocks have jumped over since 1990. */
const skipped = new Set(['2011-12-30 Pacific/Apia', '1993-08-21 Pacific/Kwajalein'])

const anyDate = fc
  .integer({ min: Date.parse('1990-01-01') / DAY, max: Date.parse('2037-12-31') / DAY })
  .map((days) => new Date(days * DAY).toISOString().slice(0, 10))

const anyTime = fc
  .oneof(
    fc.integer({ min: 0, max: 1439 }),
    fc.integer({ min: -8, max: 20 }).map((quarters) => (quarters * 15 + 1440) % 1440),
    fc.constantFrom(0, 1, 60, 61, 1380, 1381, 1439),
  )
  .map((minutes) => new Date(minutes * MINUTE).toISOString().slice(11, 16))

const anyWindow = (timeZone: string) =>
  fc.record({ opensAt: anyTime, closesAt: anyTime, timeZone: fc.constant(timeZone) })

const daysAbout = (dates: string[]) =>
  fc.tuple(fc.constantFrom(...dates), fc.integer({ min: -2, max: 1 })).map(([date, days]) => dateAfter(date, days))

/** A window and a date: two times out of three a date about a move of the clocks, or about a leap day. */
const anyNight = fc.oneof(
  ...zones.map((timeZone) => {
    const aboutMoves = daysAbout(['2000-02-29', ...datesOfMoves(timeZone, 1990, 2037)])
    return fc.record({ window: anyWindow(timeZone), date: fc.oneof(anyDate, aboutMoves, aboutMoves) })
  }),
)

const runs = (numRuns: number) => ({ seed: 20261123, numRuns })

test('the clock on the wall reads as text in the order of time', () => {
  expect(wallClock('Europe/Berlin')(Date.parse('2025-03-30T00:59Z'))).toBe('2025-03-30 01:59')
  expect(wallClock('Europe/Berlin')(Date.parse('2025-03-30T01:00Z'))).toBe('2025-03-30 03:00')
  expect(wallClock('America/Havana')(Date.parse('2025-11-02T05:00Z'))).toBe('2025-11-02 00:00')
})

test('every night is the one found by looking at the clock every minute', () => {
  fc.assert(
    fc.property(anyNight, ({ window, date }) => {
      expect(createCalendar(window).nightOn(date)).toEqual(nightByLooking(window, date))
    }),
    runs(500),
  )
})

test('every night is found from its opening until just before it closes', () => {
  fc.assert(
    fc.property(anyNight, ({ window, date }) => {
      const calendar = createCalendar(window)
      const night = calendar.nightOn(date)
      if (!night) return
      expect(night.closesAt).toBeGreaterThan(night.opensAt)
      expect(calendar.nightAt(night.opensAt)).toEqual(night)
      expect(calendar.nextNight(night.opensAt - 1)).toEqual(night)
      expect(calendar.nextNight(night.opensAt).opensAt).toBeGreaterThan(night.opensAt)
      const next = calendar.nextNight(night.opensAt)
      expect(calendar.nightAt(night.closesAt - 1)).toEqual(next.opensAt < night.closesAt ? next : night)
      expect(calendar.nightAt(night.closesAt)).toEqual(next.opensAt <= night.closesAt ? next : null)
      expect(calendar.nightAt(night.opensAt - 1)?.date).not.toBe(date)
    }),
    runs(800),
  )
})

test('any ten days have a night for every date that exists, in order, and no other', () => {
  fc.assert(
    fc.property(anyNight, ({ window, date }) => {
      const calendar = createCalendar(window)
      const dates = Array.from({ length: 10 }, (_, days) => dateAfter(date, days - 5))
      const existing = dates.filter((day) => !skipped.has(`${day} ${window.timeZone}`))
      const nights = dates.map((day) => calendar.nightOn(day)).filter((night) => night !== null)
      expect(nights.map((night) => night.date)).toEqual(existing)
      let instant = nights[0]!.opensAt - 1
      for (const night of nights) {
        expect(calendar.nextNight(instant)).toEqual(night)
        instant = night.opensAt
      }
    }),
    runs(400),
  )
})

test('between two nights there is none', () => {
  fc.assert(
    fc.property(anyNight, fc.integer({ min: -2 * DAY, max: 2 * DAY }), ({ window, date }, ms) => {
      const calendar = createCalendar(window)
      const instant = Date.parse(date) + ms
      const nights = [-3, -2, -1, 0, 1, 2, 3, 4].map((days) => calendar.nightOn(dateAfter(date, days)))
      const open = nights.filter((night) => night && night.opensAt <= instant && instant < night.closesAt)
      expect(calendar.nightAt(instant)).toEqual(open.at(-1) ?? null)
      expect(calendar.nextNight(instant)).toEqual(nights.find((night) => night && night.opensAt > instant))
    }),
    runs(1_000),
  )
})

test('the local date is what the clock on the wall says', () => {
  fc.assert(
    fc.property(anyNight, fc.integer({ min: -DAY, max: DAY }), ({ window, date }, ms) => {
      const instant = Date.parse(date) + ms
      expect(createCalendar(window).localDate(instant)).toBe(wallClock(window.timeZone)(instant).slice(0, 10))
    }),
    runs(500),
  )
})

test('no zone that Node knows has a move that is missed', () => {
  const windows = [
    ['02:00', '05:00'],
    ['00:30', '02:30'],
    ['23:30', '00:15'],
    ['23:59', '23:59'],
  ] as const
  const checked = Intl.supportedValuesOf('timeZone').flatMap((timeZone, index) => {
    const shows = wallClock(timeZone)
    const year = 1973 + ((index * 29) % 65)
    const [move] = datesOfMoves(timeZone, year, year)
    if (move === undefined) return []
    const nights = windows.flatMap(([opensAt, closesAt]) =>
      [-1, 0, 1].map((days) => ({ window: { opensAt, closesAt, timeZone }, date: dateAfter(move, days) })),
    )
    for (const { window, date } of nights) {
      expect([window, createCalendar(window).nightOn(date)]).toEqual([window, nightByLooking(window, date, shows)])
    }
    return nights
  })
  expect(checked.length).toBeGreaterThan(1_000)
})
