import express, { type Request } from 'express'
import request from 'supertest'
import { butlerErrorHandler } from '../../lib/http/error-handler'
import { createButlerRouter } from '../../lib/http/router'
import { aHost, aRegistry, type Behaviour, callsOf, errorIn, json, send } from '../helpers/http'

const signal = expect.any(AbortSignal)

describe('each route asks the registry once, and tells what it says:', () => {
  test.each<[string, Behaviour, number, unknown[][]]>([
    // request                        the registry                                status  what is asked of it
    ['GET /butler', {}, 200, [['list']]],
    ['POST /butler', {}, 200, [['startAll', { trigger: 'start-all' }]]],
    ['DELETE /butler', {}, 200, [['stopAll', { trigger: 'manual', signal }]]],
    ['POST /butler/BackupDatabase', {}, 200, [['start', 'BackupDatabase', { trigger: 'manual' }]]],
    [
      'POST /butler/CheckForUpdates',
      { start: async () => 'already-running' },
      202,
      [['start', 'CheckForUpdates', { trigger: 'manual' }]],
    ],
    ['DELETE /butler/BackupDatabase', {}, 200, [['stop', 'BackupDatabase', { trigger: 'manual', signal }]]],
    [
      'DELETE /butler/BackupDatabase',
      { stop: async () => 'stopping' },
      202,
      [['stop', 'BackupDatabase', { trigger: 'manual', signal }]],
    ],
    [
      'DELETE /butler/BackupDatabase',
      { stop: async () => 'not-running' },
      404,
      [['stop', 'BackupDatabase', { trigger: 'manual', signal }]],
    ],
    ['GET /butler/openapi.json', {}, 200, []],
    ['HEAD /butler', {}, 200, [['list']]],
    ['HEAD /butler/openapi.json', {}, 200, []],
  ])('%s, %p: %s', async (line, behaviour, status, calls) => {
    for (const written of [line, `${line}/`, `${line}?X-Plex-Token=x`, `${line}/?X-Plex-Token=x`]) {
      const registry = aRegistry(behaviour)
      expect(await send(aHost(registry), written)).toMatchObject({ status })
      expect(callsOf(registry)).toEqual(calls)
    }
  })

  test('what the registry answers to start all and stop all is not looked at', async () => {
    const app = aHost(aRegistry({ startAll: async () => ({ plan: 'nonsense' }), stopAll: () => 'not even a promise' }))
    await request(app).post('/butler').expect(200, '')
    await request(app).delete('/butler').expect(200, '')
  })

  test('an answer that is no promise is taken as well', async () => {
    await request(aHost(aRegistry({ start: () => 'started' })))
      .post('/butler/BackupDatabase')
      .expect(200)
  })
})

test.each([
  ['POST /butler', 200, {}],
  ['DELETE /butler', 200, {}],
  ['POST /butler/BackupDatabase', 200, {}],
  ['POST /butler/BackupDatabase', 202, { start: async () => 'already-running' }],
  ['DELETE /butler/BackupDatabase', 200, {}],
  ['DELETE /butler/BackupDatabase', 202, { stop: async () => 'stopping' }],
])('the body of %s, %s, is empty', async (line, status, behaviour) => {
  const reply = await send(aHost(aRegistry(behaviour)), line)
  expect(reply).toMatchObject({ status, body: '', headers: { 'content-length': '0' } })
  expect(reply.headers).not.toHaveProperty('content-type')
})

test('HEAD tells what GET would, without a body', async () => {
  const [get, head] = [await send(aHost(), 'GET /butler'), await send(aHost(), 'HEAD /butler')]
  expect(head.body).toBe('')
  const timeless = ({ date, ...headers }: typeof get.headers) => headers
  expect(timeless(head.headers)).toEqual(timeless(get.headers))
})

const allowed: Record<string, string> = {
  '/butler': 'GET, HEAD, POST, DELETE, OPTIONS',
  '/butler/': 'GET, HEAD, POST, DELETE, OPTIONS',
  '/butler/BackupDatabase': 'POST, DELETE, OPTIONS',
  '/butler/BackupDatabase/': 'POST, DELETE, OPTIONS',
  '/butler/Unheard': 'POST, DELETE, OPTIONS',
  '/butler/openapi.json': 'GET, HEAD, OPTIONS',
}

test.each(Object.entries(allowed))('OPTIONS %s tells %s', async (path, allow) => {
  const registry = aRegistry()
  const reply = await send(aHost(registry), `OPTIONS ${path}`)
  expect(reply).toMatchObject({ status: 204, body: '', headers: { allow } })
  expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
  expect(callsOf(registry)).toEqual([])
})

