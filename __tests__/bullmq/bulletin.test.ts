import fc from 'fast-check'
import { Bulletin, type Message, MOST_CHARACTERS, MOST_MESSAGES, unpack } from '../../lib/bullmq/bulletin'
import { newRun } from '../../lib/engine/run'

const run = (id: number) =>
  newRun({ id: `r${id}`, task: `Task${id}`, trigger: 'window', by: null, date: '2026-01-14', startedAt: '' })

const ends = (id: number): Message => ({ topic: 'run:ended', payload: run(id), version: `v${id}` })

function bulletinOf(messages: readonly Message[]): Bulletin {
  const bulletin = new Bulletin()
  for (const message of messages) bulletin.add(message)
  return bulletin
}

test('what is unpacked is what was packed, however long it is and whatever it says', () => {
  const message = fc.record({ topic: fc.string(), payload: fc.jsonValue() })
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 60 }), (messages) => {
      expect(unpack(bulletinOf(messages).pack())).toEqual(JSON.parse(JSON.stringify(messages)))
    }),
  )
})

test('a single run is legible in the database', () => {
  expect(bulletinOf([ends(1)]).pack()).toBe(JSON.stringify([ends(1)]))
})

test('many runs need a fifth of what they say', () => {
  const messages = Array.from({ length: 200 }, (_, id) => ends(id))
  expect(bulletinOf(messages).pack().length).toBeLessThan(JSON.stringify(messages).length / 5)
})

test('a message is told as it was when that was asked for', () => {
  const payload = run(1)
  const bulletin = bulletinOf([{ topic: 'run:progress', payload }])
  payload.outcome = 'failed'
  expect(unpack(bulletin.pack())).toEqual([{ topic: 'run:progress', payload: run(1) }])
})

test.each([
  ['by messages', MOST_MESSAGES, 1],
  ['by characters', 10, MOST_CHARACTERS / 10],
])('it is full %s', (_, count, length) => {
  const message = { topic: 'run:log', payload: 'x'.repeat(length) }
  const messages = Array.from({ length: count }, () => message)
  expect(bulletinOf(messages.slice(2)).isFull).toBe(false)
  expect(bulletinOf(messages).isFull).toBe(true)
})
