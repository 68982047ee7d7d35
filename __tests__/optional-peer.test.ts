import { expectPeer } from '../lib/optional-peer'

const missing = (name: string) =>
  Object.assign(new Error(`Cannot find module '${name}'\nRequire stack:\n- /app/index.js`), {
    code: 'MODULE_NOT_FOUND',
  })

const loading = (error: unknown) => () =>
  expectPeer('express-butler/metrics', 'prom-client', () => {
    throw error
  })

test('what is there is loaded, and nothing is said', () => {
  const load = jest.fn()
  expectPeer('express-butler/metrics', 'prom-client', load)
  expect(load).toHaveBeenCalledTimes(1)
})

test('what is missing is named, with who needs it and the way out', () => {
  const cause = missing('prom-client')
  expect(loading(cause)).toThrow(
    expect.objectContaining({
      message: 'express-butler/metrics needs the package prom-client, which is not installed: npm install prom-client',
      code: 'MODULE_NOT_FOUND',
      cause,
    }),
  )
})

test.each([
  ['something that it needs in turn is missing', missing('tdigest')],
  ['its name is only the beginning of another', missing('prom-client-extras')],
  ['it is broken', new SyntaxError('Unexpected token')],
  ['it throws what is no error', 'no'],
])('where %s, that is told as it is', (_, error) => {
  let thrown: unknown
  try {
    loading(error)()
  } catch (caught) {
    thrown = caught
  }
  expect(thrown).toBe(error)
})