test.each(
  [
    ['/butler', ['PUT', 'PATCH', 'PROPFIND']],
    ['/butler/', ['PUT']],
    ['/butler/BackupDatabase', ['GET', 'HEAD', 'PUT', 'PATCH', 'PROPFIND']],
    ['/butler/BackupDatabase/', ['GET', 'PUT']],
    ['/butler/Unheard', ['GET', 'PUT']],
    ['/butler/openapi.json', ['POST', 'DELETE', 'PUT']],
  ].flatMap(([path, methods]) => (methods as string[]).map((method) => [method, path as string] as const)),
)('%s %s is a method that nothing has', async (method, path) => {
  const registry = aRegistry()
  const reply = await send(aHost(registry), `${method} ${path}`, json)
  expect(reply).toMatchObject({ status: 405, headers: { allow: allowed[path] } })
  expect(callsOf(registry)).toEqual([])
  if (method === 'HEAD') return
  expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_METHOD_NOT_ALLOWED', status: 405 })
  expect(errorIn(reply).message).toMatch(new RegExp(`^${method} is no method of /butler(?!/;)`))
})

test.each([
  'GET /butler/BackupDatabase/runs',
  'POST /butler/BackupDatabase/runs',
  'DELETE /butler/BackupDatabase/runs/1',
  'GET /butlers',
  'POST /butlers/BackupDatabase',
])('%s is the host’s', async (line) => {
  const registry = aRegistry()
  const app = express()
  app.use('/butler', createButlerRouter({ registry }))
  app.use((_req, res) => void res.status(404).send('the host’s own page'))
  expect(await send(app, line)).toMatchObject({ status: 404, body: 'the host’s own page' })
  expect(callsOf(registry)).toEqual([])
})

describe('wherever it is mounted:', () => {
  test('at the root of the host', async () => {
    const registry = aRegistry()
    const app = express()
    app.use(createButlerRouter({ registry }))
    await request(app).get('/').expect(200)
    await request(app).post('/').expect(200)
    await request(app).post('/BackupDatabase').expect(200)
    await request(app).delete('/BackupDatabase/').expect(200)
    await request(app).get('/about/us').expect(404)
    expect(callsOf(registry).map(([member]) => member)).toEqual(['list', 'start', 'stop', 'startAll'])
    const { body } = await request(app).get('/openapi.json').expect(200)
    expect(body.servers).toEqual([{ url: '/' }])
  })

  test('twice, each with a registry of its own', async () => {
    const [films, music] = [aRegistry(), aRegistry({ start: async () => 'already-running' })]
    const app = express()
    app.use('/films/butler', createButlerRouter({ registry: films }))
    app.use('/music/butler', createButlerRouter({ registry: music }))
    await request(app).post('/films/butler/BackupDatabase').expect(200)
    await request(app).post('/music/butler/BackupDatabase').expect(202)
    await request(app).delete('/music/butler').expect(200)
    expect(callsOf(films).map(([member]) => member)).toEqual(['start'])
    expect(callsOf(music).map(([member]) => member)).toEqual(['start', 'stopAll'])
  })

  test('one router at two places, each described as what it is', async () => {
    const router = createButlerRouter({ registry: aRegistry() })
    const app = express()
    app.use('/butler', router)
    app.use('/admin/butler', router)
    for (const url of ['/butler', '/admin/butler']) {
      await request(app).post(`${url}/BackupDatabase`).expect(200)
      const { body } = await request(app).get(`${url}/openapi.json`).expect(200)
      expect(body.servers).toEqual([{ url }])
    }
  })

  test.each(['GET /ada/butler', 'POST /ada/butler/BackupDatabase', 'DELETE /ada/butler/BackupDatabase/?x=1'])(
    'under a parameter of the host’s path, which `by` sees: %s',
    async (line) => {
      const by = jest.fn((req: Request) => req.params.user as string)
      const registry = aRegistry()
      const app = express()
      app.use('/:user/butler', createButlerRouter({ registry, by }))
      expect(await send(app, line)).toMatchObject({ status: 200 })
      const [call] = callsOf(registry)
      if (call?.[0] === 'list') expect(by).not.toHaveBeenCalled()
      else expect(call).toEqual([expect.any(String), 'BackupDatabase', expect.objectContaining({ by: 'ada' })])
    },
  )

  test.each(['POST /x/butler/BackupDatabase', 'POST /x/butler/BackupDatabase/'])(
    'a parameter of the host that has the name of ours does not hide it: %s',
    async (line) => {
      const registry = aRegistry()
      const app = express()
      app.use('/:taskName/butler', createButlerRouter({ registry }))
      expect(await send(app, line)).toMatchObject({ status: 200 })
      expect(callsOf(registry)).toEqual([['start', 'BackupDatabase', { trigger: 'manual' }]])
    },
  )

  test('behind a check of the host, which decides who may ask', async () => {
    const registry = aRegistry()
    const app = express()
    const refuse: express.RequestHandler = (_req, res) => void res.status(401).end()
    app.use('/butler', refuse, createButlerRouter({ registry }))
    await request(app).post('/butler/BackupDatabase').expect(401)
    expect(callsOf(registry)).toEqual([])
  })

  test('within a router of the host', async () => {
    const registry = aRegistry()
    const api = express.Router()
    api.use('/butler', createButlerRouter({ registry }))
    const app = express()
    app.use('/api', api)
    await request(app).post('/api/butler/BackupDatabase').expect(200)
    const { body } = await request(app).get('/api/butler/openapi.json').expect(200)
    expect(body.servers).toEqual([{ url: '/api/butler' }])
  })

  test('with routes that the host adds to it', async () => {
    const router = createButlerRouter({ registry: aRegistry() })
    router.get('/BackupDatabase/log', (_req, res) => void res.send('three lines'))
    const app = express()
    app.use('/butler', router)
    await request(app).get('/butler/BackupDatabase/log').expect(200, 'three lines')
    await request(app).post('/butler/BackupDatabase').expect(200)
  })
})

