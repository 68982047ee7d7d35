import { once } from 'node:events'
import { SafeEmitter } from '../../lib/engine/events'
import { silent } from '../../lib/engine/logger'
import type { Settings } from '../../lib/engine/settings'

const settings: Settings = { window: { opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' }, enabled: {} }

/** An emitter, and what its logger was told. */
function anEmitter() {
  const errors: object[] = []
  const error = (details: object, message: string) => void errors.push({ ...details, message })
  return { emitter: new SafeEmitter<string>({ ...silent, error }), errors }
}

/** Lets everything that waits only for promises go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('tells every listener at once, in the order in which they came', () => {
  const { emitter } = anEmitter()
  const told: unknown[] = []
  emitter.on('settings:changed', (payload) => told.push(['first', payload]))
  emitter.on('settings:changed', (payload) => told.push(['second', payload]))
  expect(emitter.emit('settings:changed', settings)).toBe(true)
  expect(told).toEqual([
    ['first', settings],
    ['second', settings],
  ])
})

test('says so when nobody listens', () => {
  const { emitter } = anEmitter()
  expect(emitter.emit('settings:changed', settings)).toBe(false)
})

test('tells one who listens once, once', () => {
  const { emitter } = anEmitter()
  const listener = jest.fn()
  emitter.once('settings:changed', listener)
  emitter.emit('settings:changed', settings)
  emitter.emit('settings:changed', settings)
  expect(listener).toHaveBeenCalledTimes(1)
  expect(listener).toHaveBeenCalledWith(settings)
})

test('tells nobody who has gone', () => {
  const { emitter } = anEmitter()
  const listener = jest.fn()
  emitter.on('settings:changed', listener)
  emitter.off('settings:changed', listener)
  emitter.emit('settings:changed', settings)
  expect(listener).not.toHaveBeenCalled()
})

test('calls a listener with the emitter as its this, as every emitter does', () => {
  const { emitter } = anEmitter()
  let self: unknown
  emitter.on('settings:changed', function (this: unknown) {
    self = this
  })
  emitter.emit('settings:changed', settings)
  expect(self).toBe(emitter)
})

const failure = new Error('The listener failed.')

test.each<[string, () => unknown, unknown]>([
  [
    'throws',
    () => {
      throw failure
    },
    failure,
  ],
  ['rejects', () => Promise.reject(failure), failure],
  [
    'throws undefined',
    () => {
      throw undefined
    },
    undefined,
  ],
  [
    'returns what cannot be awaited',
    () =>
      Object.defineProperty({}, 'then', {
        get() {
          throw failure
        },
      }),
    failure,
  ],
])('a listener that %s hurts nobody, and is logged', async (_, listener, err) => {
  const { emitter, errors } = anEmitter()
  const other = jest.fn()
  emitter.on('settings:changed', listener)
  emitter.once('settings:changed', listener)
  emitter.on('settings:changed', other)
  expect(emitter.emit('settings:changed', settings)).toBe(true)
  expect(other).toHaveBeenCalledTimes(1)
  await settled()
  const line = { event: 'settings:changed', err, message: 'A listener failed; the Butler goes on.' }
  expect(errors).toEqual([line, line])
})

test('an error that nobody listens for is no reason to end the process', () => {
  const { emitter } = anEmitter()
  expect(() => Reflect.apply(emitter.emit, emitter, ['error', failure])).not.toThrow()
})

test('waits for no listener', () => {
  const { emitter } = anEmitter()
  emitter.on('settings:changed', () => new Promise(() => {}))
  expect(emitter.emit('settings:changed', settings)).toBe(true)
})

test('one who stops another from listening does so from the next time on', () => {
  const { emitter } = anEmitter()
  const other = jest.fn()
  emitter.on('settings:changed', () => emitter.off('settings:changed', other))
  emitter.on('settings:changed', other)
  emitter.emit('settings:changed', settings)
  emitter.emit('settings:changed', settings)
  expect(other).toHaveBeenCalledTimes(1)
})

const ways = ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'] as const

describe.each(ways)('%s', (way) => {
  const listenTo = (name: unknown) => {
    const { emitter } = anEmitter()
    Reflect.apply(emitter[way], emitter, [name, () => {}])
    return emitter.listenerCount(name as never)
  }

  test.each(['run:endet', 'run:ended ', 'Run:ended', 'ended', '', 'constructor', '__proto__'])(
    'an event that there is not, %j, is refused with those that there are',
    (name) => {
      expect(() => listenTo(name)).toThrow(
        expect.objectContaining({
          code: 'BUTLER_INVALID_OPTIONS',
          message: expect.stringMatching(
            /^butler\.on\(event\) is ".*"; expected one of task:scheduled, .*run:ended, .*call:refused\.$/,
          ),
        }),
      )
    },
  )

  test.each([['run:ended'], ['call:refused'], ['error'], ['newListener'], ['removeListener'], [Symbol('mine')]])(
    '%p is taken',
    (name) => expect(listenTo(name)).toBe(1),
  )
})

test('whoever asks for an event that there is not does not take a place among the listeners', () => {
  const { emitter } = anEmitter()
  expect(() => emitter.on('run:endet' as never, (() => {}) as never)).toThrow('run:ended')
  expect(emitter.eventNames()).toEqual([])
})

test('events.once waits for one that there is, and refuses one that there is not', async () => {
  const { emitter } = anEmitter()
  const told = once(emitter, 'settings:changed')
  emitter.emit('settings:changed', settings)
  expect(await told).toEqual([settings])
  await expect(once(emitter, 'settings:change')).rejects.toMatchObject({ code: 'BUTLER_INVALID_OPTIONS' })
})

test('whoever wants to know who listens is told', () => {
  const { emitter } = anEmitter()
  const told = jest.fn()
  emitter.on('newListener' as never, told as never)
  const listener = () => {}
  emitter.on('run:ended', listener)
  expect(told).toHaveBeenCalledWith('run:ended', listener)
})
