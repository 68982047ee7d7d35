import type { ButlerErrorCode } from '../lib/errors'
import { checkMembers, expectThat, hasMethods, isDuration, isObject } from '../lib/options'

const known = ['opensAt', 'closesAt']

test.each([
  [{}],
  [{ opensAt: '02:00' }],
  [{ opensAt: '02:00', closesAt: undefined }],
  [Object.create(null)],
  [
    new (class {
      closesAt = 5
      unknownMethod() {}
    })(),
  ],
])('%p has only members that are read', (value) => {
  expect(() => checkMembers('window', value, known)).not.toThrow()
})

test.each([
  [undefined, 'window is undefined; expected an object with opensAt, closesAt.'],
  [null, 'window is null; expected an object with opensAt, closesAt.'],
  ['02:00', 'window is "02:00"; expected an object with opensAt, closesAt.'],
  [['02:00'], 'window is ["02:00"]; expected an object with opensAt, closesAt.'],
  [() => ({}), 'window is a function; expected an object with opensAt, closesAt.'],
  [{ opensat: 2 }, 'window has "opensat", which nothing reads; expected only opensAt, closesAt.'],
  [{ opensAt: 2, end: undefined }, 'window has "end", which nothing reads; expected only opensAt, closesAt.'],
  [JSON.parse('{"__proto__":{}}'), 'window has "__proto__", which nothing reads; expected only opensAt, closesAt.'],
])('refuses %p as an object with known members', (value, message) => {
  expect(() => checkMembers('window', value, known)).toThrow(
    expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS', message }),
  )
})

test('says nothing of what holds', () => {
  expect(() => expectThat(true, 'limit', 3, 'a number')).not.toThrow()
})

test('names the subject, what came and what was expected of what does not hold', () => {
  expect(() => expectThat(false, 'limit', 'three', 'a number')).toThrow(
    expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS', message: 'limit is "three"; expected a number.' }),
  )
})

test.each<[string, (code: ButlerErrorCode) => void]>([
  ['what is no object', (code) => checkMembers('change', 5, [], code)],
  ['an unknown member', (code) => checkMembers('change', { a: 1 }, [], code)],
  ['a value that does not hold', (code) => expectThat(false, 'change', 5, 'six', code)],
])('%s can be refused with another code', (_, refuse) => {
  expect(() => refuse('BUTLER_INVALID_SETTINGS')).toThrow(expect.objectContaining({ code: 'BUTLER_INVALID_SETTINGS' }))
})

test.each([
  [null, true],
  [0, true],
  [0.5, true],
  [5_000, true],
  [Number.MAX_SAFE_INTEGER, true],
  [-1, false],
  [Number.NaN, false],
  [Number.POSITIVE_INFINITY, false],
  ['5000', false],
  [5n, false],
  [undefined, false],
])('whether %p is a length of time: %s', (value, answer) => {
  expect(isDuration(value)).toBe(answer)
})

test.each([
  // value                     an object  with a run
  [{ run() {} }, true, true],
  [
    new (class {
      run() {}
    })(),
    true,
    true,
  ],
  [Object.assign(Object.create(null), { run() {} }), true, true],
  [{ run: 'soon' }, true, false],
  [{}, true, false],
  [[], false, false],
  [null, false, false],
  [undefined, false, false],
  ['run', false, false],
  [Object.assign(() => {}, { run() {} }), false, false],
])('whether %p is an object: %s, with a function run: %s', (value, isOne, hasRun) => {
  expect([isObject(value), hasMethods(value, ['run'])]).toEqual([isOne, hasRun])
})