describe('who asks', () => {
  test.each([
    ['POST /butler', 'startAll'],
    ['DELETE /butler', 'stopAll'],
    ['POST /butler/BackupDatabase', 'start'],
    ['DELETE /butler/BackupDatabase', 'stop'],
  ] as const)('is told with %s', async (line, member) => {
    const registry = aRegistry()
    await send(aHost(registry, { by: (req) => req.get('X-User') }), line, { 'X-User': 'ada' })
    expect(registry[member].mock.lastCall.at(-1)).toMatchObject({ by: 'ada' })
  })

  test.each([undefined, null])('is nobody when nobody says: %p', async (nobody) => {
    const registry = aRegistry()
    await send(aHost(registry, { by: () => nobody }), 'POST /butler/BackupDatabase')
    expect(registry.start.mock.lastCall[1].by).toBeUndefined()
  })

  test.each<[string, () => unknown, string]>([
    ['a number', () => 7, 'createButlerRouter(options).by returned 7; expected a string, null or undefined, at once.'],
    [
      'a promise',
      async () => 'ada',
      'createButlerRouter(options).by returned a promise; expected a string, null or undefined, at once.',
    ],
    [
      'a promise that rejects',
      () => Promise.reject(new Error('x')),
      'createButlerRouter(options).by returned a promise; expected a string, null or undefined, at once.',
    ],
  ])('cannot be %s', async (_, by, message) => {
    const registry = aRegistry()
    const seen = jest.fn()
    const app = express()
    app.use('/butler', createButlerRouter({ registry, by: by as () => string }))
    app.use(((error, _req, _res, next) => next(seen(error) ?? error)) as express.ErrorRequestHandler)
    app.use(butlerErrorHandler)
    await request(app).post('/butler/BackupDatabase').expect(500)
    expect(seen.mock.lastCall[0]).toMatchObject({ code: 'BUTLER_INVALID_OPTIONS', status: 500, message })
    expect(callsOf(registry)).toEqual([])
  })

  test('what `by` throws goes to the host’s error handler as it is', async () => {
    const thrown = Object.assign(new Error('Log in first.'), { status: 401, expose: true })
    const app = aHost(aRegistry(), {
      by: () => {
        throw thrown
      },
    })
    const reply = await request(app).post('/butler/BackupDatabase').set(json).expect(401)
    expect(errorIn(reply)).toEqual({ code: 401, status: 401, message: 'Log in first.' })
  })

  test.each([[undefined], [0], ['']])('what `by` throws is no Error but %p: a 500 all the same', async (thrown) => {
    const registry = aRegistry()
    const app = aHost(registry, {
      by: () => {
        throw thrown
      },
    })
    const reply = await request(app).post('/butler/BackupDatabase').set(json).expect(500)
    expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_INVALID_OPTIONS' })
    expect(callsOf(registry)).toEqual([])
  })
})
