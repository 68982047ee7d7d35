import { fortnightOf, hoursAround, timelineAround } from '../../lib/dashboard/nights'

const histories = { between: async () => [] } as never

/** How long the window of a timeline is drawn, night by night. */
async function bands(timeZone: string, opensAt: string, closesAt: string, moment: string) {
  const settings = { window: { opensAt, closesAt, timeZone }, enabled: {} }
  const { from, to, nights } = await timelineAround(settings, Date.parse(moment), histories)
  return { hours: (Date.parse(to) - Date.parse(from)) / 3_600_000, nights }
}

const night = (date: string, opensAt: string, closesAt: string) => ({
  date,
  opensAt: new Date(opensAt).toISOString(),
  closesAt: new Date(closesAt).toISOString(),
})

describe('24 hours around a moment have the window as it is', () => {
  test.each([
    [
      'in a plain night',
      'Europe/Berlin',
      '02:00',
      '05:00',
      '2026-01-14T03:00+01:00',
      [night('2026-01-14', '2026-01-14T02:00+01:00', '2026-01-14T05:00+01:00')],
    ],
    [
      'where 02:00 does not exist: from the jump on',
      'Europe/Berlin',
      '02:00',
      '05:00',
      '2026-03-29T03:30+02:00',
      [night('2026-03-29', '2026-03-29T03:00+02:00', '2026-03-29T05:00+02:00')],
    ],
    [
      'where 02:00 comes twice: from the first one on',
      'Europe/Berlin',
      '02:00',
      '05:00',
      '2026-10-25T02:30+02:00',
      [night('2026-10-25', '2026-10-25T02:00+02:00', '2026-10-25T05:00+01:00')],
    ],
    [
      'where clocks move by half an hour',
      'Australia/Lord_Howe',
      '01:45',
      '03:00',
      '2026-04-05T02:00+11:00',
      [night('2026-04-05', '2026-04-05T01:45+11:00', '2026-04-05T03:00+10:30')],
    ],
    [
      'where midnight does not exist',
      'America/Havana',
      '00:00',
      '02:00',
      '2026-03-08T03:00-04:00',
      [night('2026-03-08', '2026-03-08T01:00-04:00', '2026-03-08T02:00-04:00')],
    ],
    [
      'that is cut by both ends of the picture',
      'UTC',
      '22:00',
      '06:00',
      '2026-01-14T14:00Z',
      [
        night('2026-01-13', '2026-01-13T22:00Z', '2026-01-14T06:00Z'),
        night('2026-01-14', '2026-01-14T22:00Z', '2026-01-15T06:00Z'),
      ],
    ],
  ])('%s', async (_, zone, opensAt, closesAt, moment, nights) => {
    expect(await bands(zone, opensAt, closesAt, moment)).toEqual({ hours: 24, nights })
  })
})

describe('the picture of now shows the last night and the next one, and twelve hours at least on each side', () => {
  test.each([
    // window          now                  from                 to
    ['02:00', '05:00', '2026-01-14T09:00Z', '2026-01-13T21:00Z', '2026-01-15T06:00Z'],
    ['02:00', '05:00', '2026-01-14T21:00Z', '2026-01-14T01:00Z', '2026-01-15T09:00Z'],
    ['02:00', '05:00', '2026-01-15T01:59Z', '2026-01-14T01:00Z', '2026-01-15T13:59Z'],
    ['02:00', '05:00', '2026-01-15T03:20Z', '2026-01-14T15:20Z', '2026-01-15T15:20Z'],
    ['22:00', '06:00', '2026-01-14T14:00Z', '2026-01-13T21:00Z', '2026-01-15T07:00Z'],
    ['02:00', '02:00', '2026-01-14T14:00Z', '2026-01-14T02:00Z', '2026-01-15T02:00Z'],
  ])('%s to %s at %s: from %s to %s', (opensAt, closesAt, now, from, to) => {
    const window = { opensAt, closesAt, timeZone: 'UTC' }
    expect(hoursAround(window, Date.parse(now))).toEqual([Date.parse(from), Date.parse(to)])
  })
})

describe('a night without runs was a quiet one only as far as history goes back', () => {
  const window = { opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' }

  test.each([
    // the oldest kept run       now                  the newest nights that are known to have been quiet
    [null, '2026-01-14T09:00Z', []],
    [null, '2026-01-14T03:00Z', ['2026-01-14']],
    ['2026-01-13T12:00:00.000Z', '2026-01-14T09:00Z', ['2026-01-14']],
    ['2026-01-13T04:59:00.000Z', '2026-01-14T09:00Z', ['2026-01-14', '2026-01-13']],
    ['2026-01-13T05:00:00.000Z', '2026-01-14T09:00Z', ['2026-01-14']],
  ])('%s, at %s: %j', async (beginning, now, known) => {
    const kept = { between: async () => [], beginning: async () => beginning } as never
    const nights = await fortnightOf({ window, enabled: {} }, Date.parse(now), kept)
    expect(nights).toHaveLength(14)
    expect(nights.filter(({ isKnown }) => isKnown).map(({ date }) => date)).toEqual(known)
  })
})
