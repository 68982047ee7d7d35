import { isZone, zoneOf } from '../../lib/engine/zone'

const utc = (time: string) => Date.parse(`${time}Z`)

test.each([
  ['Europe/Berlin', true],
  ['europe/berlin', true],
  ['Asia/Katmandu', true],
  ['UTC', true],
  ['EST5EDT', true],
  ['Etc/GMT+12', true],
  ['Etc/Unknown', false],
  ['Europe/Springfield', false],
  ['+02:00', false],
  ['-0330', false],
  ['02:00', false],
  ['', false],
  [undefined, false],
  [null, false],
  [['UTC'], false],
])('whether %p is a zone: %s', (name, answer) => {
  expect(isZone(name)).toBe(answer)
})

test.each([
  ['Europe/Berlin', '2025-03-29T22:59:59.999', '2025-03-29'],
  ['Europe/Berlin', '2025-03-29T23:00', '2025-03-30'],
  ['America/New_York', '2025-11-02T03:59:59.999', '2025-11-01'],
  ['America/New_York', '2025-11-02T04:00', '2025-11-02'],
  ['Asia/Kathmandu', '2025-11-22T18:15', '2025-11-23'],
  ['Pacific/Apia', '2011-12-30T09:59:59.999', '2011-12-29'],
  ['Pacific/Apia', '2011-12-30T10:00', '2011-12-31'],
  ['UTC', '1970-01-01T00:00', '1970-01-01'],
])('in %s it is at %sZ the %s', (name, instant, date) => {
  expect(zoneOf(name).dateAt(utc(instant))).toBe(date)
})

test.each([
  ['once', 'Europe/Berlin', '2025-11-23T02:00', '2025-11-23T01:00'],
  ['twice, so the first counts', 'Europe/Berlin', '2025-10-26T02:59', '2025-10-26T00:59'],
  ['once, just after it came twice', 'Europe/Berlin', '2025-10-26T03:00', '2025-10-26T02:00'],
  ['never, so the jump counts', 'Europe/Berlin', '2025-03-30T02:59', '2025-03-30T01:00'],
  ['once, just after the jump', 'Europe/Berlin', '2025-03-30T03:01', '2025-03-30T01:01'],
  ['never, and nor does its date', 'Pacific/Apia', '2011-12-30T17:00', '2011-12-30T10:00'],
  ['once, with an offset of odd seconds', 'Africa/Monrovia', '1971-06-01T00:00', '1971-06-01T00:44:30'],
  ['twice, a day apart', 'America/Juneau', '1867-10-18T12:00', '1867-10-17T20:57:41'],
])('a clock shows a local time %s (%s, %s)', (_, name, local, instant) => {
  expect(new Date(zoneOf(name).firstAt(utc(local)))).toEqual(new Date(utc(instant)))
})

test('a Node that writes no offset as a bare GMT is understood', () => {
  const format = { format: () => '11/23/2025, GMT' } as unknown as Intl.DateTimeFormat
  const formats = jest.spyOn(Intl, 'DateTimeFormat').mockReturnValue(format)
  try {
    expect(zoneOf('UTC').firstAt(utc('2025-11-23T02:00'))).toBe(utc('2025-11-23T02:00'))
  } finally {
    formats.mockRestore()
  }
})
