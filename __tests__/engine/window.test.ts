import { createCalendar, nightOf, windowOf } from '../../lib/engine/window'

/** What Node says of the zone of the server, until the end of the test. */
function serverIn(timeZone: string | undefined): void {
  const options = { timeZone } as Intl.ResolvedDateTimeFormatOptions
  jest.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions').mockReturnValue(options)
}

afterEach(() => {
  jest.restoreAllMocks()
})

describe('windowOf', () => {
  test('opens at two and closes at five by the clocks of the server, unless told otherwise', () => {
    serverIn('Pacific/Auckland')
    expect(windowOf(undefined)).toEqual({ opensAt: '02:00', closesAt: '05:00', timeZone: 'Pacific/Auckland' })
    expect(windowOf({ closesAt: '06:30', timeZone: 'Asia/Tokyo' })).toEqual({
      opensAt: '02:00',
      closesAt: '06:30',
      timeZone: 'Asia/Tokyo',
    })
    expect(windowOf({ opensAt: undefined })).toEqual(windowOf({}))
  })

  test.each([[undefined], ['Etc/Unknown'], ['+02:00']])(
    'takes UTC where Node says that the zone of the server is %s',
    (timeZone) => {
      serverIn(timeZone)
      expect(windowOf(undefined).timeZone).toBe('UTC')
    },
  )

  test.each([
    ['Europe/Berlin'],
    ['UTC'],
    ['Etc/GMT-2'],
    ['Asia/Kathmandu'],
    ['Asia/Katmandu'],
    ['Europe/Kyiv'],
    ['US/Eastern'],
    ['America/Argentina/ComodRivadavia'],
  ])('keeps the zone %s as it was written', (timeZone) => {
    expect(windowOf({ timeZone })).toMatchObject({ timeZone })
  })

  test.each([
    [{ opensAt: '2:00' }, 'window.opensAt is "2:00"; expected a local time from "00:00" to "23:59", such as "02:30".'],
    [{ opensAt: '24:00' }, 'window.opensAt is "24:00"'],
    [{ opensAt: '12:60' }, 'window.opensAt is "12:60"'],
    [{ opensAt: '02:30:00' }, 'window.opensAt is "02:30:00"'],
    [{ opensAt: ' 02:30' }, 'window.opensAt is " 02:30"'],
    [{ opensAt: '02:30\n' }, 'window.opensAt is "02:30\\n"'],
    [{ opensAt: '٠٢:٣٠' }, 'window.opensAt is'],
    [{ opensAt: null }, 'window.opensAt is null'],
    [{ closesAt: 5 }, 'window.closesAt is 5; expected a local time from "00:00" to "23:59"'],
    [{ closesAt: ['05:00'] }, 'window.closesAt is ["05:00"]'],
    [{ closesAt: '' }, 'window.closesAt is ""'],
    [
      { timeZone: 'Mars/Olympus' },
      'window.timeZone is "Mars/Olympus"; expected an IANA time zone that this Node knows, such as "Europe/Berlin"',
    ],
    [{ timeZone: '' }, 'window.timeZone is ""'],
    [{ timeZone: null }, 'window.timeZone is null'],
    [{ timeZone: '+02:00' }, 'two hours ahead of UTC all year is "Etc/GMT-2".'],
    [{ timeZone: '2026-01-01T00:00[Europe/Berlin]' }, 'window.timeZone is "2026-01-01T00:00[Europe/Berlin]"'],
    [{ timeZone: 'Europe/Berlin\0' }, 'window.timeZone is'],
    [{ opensAt: '02:00', timezone: 'UTC' }, 'window has "timezone", which nothing reads'],
    [JSON.parse('{"__proto__":{}}'), 'window has "__proto__"'],
    [null, 'window is null'],
    ['02:00', 'window is "02:00"'],
    [['02:00', '05:00'], 'window is ["02:00","05:00"]'],
  ])('refuses %j: %s', (change, message) => {
    expect(() => windowOf(change as never)).toThrow(
      expect.objectContaining({
        code: 'BUTLER_INVALID_WINDOW',
        status: 400,
        message: expect.stringContaining(message),
      }),
    )
  })
})

describe('nightOf', () => {
  test('tells the two instants as dates', () => {
    expect(nightOf({ opensAt: '01:00', closesAt: '04:00', timeZone: 'Asia/Tokyo' }, '2025-11-23')).toEqual({
      date: '2025-11-23',
      opensAt: new Date('2025-11-22T16:00Z'),
      closesAt: new Date('2025-11-22T19:00Z'),
    })
  })

  test('fills in what the window leaves out', () => {
    expect(nightOf({ timeZone: 'UTC' }, '2025-11-23')).toMatchObject({
      opensAt: new Date('2025-11-23T02:00Z'),
      closesAt: new Date('2025-11-23T05:00Z'),
    })
    expect(nightOf({}, '2025-11-23')).toEqual(nightOf(windowOf({}), '2025-11-23'))
  })

  test('has no night for a date that the zone skipped', () => {
    expect(nightOf({ timeZone: 'Pacific/Apia' }, '2011-12-30')).toBeNull()
  })

  test('knows the first and the last date that can be written', () => {
    const window = { opensAt: '23:00', closesAt: '23:00', timeZone: 'UTC' }
    expect(nightOf(window, '0000-01-01')?.opensAt.toISOString()).toBe('0000-01-01T23:00:00.000Z')
    expect(nightOf(window, '9999-12-31')?.closesAt.toISOString()).toBe('+010000-01-01T23:00:00.000Z')
  })

  test('refuses a bad window', () => {
    expect(() => nightOf({ opensAt: '25:00' }, '2025-11-23')).toThrow(
      expect.objectContaining({ code: 'BUTLER_INVALID_WINDOW' }),
    )
  })

  test.each([
    '2026-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '2026-1-1',
    '20261123',
    '2026-11-23T02:00',
    ' 2026-11-23',
    '2026-11-23\n',
    '+002026-11-23',
    'tonight',
    '',
    null,
    undefined,
    20261123,
    ['2026-11-23'],
    new Date(0),
  ])('refuses %p as a date', (date) => {
    expect(() => nightOf({ timeZone: 'UTC' }, date as string)).toThrow(
      expect.objectContaining({
        code: 'BUTLER_INVALID_OPTIONS',
        message: expect.stringMatching(/^date is .+; expected a date of the calendar, written "YYYY-MM-DD"/),
      }),
    )
  })
})

