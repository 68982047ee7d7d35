import { Cursor } from '../../lib/bullmq/cursor'

const events = (...ids: number[]) => ids.map((id) => [String(id), `event ${id}`] as const)

test('reads on from the last event, where events are seen in the order of their ids', () => {
  const cursor = new Cursor('1-0', 0)
  expect(cursor.advance([['1-1', 'one']], 0)).toEqual(['one'])
  expect(cursor.advance([['1-2', 'two']], 0)).toEqual(['two'])
  expect(cursor.place(0)).toBe('1-2')
  expect(cursor.isBehind).toBe(false)
})

test('reads again for a while what it has read, and tells of one that turns up late', () => {
  const cursor = new Cursor('10', 100)
  expect(cursor.advance(events(11, 13), 1_000)).toEqual(['event 11', 'event 13'])
  expect(cursor.place(1_050)).toBe('10')
  expect(cursor.isBehind).toBe(true)
  expect(cursor.advance(events(11, 12, 13), 1_050)).toEqual(['event 12'])
})

test('moves on past what is old, and no further than to what is not', () => {
  const cursor = new Cursor('10', 100)
  cursor.advance(events(11, 13), 1_000)
  cursor.advance(events(11, 12, 13), 1_050)
  expect(cursor.place(1_100)).toBe('11')
  expect(cursor.place(1_150)).toBe('13')
  expect(cursor.isBehind).toBe(false)
})

test('ids are numbers, however many digits they have', () => {
  const cursor = new Cursor('8', 100)
  cursor.advance(events(9, 10), 0)
  expect(cursor.place(100)).toBe('10')
})

test('does not get stuck where more has come than can be read at once', () => {
  const cursor = new Cursor('0', 100)
  cursor.advance(events(...Array.from({ length: 100 }, (_, index) => index + 1)), 0)
  expect(cursor.place(0)).toBe('100')
})

test('a clock that was stepped back holds nothing up', () => {
  const cursor = new Cursor('10', 100)
  cursor.advance(events(11), 1_000_000)
  expect(cursor.place(0)).toBe('11')
})
