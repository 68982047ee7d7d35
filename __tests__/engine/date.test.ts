import fc from 'fast-check'
import { addDays, daysBetween, isDate, weekdayOf } from '../../lib/engine/date'

const anyDate = fc
  .integer({ min: Date.parse('0001-01-01') / 86_400_000, max: Date.parse('9998-12-31') / 86_400_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10))

test.each([
  ['2026-11-23', 0, '2026-11-23'],
  ['2026-11-30', 1, '2026-12-01'],
  ['2026-01-01', -1, '2025-12-31'],
  ['2024-02-28', 1, '2024-02-29'],
  ['2100-02-28', 1, '2100-03-01'],
  ['2025-03-29', 2, '2025-03-31'],
  ['2025-01-01', 365, '2026-01-01'],
  ['0001-01-01', -1, '0000-12-31'],
])('%s and %i days is %s', (from, days, to) => {
  expect(addDays(from, days)).toBe(to)
  expect(daysBetween(from, to)).toBe(days)
})

test.each([
  ['2026-11-23', 'mon'],
  ['2026-11-24', 'tue'],
  ['2026-11-25', 'wed'],
  ['2026-11-26', 'thu'],
  ['2026-11-27', 'fri'],
  ['2026-11-28', 'sat'],
  ['2026-11-29', 'sun'],
  ['1969-07-20', 'sun'],
])('%s is a %s', (date, weekday) => {
  expect(weekdayOf(date)).toBe(weekday)
})

test.each([
  ['2024-02-29', true],
  ['0000-01-01', true],
  ['9999-12-31', true],
  ['2023-02-29', false],
  ['2026-04-31', false],
  ['2026-13-01', false],
  ['2026-12-32', false],
  ['2026-11-23T00:00', false],
  ['x2026-11-23', false],
  ['2026-11', false],
  [20261123, false],
  [undefined, false],
  [['2026-11-23'], false],
])('whether %p is a date: %s', (value, answer) => {
  expect(isDate(value)).toBe(answer)
})

test('going there and back is no way at all, and every step is a date', () => {
  fc.assert(
    fc.property(anyDate, fc.integer({ min: -365, max: 365 }), (date, days) => {
      const other = addDays(date, days)
      expect(isDate(other)).toBe(true)
      expect(daysBetween(date, other)).toBe(days)
      expect(addDays(other, -days)).toBe(date)
      expect(weekdayOf(addDays(date, 7))).toBe(weekdayOf(date))
    }),
    { seed: 20261123, numRuns: 500 },
  )
})
