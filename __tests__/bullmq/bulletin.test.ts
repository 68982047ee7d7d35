import fc from 'fast-check'
import { pack, type Told, unpack, write } from '../../lib/bullmq/bulletin'
import { newRun } from '../../lib/engine/run'

const run = (id: number) =>
  newRun({ id: `r${id}`, task: `Task${id}`, trigger: 'window', by: null, date: '2026-01-14', startedAt: '' })

const ends = (id: number): Told => ({ topic: 'run:ended', payload: run(id), version: `v${id}` })

test('what is unpacked is what was packed, however long it is and whatever it says', () => {
  const item = fc.record({ topic: fc.string(), payload: fc.jsonValue() })
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 60 }), (items) => {
      const told = items.map((each) => JSON.parse(JSON.stringify(each)))
      expect(unpack(pack(told.map(write)))).toEqual(told)
    }),
  )
})

test('a single run is legible in the database', () => {
  expect(pack([write(ends(1))])).toBe(JSON.stringify([ends(1)]))
})

test('many runs need a fifth of what they say', () => {
  const items = Array.from({ length: 200 }, (_, id) => write(ends(id)))
  expect(pack(items).length).toBeLessThan(items.join().length / 5)
})

test('an item is told as it was when that was asked for', () => {
  const payload = run(1)
  const item = write({ topic: 'run:progress', payload })
  payload.outcome = 'failed'
  expect(unpack(pack([item]))).toEqual([{ topic: 'run:progress', payload: run(1) }])
})
