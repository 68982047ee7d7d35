import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { ButlerError, type ButlerErrorCode, firstLine, shown, statusOf } from '../lib/errors'

test.each(Object.entries(statusOf))('%s becomes HTTP status %i, which tells of an error', (code, status) => {
  expect(code).toMatch(/^BUTLER_[A-Z_]+$/)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThanOrEqual(503)
  expect(new ButlerError(code as ButlerErrorCode, 'No.')).toMatchObject({ code, status })
})

test.each([
  ['BUTLER_UNKNOWN_TASK', 400],
  ['BUTLER_CROSS_SITE', 403],
  ['BUTLER_NOT_RUNNING', 404],
  ['BUTLER_METHOD_NOT_ALLOWED', 405],
  ['BUTLER_REGISTRY_FAILED', 500],
  ['BUTLER_TASK_NOT_IMPLEMENTED', 501],
  ['BUTLER_UNAVAILABLE', 503],
  ['BUTLER_NOT_OPEN', 503],
] as const)('the wire relies on %s being %i', (code, status) => {
  expect(statusOf[code]).toBe(status)
})

test('an error says what it is, what went wrong and what was behind it', () => {
  const cause = new Error('ENOSPC')
  const error = new ButlerError('BUTLER_STORE_FAILED', 'The memory could not be written.', { cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ name: 'ButlerError', message: 'The memory could not be written.', cause })
  expect(String(error)).toBe('ButlerError: The memory could not be written.')
})

test.each([
  ['"25:00"', '25:00'],
  ['""', ''],
  [String.raw`"two\nlines\u0000"`, 'two\nlines\u0000'],
  [String.raw`"\u009b1mbold, on\u2028two lines"`, '\u009b1mbold, on\u2028two lines'],
  ['25', 25],
  ['NaN', Number.NaN],
  ['Invalid Date', new Date('x')],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['true', true],
  ['null', null],
  ['undefined', undefined],
  ['10', 10n],
  ['Symbol(night)', Symbol('night')],
  ['a function', () => 1],
  ['{"opensAt":2}', { opensAt: 2 }],
  ['[1,"two"]', [1, 'two']],
  ['"1970-01-01T00:00:00.000Z"', new Date(0)],
  ['a Map', new Map([['secret', 1]])],
  ['a promise', Promise.resolve()],
  ['a URL', new URL('https://a:secret@host')],
  ['an EventEmitter', new EventEmitter()],
  ['an object', new (class {})()],
  ['{"registry":"an EventEmitter"}', { registry: new EventEmitter() }],
  ['{"url":"a URL","key":"a Buffer"}', { url: new URL('redis://u:secret@host'), key: Buffer.from('secret') }],
  ['an object', { toJSON: () => undefined }],
  ['an object', { big: 1n }],
])('shows %s', (text, value) => {
  expect(shown(value)).toBe(text)
})

const cycle: { self?: unknown } = {}
cycle.self = cycle
const { proxy: revoked, revoke } = Proxy.revocable({}, {})
revoke()

test.each([
  ['a circle', cycle],
  ['a revoked proxy', revoked],
  [
    'an object that throws when it is read',
    {
      get trap() {
        throw new Error('No.')
      },
    },
  ],
])('%s is shown as an object', (_, value) => {
  expect(shown(value)).toBe('an object')
})

test.each([
  ['one', 'one'],
  ['one\ntwo\nthree', 'one'],
  ['\r\n  one \r\ntwo', 'one'],
  ['one\u2028two', 'one'],
  ['', ''],
  [' \n ', ''],
])('of the text %j the first line is %j', (text, line) => {
  expect(firstLine(text)).toBe(line)
})

test('a long value is cut, and its length is told', () => {
  expect(shown('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`)
  expect(shown('x'.repeat(10_000))).toBe(`"${'x'.repeat(79)}… (10002 characters)`)
})

test('whatever is shown takes one short line without a control character', () => {
  const anything = fc.oneof(
    fc.anything({ maxDepth: 2, withBigInt: true, withNullPrototype: true }),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\u007f', '\u0085', '\u009b', '\u2028', '\u2029', '\r', 'x') }),
    fc.string({ unit: 'binary' }).map((words) => Symbol(words)),
  )
  fc.assert(
    fc.property(anything, (value) => {
      const text = shown(value)
      expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      expect(text.length).toBeLessThan(120)
    }),
    { seed: 20261123, numRuns: 300 },
  )
})
