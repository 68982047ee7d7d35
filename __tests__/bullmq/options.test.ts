import { type BullmqQueueOptions, readBullmqOptions } from '../../lib/bullmq/options'

const connection = { url: 'redis://localhost:6379' }

test('a connection is enough: the rest has defaults', () => {
  const read = readBullmqOptions({ connection })
  expect(read).toMatchObject({ connection, isRedis: true, prefix: 'butler', leaseMs: 10_000, answerMs: 700 })
})

test.each<[string, object]>([
  ['connection', { connection: undefined }],
  ['connection', { connection: 6379 }],
  ['backendFactory', { connection, backendFactory: 'postgres' }],
  ['prefix', { connection, prefix: '{shop}' }],
  ['prefix', { connection, prefix: '' }],
  ['leaseMs', { connection, leaseMs: 99 }],
  ['answerMs', { connection, answerMs: 0 }],
  ['answerMs', { connection, answerMs: Number.NaN }],
  ['lease', { connection, lease: 5 }],
])('a wrong %s is refused by its name: %j', (member, given) => {
  const read = () => readBullmqOptions(given as BullmqQueueOptions<unknown>)
  expect(read).toThrow(
    expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining(member) }),
  )
})
