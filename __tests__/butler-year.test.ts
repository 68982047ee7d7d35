import { createButler } from '../lib/butler'
import { weekdayOf } from '../lib/engine/date'
import { memoryStore } from '../lib/engine/store'
import { fakeClock } from '../lib/testing/fake-clock'

jest.setTimeout(60_000)

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Chance that is the same each time. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** The tasks of the year: what they are, and on which of the nights, counted from the first, they must run. */
const tasks = {
  Daily: { intervalDays: 1 },
  DailyRandom: { intervalDays: 1, randomized: true },
  EveryThird: { intervalDays: 3 },
  Weekly: { intervalDays: 7, randomized: true },
  Weekdays: { intervalDays: 1, weekdays: ['mon', 'wed', 'fri'] as const },
  Disabled: { enabled: false },
}

function mustRun(name: keyof typeof tasks, night: number, date: string): boolean {
  if (name === 'EveryThird') return night % 3 === 0
  if (name === 'Weekly') return night % 7 === 0
  if (name === 'Weekdays') return ['mon', 'wed', 'fri'].includes(weekdayOf(date))
  return name !== 'Disabled'
}

/** Lives through a year. `disturb` is called once a day, at noon, and may restart the Butler, step the clock or suspend the machine. */
async function liveAYear(
  window: { opensAt: string; closesAt: string; timeZone: string },
  disturb: (
    day: number,
    world: { restart(): Promise<void>; stepBy(ms: number): Promise<void> },
  ) => Promise<void> = async () => {},
) {
  const clock = fakeClock('2026-01-01T12:00Z')
  const runs: Record<string, string[]> = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]))
  const random = seeded(20_261_123)
  let memory = memoryStore()

  async function open() {
    const implemented = Object.fromEntries(
      Object.entries(tasks).map(([name, task]) => [name, { ...task, run: async () => name }]),
    )
    const butler = createButler({ tasks: implemented, window, clock, random, store: memory })
    butler.on('run:ended', ({ task, date, outcome }) => {
      if (outcome === 'completed') runs[task]?.push(date)
    })
    await butler.open()
    return butler
  }

  let butler = await open()
  async function restart() {
    await butler.close()
    memory = memoryStore(memory.memory() ?? undefined)
    butler = await open()
  }
  for (let day = 0; day < 365; day += 1) {
    await clock.moveTo(Date.parse('2026-01-01T12:00Z') + (day + 1) * DAY)
    await disturb(day, { restart, stepBy: clock.stepBy })
  }
  await clock.moveBy(2.5 * HOUR)
  await butler.close()
  return runs
}

/** The dates of all nights of the year, by a calendar that knows no clock: each date from the second of January. */
const dates = Array.from({ length: 365 }, (_, day) => new Date(Date.UTC(2026, 0, 2 + day)).toISOString().slice(0, 10))

function expected(nights: readonly string[]) {
  const names = Object.keys(tasks) as (keyof typeof tasks)[]
  return Object.fromEntries(names.map((name) => [name, nights.filter((date, night) => mustRun(name, night, date))]))
}

test.each([
  ['UTC', '02:00', '05:00'],
  ['Europe/Berlin', '02:00', '05:00'],
  ['America/New_York', '01:30', '02:30'],
  ['Australia/Lord_Howe', '01:45', '02:15'],
  ['America/Havana', '23:30', '00:30'],
])(
  'in a year in %s, with a window from %s to %s, every task runs on exactly the nights it should',
  async (timeZone, opensAt, closesAt) => {
    const runs = await liveAYear({ timeZone, opensAt, closesAt })
    const all = runs.Daily as string[]
    expect(all).toHaveLength(365)
    expect(all).toEqual(dates.map((date) => (all[0] === '2026-01-01' ? previous(date) : date)))
    expect(runs).toEqual(expected(all))
  },
)

test('restarts at any hour lose nothing and double nothing', async () => {
  const window = { opensAt: '10:00', closesAt: '14:00', timeZone: 'UTC' }
  const runs = await liveAYear(window, async (_day, { restart }) => restart())
  const all = runs.Daily as string[]
  expect(all).toHaveLength(366)
  expect(runs).toEqual(expected(all))
})

test('a clock that is stepped by an hour, to and fro, in the middle of the window loses nothing and doubles nothing', async () => {
  const window = { opensAt: '11:30', closesAt: '14:30', timeZone: 'UTC' }
  const runs = await liveAYear(window, async (day, { stepBy }) => {
    if (day % 10 === 3) await stepBy(-HOUR)
    if (day % 10 === 6) await stepBy(HOUR)
  })
  const all = runs.Daily as string[]
  expect(new Set(all).size).toBe(all.length)
  expect(runs).toEqual(expected(all))
})

test('a machine that sleeps through some nights misses those, makes nothing up by day, and goes on', async () => {
  const window = { opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' }
  const slept = new Set<number>()
  const runs = await liveAYear(window, async (day, { stepBy }) => {
    if (day % 30 !== 7) return
    slept.add(day)
    await stepBy(20 * HOUR)
  })
  const awake = dates.filter((_date, night) => !slept.has(night - 1))
  expect(runs.Daily).toEqual(awake)
  expect(runs.Weekdays).toEqual(awake.filter((date) => ['mon', 'wed', 'fri'].includes(weekdayOf(date))))
  expect(runs.Disabled).toEqual([])
})

function previous(date: string): string {
  return new Date(Date.parse(date) - DAY).toISOString().slice(0, 10)
}
