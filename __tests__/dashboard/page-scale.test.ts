import { pageModule } from '../helpers/page-module'

interface Hour {
  at: number
  text: string
  day: string | null
}

const { scaleOf, hoursOf } = pageModule<{
  scaleOf(from: number, to: number, left: number, right: number): (instant: number | string) => number
  hoursOf(from: number, to: number, zone: string, step: number): Hour[]
}>('scale.mjs')

const at = (text: string) => Date.parse(text)

describe('the scale of the timeline', () => {
  const place = scaleOf(at('2026-01-14T00:00Z'), at('2026-01-15T00:00Z'), 100, 340)

  test.each([
    ['2026-01-14T00:00Z', 100],
    ['2026-01-14T06:00Z', 160],
    ['2026-01-14T12:00Z', 220],
    ['2026-01-15T00:00Z', 340],
    ['2026-01-13T12:00Z', 100],
    ['2026-01-20T00:00Z', 340],
  ])('puts %s at %s', (instant, expected) => {
    expect(place(instant)).toBe(expected)
    expect(place(at(instant))).toBe(expected)
  })
})

describe('the hours of the timeline', () => {
  const told = (from: string, to: string, zone: string, step: number) =>
    hoursOf(at(from), at(to), zone, step).map(({ text }) => text)

  test.each([
    // what happens        from                 to                   zone                 step  hours
    ['nothing', '2026-01-14T22:00Z', '2026-01-15T02:00Z', 'UTC', 1, ['22:00', '23:00', '00:00', '01:00']],
    ['clocks go forward', '2026-03-29T00:00Z', '2026-03-29T03:00Z', 'Europe/Berlin', 1, ['01:00', '03:00', '04:00']],
    ['clocks go back', '2026-10-25T00:00Z', '2026-10-25T02:00Z', 'Europe/Berlin', 1, ['02:00', '02:00']],
    ['half an hour', '2026-04-04T14:00Z', '2026-04-04T17:00Z', 'Australia/Lord_Howe', 1, ['01:00', '02:00', '03:00']],
    ['quarters', '2026-01-14T18:00Z', '2026-01-14T20:00Z', 'Asia/Kathmandu', 1, ['00:00', '01:00']],
    ['every third', '2026-01-14T22:30Z', '2026-01-15T07:00Z', 'UTC', 3, ['00:00', '03:00', '06:00']],
  ])('are those that the zone has: %s', (_, from, to, zone, step, hours) => {
    expect(told(from, to, zone, step)).toEqual(hours)
  })

  test('tell each day at its first hour', () => {
    const hours = hoursOf(at('2026-01-14T21:00Z'), at('2026-01-15T06:00Z'), 'UTC', 3)
    expect(hours.map(({ day }) => day)).toEqual(['Wed 14 Jan', 'Thu 15 Jan', null])
  })
})
