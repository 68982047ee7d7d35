import express, { type ErrorRequestHandler, type Express } from 'express'
import createError from 'http-errors'
import { SaxesParser } from 'saxes'
import { ButlerError } from '../../lib/errors'
import { butlerErrorHandler } from '../../lib/http/error-handler'
import { errorIn, json, send } from '../helpers/http'

/** A host where everything fails with `error`. */
function failing(error: unknown, before: express.RequestHandler = (_req, _res, next) => next()): Express {
  const app = express()
  app.use(before, (_req, _res, next) => next(error))
  app.use(butlerErrorHandler)
  return app
}

/** The texts of a page by element, as a strict parser reads it. Throws when it is not well-formed. */
function pageIn({ body }: { body: string }): Record<string, string> {
  expect(body.startsWith('<!DOCTYPE html>\n')).toBe(true)
  const texts: Record<string, string> = {}
  const open: string[] = []
  const parser = new SaxesParser()
  parser.on('opentag', ({ name }) => open.push(name))
  parser.on('closetag', () => open.pop())
  parser.on('text', (text) => {
    const name = open.at(-1)
    if (name !== undefined) texts[name] = (texts[name] ?? '') + text
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(body).close()
  return texts
}

const teapot = createError(418, 'Only tea here.')

/** An error that is its own cause. */
function ring(error: Error): Error {
  return Object.assign(error, { cause: error })
}

test.each<[string, unknown, { code: string | number; status: number; message: string }]>([
  // what came                          what the client is told
  ['an error of http-errors', teapot, { code: 418, status: 418, message: 'Only tea here.' }],
  [
    'an error of http-errors from 500 up',
    createError(502, 'db-7 is down'),
    { code: 502, status: 502, message: 'Bad Gateway' },
  ],
  [
    'one that may be told',
    createError(502, 'Try later.', { expose: true }),
    { code: 502, status: 502, message: 'Try later.' },
  ],
  [
    'one that must not be told',
    createError(404, 'no ada', { expose: false }),
    { code: 404, status: 404, message: 'Not Found' },
  ],
  [
    'one of ours',
    new ButlerError('BUTLER_NOT_RUNNING', 'It rests.'),
    { code: 'BUTLER_NOT_RUNNING', status: 404, message: 'It rests.' },
  ],
  [
    'one of ours from 500 up',
    new ButlerError('BUTLER_STORE_FAILED', 'disk'),
    {
      code: 'BUTLER_STORE_FAILED',
      status: 503,
      message: "The Butler cannot write down what it does. The server's log says more.",
    },
  ],
  [
    'one of ours that a full disk caused, whose path is nobody’s business',
    new ButlerError('BUTLER_STORE_FAILED', 'Cannot write "/srv/secret.json".', {
      cause: Object.assign(new Error('/srv/secret.json'), { code: 'ENOSPC' }),
    }),
    {
      code: 'BUTLER_STORE_FAILED',
      status: 503,
      message:
        "The Butler cannot write down what it does: there is no space left on its disk. The server's log says more.",
    },
  ],
  [
    'one of ours whose causes are a ring',
    ring(new ButlerError('BUTLER_STORE_FAILED', 'disk')),
    {
      code: 'BUTLER_STORE_FAILED',
      status: 503,
      message: "The Butler cannot write down what it does. The server's log says more.",
    },
  ],
  [
    'one of ours that cannot be reached',
    new ButlerError('BUTLER_UNAVAILABLE', 'redis://secret@host does not answer.'),
    {
      code: 'BUTLER_UNAVAILABLE',
      status: 503,
      message: 'The Butler cannot reach what it works with, or had no answer in time. Try again later.',
    },
  ],
  [
    'one of ours that is not open',
    new ButlerError('BUTLER_NOT_OPEN', 'await butler.open()'),
    {
      code: 'BUTLER_NOT_OPEN',
      status: 503,
      message: 'The Butler is not open yet, or has been closed. Try again later.',
    },
  ],
  [
    'one of ours whose file somebody else has',
    new ButlerError('BUTLER_STORE_LOCKED', 'pid 7'),
    { code: 'BUTLER_STORE_LOCKED', status: 503, message: "The Butler's memory is in use by another process." },
  ],
  ['an Error', new Error('password is hunter2'), { code: 500, status: 500, message: 'Internal Server Error' }],
  [
    'an Error with a code of Node',
    Object.assign(new Error('x'), { code: 'ENOENT' }),
    { code: 500, status: 500, message: 'Internal Server Error' },
  ],
  [
    'a code that every object has',
    Object.assign(new Error('x'), { code: 'toString' }),
    { code: 500, status: 500, message: 'Internal Server Error' },
  ],
  [
    'an Error with statusCode',
    Object.assign(new Error('Too big.'), { statusCode: 413 }),
    { code: 413, status: 413, message: 'Too big.' },
  ],
  [
    'status before statusCode',
    Object.assign(new Error('x'), { status: 409, statusCode: 413 }),
    { code: 409, status: 409, message: 'x' },
  ],
  [
    'a status that is no error',
    Object.assign(new Error('x'), { status: 200 }),
    { code: 500, status: 500, message: 'Internal Server Error' },
  ],
  [
    'a status out of range',
    Object.assign(new Error('x'), { status: 600 }),
    { code: 500, status: 500, message: 'Internal Server Error' },
  ],
  [
    'half a status',
    Object.assign(new Error('x'), { status: 400.5 }),
    { code: 500, status: 500, message: 'Internal Server Error' },
  ],
  [
    'a status as a text',
    Object.assign(new Error('x'), { status: '404' }),
    { code: 500, status: 500, message: 'Internal Server Error' },
  ],
  [
    'a bad status and a good statusCode',
    Object.assign(new Error('x'), { status: 0, statusCode: 404 }),
    { code: 404, status: 404, message: 'x' },
  ],
  [
    'a status without a name',
    Object.assign(new Error('x'), { status: 599, expose: false }),
    { code: 599, status: 599, message: 'Error' },
  ],
  ['no message', Object.assign(new Error(), { status: 403 }), { code: 403, status: 403, message: 'Forbidden' }],
  ['a message that is none', { status: 403, message: { a: 1 } }, { code: 403, status: 403, message: 'Forbidden' }],
  ['a text', 'oops', { code: 500, status: 500, message: 'Internal Server Error' }],
  ['a number', 404, { code: 500, status: 500, message: 'Internal Server Error' }],
  ['true', true, { code: 500, status: 500, message: 'Internal Server Error' }],
  ['an object', { status: 404, message: 'Not here.' }, { code: 404, status: 404, message: 'Not here.' }],
])('%s becomes JSON for who asks for it', async (_, error, told) => {
  const reply = await send(failing(error), 'GET /', json)
  expect(reply.status).toBe(told.status)
  expect(reply.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(reply.body).toBe(
    `{"errors":[${JSON.stringify({ code: told.code, status: told.status, message: told.message })}]}`,
  )
})

test.each([
  // Accept                                     format
  [undefined, 'text/html'],
  ['*/*', 'text/html'],
  ['text/html', 'text/html'],
  ['application/xml', 'text/html'],
  ['application/json;q=0', 'text/html'],
  ['application/json', 'application/json'],
  ['text/html, application/json;q=0.1', 'application/json'],
])('Accept %s gets %s', async (accept, format) => {
  const reply = await send(failing(teapot), 'GET /', accept === undefined ? {} : { accept })
  expect(reply.status).toBe(418)
  expect(reply.headers['content-type']).toBe(`${format}; charset=utf-8`)
  expect(reply.headers.vary).toBe('Accept')
  expect(reply.headers['x-content-type-options']).toBe('nosniff')
})

test('everybody else gets a small page that loads nothing', async () => {
  const reply = await send(failing(teapot), 'GET /')
  expect(pageIn(reply)).toMatchObject({ title: "418 I'm a Teapot", h1: "418 I'm a Teapot", p: 'Only tea here.' })
  expect(reply.headers['content-security-policy']).toBe("default-src 'none'")
})

test.each([
  ['<script>alert(1)</script>'],
  ['"><img src=x onerror=alert(1)>'],
  ['</p></body></html> & &lt;'],
  ['<!-- ]]> -->'],
  ['🧹 and "quotes"'],
  ['\u0000 and \ud83e', '\ufffd and \ufffd'],
])('a page shows %j as it is, and as nothing but text', async (message, shown = message) => {
  const reply = await send(failing(createError(400, message)), 'GET /')
  expect(pageIn(reply).p).toBe(shown)
  expect(reply.body).not.toMatch(/<(script|img)/)
})

test('what the error says of headers is sent', async () => {
  const headers = { 'Retry-After': '30', 'WWW-Authenticate': 'Bearer', Vary: 'Origin' }
  for (const accept of ['application/json', 'text/html']) {
    const reply = await send(failing(createError(503, 'x', { headers })), 'GET /', { accept })
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '30', 'www-authenticate': 'Bearer' } })
  }
})