describe('a calendar', () => {
  const at = (iso: string) => Date.parse(iso)
  const berlin = createCalendar({ opensAt: '02:00', closesAt: '05:00', timeZone: 'Europe/Berlin' })
  const night = { date: '2025-11-23', opensAt: at('2025-11-23T01:00Z'), closesAt: at('2025-11-23T04:00Z') }

  test('belongs to one window', () => {
    expect(berlin.window).toEqual({ opensAt: '02:00', closesAt: '05:00', timeZone: 'Europe/Berlin' })
    expect(berlin.nightOn('2025-11-23')).toEqual(night)
  })

  test('finds a night from its opening until just before it closes', () => {
    expect(berlin.nightAt(night.opensAt - 1)).toBeNull()
    expect(berlin.nightAt(night.opensAt)).toEqual(night)
    expect(berlin.nightAt(night.closesAt - 1)).toEqual(night)
    expect(berlin.nightAt(night.closesAt)).toBeNull()
  })

  test('finds the next night strictly after an instant', () => {
    expect(berlin.nextNight(night.opensAt - 1)).toEqual(night)
    expect(berlin.nextNight(night.opensAt).date).toBe('2025-11-24')
    expect(berlin.nextNight(night.closesAt).date).toBe('2025-11-24')
  })

  test('tells the date on the wall', () => {
    expect(berlin.localDate(at('2025-11-22T22:59:59.999Z'))).toBe('2025-11-22')
    expect(berlin.localDate(at('2025-11-22T23:00Z'))).toBe('2025-11-23')
  })

  test('finds a night that opened yesterday', () => {
    const late = createCalendar({ opensAt: '22:00', closesAt: '03:00', timeZone: 'UTC' })
    expect(late.nightAt(at('2025-11-23T02:00Z'))?.date).toBe('2025-11-22')
    expect(late.nextNight(at('2025-11-23T02:00Z')).date).toBe('2025-11-23')
  })

  test('goes from night to night without a gap when the window is as long as the day', () => {
    const always = createCalendar({ opensAt: '12:00', closesAt: '12:00', timeZone: 'UTC' })
    expect(always.nightAt(at('2025-11-23T11:59:59.999Z'))?.date).toBe('2025-11-22')
    expect(always.nightAt(at('2025-11-23T12:00Z'))?.date).toBe('2025-11-23')
  })

  test('finds tomorrow’s night already open where clocks go back over midnight', () => {
    const gooseBay = createCalendar({ opensAt: '00:00', closesAt: '05:00', timeZone: 'America/Goose_Bay' })
    const secondHalfPastEleven = at('2010-11-07T03:30Z')
    expect(gooseBay.localDate(secondHalfPastEleven)).toBe('2010-11-06')
    expect(gooseBay.nightAt(secondHalfPastEleven)?.date).toBe('2010-11-07')
    expect(gooseBay.nextNight(secondHalfPastEleven).date).toBe('2010-11-08')
  })

  test('passes over a date that the zone skipped', () => {
    const apia = createCalendar({ opensAt: '02:00', closesAt: '05:00', timeZone: 'Pacific/Apia' })
    const last = apia.nightOn('2011-12-29')!
    expect(apia.nightOn('2011-12-30')).toBeNull()
    expect(apia.nextNight(last.opensAt).date).toBe('2011-12-31')
    expect(apia.nightAt(apia.nightOn('2011-12-31')!.opensAt)?.date).toBe('2011-12-31')
  })

  test('remembers the nights it was asked for, but not for ever', () => {
    const calendar = createCalendar({ opensAt: '02:00', closesAt: '05:00', timeZone: 'Pacific/Apia' })
    const first = calendar.nightOn('2011-12-29')
    for (let day = 1; day < 32; day++) calendar.nightOn(`2012-01-${String(day).padStart(2, '0')}`)
    expect(calendar.nightOn('2011-12-29')).toBe(first)
    calendar.nightOn('2011-12-30')
    expect(calendar.nightOn('2011-12-29')).not.toBe(first)
    expect(calendar.nightOn('2011-12-29')).toEqual(first)
  })

  test('hands out nights that nobody can change', () => {
    expect(Object.isFrozen(berlin.nightOn('2025-11-23'))).toBe(true)
  })
})
