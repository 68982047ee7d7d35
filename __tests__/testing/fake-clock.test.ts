import { fakeClock } from '../../lib/testing/fake-clock'

const HOUR = 3_600_000

/** A clock, and who was called when. */
function aClock(start?: Parameters<typeof fakeClock>[0]) {
  const clock = fakeClock(start)
  const called: string[] = []
  const note = (name: string) => () =>
    void called.push(`${name} at ${new Date(clock.now()).toISOString().slice(11, 23)}`)
  return { clock, called, note }
}

test.each([
  [undefined, '2026-01-01T12:00:00.000Z'],
  ['2026-03-29T02:30+01:00', '2026-03-29T01:30:00.000Z'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [1_000, '1970-01-01T00:00:01.000Z'],
])('started with %p, it stands still at %s', async (start, shows) => {
  const clock = fakeClock(start)
  expect(new Date(clock.now()).toISOString()).toBe(shows)
  await new Promise((resolve) => setImmediate(resolve))
  expect(new Date(clock.now()).toISOString()).toBe(shows)
})

test.each<[string, () => unknown]>([
  ['fakeClock(start) is "yesterday"; expected a Date, an ISO 8601 string', () => fakeClock('yesterday')],
  ['fakeClock(start) is "5"', () => fakeClock('5')],
  ['fakeClock(start) is null', () => fakeClock(null as never)],
  ['fakeClock(start) is Invalid Date', () => fakeClock(new Date(Number.NaN))],
  ['moveTo(instant) is "tomorrow"; expected a Date, an ISO 8601 string', () => fakeClock().moveTo('tomorrow')],
  ['moveTo(instant) is NaN', () => fakeClock().moveTo(Number.NaN)],
  [
    'moveTo(instant) is "2025-12-31T12:00Z"; expected an instant from 2026-01-01T12:00:00.000Z on',
    () => fakeClock().moveTo('2025-12-31T12:00Z'),
  ],
  ['moveBy(ms) is "5"; expected milliseconds', () => fakeClock().moveBy('5' as never)],
  ['moveBy(ms) is NaN', () => fakeClock().moveBy(Number.NaN)],
  ['moveBy(ms) is Infinity', () => fakeClock().moveBy(Number.POSITIVE_INFINITY)],
  ['moveBy(ms) is -1; expected milliseconds, not negative; to go back, step', () => fakeClock().moveBy(-1)],
  ['stepBy(ms) is "5"; expected milliseconds', () => fakeClock().stepBy('5' as never)],
])('refuses what is no time: %s', async (message, ask) => {
  const refusal = { code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining(message) }
  await expect((async () => ask())()).rejects.toMatchObject(refusal)
})

describe('letting time pass', () => {
  test('calls what falls due, in order, each at its own instant', async () => {
    const { clock, called, note } = aClock()
    clock.callAt(clock.now() + 3_000, note('third'))
    clock.callAfter(1_000, note('first'))
    clock.callAt(clock.now() + 2_000, note('second'))
    clock.callAfter(2_000, note('also second'))
    clock.callAfter(4_001, note('too late'))
    await clock.moveBy(4_000)
    expect(called).toEqual([
      'first at 12:00:01.000',
      'second at 12:00:02.000',
      'also second at 12:00:02.000',
      'third at 12:00:03.000',
    ])
    expect(new Date(clock.now()).toISOString()).toBe('2026-01-01T12:00:04.000Z')
  })

  test('until an instant is the same', async () => {
    const { clock, called, note } = aClock()
    clock.callAt(clock.now() + HOUR, note('backup'))
    await clock.moveTo('2026-01-01T12:59:59.999Z')
    expect(called).toEqual([])
    await clock.moveTo(new Date('2026-01-01T13:00Z'))
    expect(called).toEqual(['backup at 13:00:00.000'])
  })

  test('calls what is asked for meanwhile, if it falls due', async () => {
    const { clock, called, note } = aClock()
    clock.callAfter(1_000, () => {
      note('first')()
      clock.callAfter(1_000, note('second'))
      clock.callAfter(5_000, note('too late'))
    })
    await clock.moveBy(3_000)
    expect(called).toEqual(['first at 12:00:01.000', 'second at 12:00:02.000'])
  })

  test('lets promises settle before it begins, between two calls, and before it says that it is done', async () => {
    const { clock, called, note } = aClock()
    const afterSomePromises = async (name: string) => {
      for (let index = 0; index < 20; index++) await Promise.resolve()
      note(name)()
    }
    void afterSomePromises('before')
    clock.callAfter(1_000, () => void afterSomePromises('between'))
    clock.callAfter(2_000, () => void afterSomePromises('at the end'))
    await clock.moveBy(2_000)
    expect(called).toEqual(['before at 12:00:00.000', 'between at 12:00:01.000', 'at the end at 12:00:02.000'])
  })

  test('hears of what a settled promise asks for', async () => {
    const { clock, called, note } = aClock()
    void Promise.resolve().then(() => clock.callAfter(1_000, note('timeout')))
    await clock.moveBy(1_000)
    expect(called).toEqual(['timeout at 12:00:01.000'])
  })

  test('by nothing calls what is due already, but nobody is called in the turn of asking', async () => {
    const { clock, called, note } = aClock()
    clock.callAt(clock.now() - HOUR, note('late'))
    clock.callAfter(0, note('now'))
    expect(called).toEqual([])
    await clock.moveBy(0)
    expect(called).toEqual(['late at 12:00:00.000', 'now at 12:00:00.000'])
  })

  test('calls nobody twice, and nobody who cancelled', async () => {
    const { clock, called, note } = aClock()
    clock.callAfter(1_000, note('once'))
    const cancels = [clock.callAfter(1_000, note('cancelled')), clock.callAt(clock.now() + 1_000, note('cancelled'))]
    for (const cancel of cancels) cancel()
    await clock.moveBy(HOUR)
    for (const cancel of cancels) cancel()
    await clock.moveBy(HOUR)
    expect(called).toEqual(['once at 12:00:01.000'])
  })
})

describe('stepping the wall clock', () => {
  test('forward makes calls late, and no time passes', async () => {
    const { clock, called, note } = aClock()
    clock.callAt(clock.now() + HOUR, note('backup'))
    clock.callAfter(HOUR, note('timeout'))
    await clock.stepBy(3 * HOUR)
    expect(called).toEqual(['backup at 15:00:00.000'])
    await clock.moveBy(HOUR)
    expect(called.slice(1)).toEqual(['timeout at 16:00:00.000'])
  })

  test('backward makes calls wait until it shows their instant', async () => {
    const { clock, called, note } = aClock()
    clock.callAt(clock.now() + HOUR, note('backup'))
    clock.callAfter(HOUR, note('timeout'))
    await clock.stepBy(-2 * HOUR)
    await clock.moveBy(3 * HOUR - 1)
    expect(called).toEqual(['timeout at 11:00:00.000'])
    await clock.moveBy(1)
    expect(called.slice(1)).toEqual(['backup at 13:00:00.000'])
  })
})