test.each([
  ['headers as a text', 'Allow: GET'],
  ['no headers', null],
  ['headers as a number', 5],
])('%s are none', async (_, headers) => {
  expect(await send(failing(Object.assign(createError(400, 'x'), { headers })), 'GET /')).toMatchObject({ status: 400 })
})

test('what was said of the body that now does not come is taken back', async () => {
  const app = failing(teapot, (_req, res, next) => {
    res.set({ 'Content-Encoding': 'gzip', 'Content-Language': 'de', 'Content-Range': 'bytes 0-1/2', 'X-Kept': 'yes' })
    next()
  })
  const { headers } = await send(app, 'GET /')
  expect(headers).toMatchObject({ 'x-kept': 'yes' })
  for (const name of ['content-encoding', 'content-language', 'content-range']) expect(headers).not.toHaveProperty(name)
})

test('HEAD gets the status and no body', async () => {
  const reply = await send(failing(teapot), 'HEAD /', json)
  expect(reply).toMatchObject({ status: 418, body: '' })
  expect(Number(reply.headers['content-length'])).toBeGreaterThan(0)
})

test('an answer that has begun is left to Express, which ends the connection', async () => {
  const seen = jest.fn()
  const app = failing(teapot, (_req, res, next) => {
    res.write('half an ans')
    next()
  })
  const note: ErrorRequestHandler = (error, _req, res, _next) => {
    seen(error)
    res.end('wer')
  }
  app.use(note)
  expect(await send(app, 'GET /')).toMatchObject({ status: 200, body: 'half an answer' })
  expect(seen).toHaveBeenCalledWith(teapot)
})

test('errors of the host’s own routes are answered as well', async () => {
  const app = express()
  app.get('/films/:id', (_req, res) => void res.end())
  app.use(butlerErrorHandler)
  const reply = await send(app, 'GET /films/%E0%A4%A', json)
  expect(errorIn(reply)).toMatchObject({ code: 400, status: 400, message: expect.stringContaining('%E0%A4%A') })
})

describe('the console', () => {
  afterEach(() => jest.restoreAllMocks())

  test.each<[string, unknown, string, boolean]>([
    // what came                          error                                 env            it is written down
    ['a mistake of the host', new Error('x'), 'production', true],
    ['a mistake of the host', new Error('x'), 'development', true],
    ['a mistake of the host', new Error('x'), 'test', false],
    ['an option that is wrong', new ButlerError('BUTLER_INVALID_OPTIONS', 'x'), 'production', true],
    ['what is no Error', 'oops', 'production', true],
    ['what is for the client', teapot, 'production', false],
    ['what nobody implements', new ButlerError('BUTLER_TASK_NOT_IMPLEMENTED', 'x'), 'production', false],
    ['what cannot be reached', new ButlerError('BUTLER_UNAVAILABLE', 'x'), 'production', false],
  ])('%s (%p), in %s, is written there as by Express: %p', async (_, error, env, isWritten) => {
    const write = jest.spyOn(console, 'error').mockReturnValue()
    await send(failing(error).set('env', env), 'GET /', json)
    expect(write.mock.calls).toEqual(isWritten ? [[error]] : [])
  })
})

test('one that is called instead of mounted says so', () => {
  const call = butlerErrorHandler as unknown as () => void
  expect(() => express().use(call() as never)).toThrow(
    expect.objectContaining({
      code: 'BUTLER_INVALID_OPTIONS',
      message: 'butlerErrorHandler is the middleware itself; write app.use(butlerErrorHandler), without a call.',
    }),
  )
})
