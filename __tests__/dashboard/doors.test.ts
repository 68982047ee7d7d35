import express, { type NextFunction, type Request, type Response } from 'express'
import request from 'supertest'
import { createButlerDashboard } from '../../lib/dashboard'
import { routes } from '../../lib/dashboard/routes'
import { openDashboard } from '../helpers/dashboard'
import { errorIn, json } from '../helpers/http'

type Method = 'get' | 'post' | 'delete' | 'patch'

const table = routes.map(({ method, path, right }) => [
  method as Method,
  path.replace(':taskName', 'BackupDatabase').replace(':runId', '1').replace(':file', 'app.mjs'),
  right,
]) as [Method, string, 'view' | 'operate'][]
const acting = table.filter(([, , right]) => right === 'operate')

test.each(table)('%s %s asks the host for the right to %s, and is a 403 without it', async (method, path, right) => {
  const authorize = jest.fn(() => false)
  const { app } = await openDashboard({ authorize })
  const answer = await request(app)[method](`/ops${path}`).set(json).expect(403)
  expect(errorIn(answer).code).toBe('BUTLER_FORBIDDEN')
  expect(authorize.mock.calls).toEqual([[expect.anything(), right]])
})

test.each(acting)('%s %s is refused to somebody who may only look', async (method, path) => {
  const { app, butler } = await openDashboard({ authorize: async (_req, right) => right === 'view' })
  const configure = jest.spyOn(butler, 'configure')
  await request(app)[method](`/ops${path}`).send({}).expect(403)
  expect((await request(app).get('/ops/api/board').expect(200)).body.mayOperate).toBe(false)
  expect((await butler.list()).map(({ lastRun }) => lastRun)).toEqual([undefined, undefined, undefined])
  expect(configure).not.toHaveBeenCalled()
})

test.each(acting)('%s %s is refused to a page of another origin, before anybody is asked', async (method, path) => {
  const authorize = jest.fn(() => true)
  const { app } = await openDashboard({ authorize, allowedOrigins: ['https://friend.example'] })
  const from = (headers: Record<string, string>) => request(app)[method](`/ops${path}`).set(json).set(headers).send({})
  expect(errorIn(await from({ 'Sec-Fetch-Site': 'cross-site' }).expect(403)).code).toBe('BUTLER_CROSS_SITE')
  await from({ Origin: 'https://evil.example' }).expect(403)
  await from({ Origin: 'http://127.0.0.1:1', 'Sec-Fetch-Site': 'same-site' }).expect(403)
  expect(authorize).not.toHaveBeenCalled()
  expect((await from({ Origin: 'https://friend.example', 'Sec-Fetch-Site': 'cross-site' })).status).not.toBe(403)
})

test.each([undefined, null, 'yes', 1, {}])('an authorize that answers %j lets nobody in', async (answer) => {
  const { app } = await openDashboard({ authorize: () => answer as never })
  await request(app).get('/ops/').expect(403)
})

test('an authorize that throws lets nobody in, and the host hears why', async () => {
  const { app } = await openDashboard({ authorize: async () => Promise.reject(new Error('no database')) })
  const heard: unknown[] = []
  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    heard.push(error.message)
    res.status(500).end()
  })
  await request(app).get('/ops/').expect(500)
  expect(heard).toEqual(['no database'])
})

test.each<[object, string]>([
  [{}, 'authorize is undefined; expected a function such as'],
  [{ authorize: true }, 'authorize is true'],
  [{ authorise: () => true }, 'has "authorise", which nothing reads'],
  [{ authorize: () => true, by: 'ada' }, 'by is "ada"'],
  [{ authorize: () => true, allowedOrigins: ['*'] }, 'createButlerDashboard(butler, options).allowedOrigins[0] is "*"'],
  [{ authorize: () => true, title: '' }, 'title is ""'],
  [{ authorize: () => true, signOutAt: null }, 'signOutAt is null'],
  [{ authorize: () => true, signOutAt: '' }, 'signOutAt is ""'],
  [{ authorize: () => true, signOutAt: '//evil.example/' }, 'signOutAt is "//evil.example/"'],
  [{ authorize: () => true, signOutAt: 'javascript:alert(1)' }, 'signOutAt is "javascript:alert(1)"'],
  [{ authorize: () => true, signOutAt: 'https://evil.example' }, 'signOutAt is "https://evil.example"'],
  [{ authorize: () => true, clock: {} }, 'clock is {}'],
])('a dashboard with %p is not made', async (options, message) => {
  const { butler } = await openDashboard()
  expect(() => createButlerDashboard(butler, options as never)).toThrow(message)
})

test.each([undefined, {}, 'butler'])('a dashboard of %p is not made', (butler) => {
  expect(() => createButlerDashboard(butler as never, { authorize: () => true })).toThrow(
    'createButlerDashboard(butler) is',
  )
})

test('a dashboard that is given all in one object is told that there are two', async () => {
  const { butler } = await openDashboard()
  const all = { registry: butler, authorize: () => true }
  expect(() => createButlerDashboard(all as never, undefined as never)).toThrow(
    'is {"registry":"a Butler"}; expected what createButler() has made, and the options behind it: createButlerDashboard(butler, options).',
  )
})

test('a path that it does not know is left to whoever comes next', async () => {
  const { app } = await openDashboard({ mountedAt: '/', authorize: () => false })
  app.use((_req, res) => void res.status(418).end())
  for (const path of ['/butler', '/api', '/nothing']) await request(app).get(path).expect(418)
})

test('a failure that nobody expected goes to the host, and is not told', async () => {
  const { app, butler } = await openDashboard()
  jest.spyOn(butler, 'plan').mockRejectedValue(new Error('a secret'))
  const heard: string[] = []
  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    heard.push(error.message)
    res.status(500).end()
  })
  await request(app).get('/ops/api/plan').expect(500, '')
  expect(heard).toEqual([expect.stringContaining('a secret')])
})

test.each([
  // a request                            what is allowed
  ['put', '/api/settings', 'GET, HEAD, PATCH, OPTIONS'],
  ['post', '/api/board', 'GET, HEAD, OPTIONS'],
  ['get', '/api/tasks', 'POST, DELETE, OPTIONS'],
  ['patch', '/api/tasks/BackupDatabase', 'POST, DELETE, OPTIONS'],
  ['delete', '/api/tasks/BackupDatabase/runs/1', 'GET, HEAD, OPTIONS'],
] as const)('%s %s is a 405 that allows %s', async (method, path, allow) => {
  const { app, butler } = await openDashboard({ authorize: (_req, right) => right === 'view' })
  const told = jest.fn()
  butler.on('call:refused', told)
  const answer = await request(app)[method](`/ops${path}`).set(json).expect(405).expect('Allow', allow)
  expect(errorIn(answer)).toMatchObject({
    code: 'BUTLER_METHOD_NOT_ALLOWED',
    message: expect.stringMatching(
      new RegExp(`^${method.toUpperCase()} is no method of /ops/api/.*; expected one of ${allow}\\.$`),
    ),
  })
  expect(told).toHaveBeenCalledTimes(1)
  await request(app).options(`/ops${path}`).expect(204).expect('Allow', allow)
})

test('who may not look is not told which methods there are by a refusal', async () => {
  const { app } = await openDashboard({ authorize: () => false })
  await request(app).put('/ops/api/settings').expect(403)
})

test.each([
  ['post', '/ops/'],
  ['put', '/ops/page/app.mjs'],
  ['get', '/ops/api/nonsense'],
] as const)('%s %s is left to the host', async (method, path) => {
  const { app } = await openDashboard()
  app.use((_req, res) => void res.status(418).end())
  await request(app)[method](path).expect(418)
})

test.each([
  ['get', '/api/plan?at=yesterday', 'The query has "at", which nothing reads; expected none at all.'],
  ['get', '/api/timeline?from=x', 'The query has "from", which nothing reads; expected only around.'],
  ['get', '/api/events?since=1', 'The query has "since", which nothing reads; expected only after.'],
  [
    'get',
    '/api/nights/preview?opens=1',
    'The query has "opens", which nothing reads; expected only opensAt, closesAt, timeZone.',
  ],
  [
    'get',
    '/api/tasks/BackupDatabase/runs?before=x',
    'The query has "before", which nothing reads; expected only limit, outcome.',
  ],
  ['post', '/api/tasks?dryRun=1', 'The query has "dryRun", which nothing reads; expected none at all.'],
  ['delete', '/api/tasks/BackupDatabase?runId=1', 'The query has "runId", which nothing reads; expected none at all.'],
] as const)('%s %s is a 400 that does nothing', async (method, path, message) => {
  const { app, butler } = await openDashboard()
  const asked = (['startAll', 'stop'] as const).map((call) => jest.spyOn(butler, call))
  const answer = await request(app)[method](`/ops${path}`).set(json).expect(400)
  expect(errorIn(answer)).toMatchObject({ code: 'BUTLER_INVALID_QUERY', message: expect.stringContaining(message) })
  for (const call of asked) expect(call).not.toHaveBeenCalled()
})

test('the page and its files are sent whatever their query says', async () => {
  const { app } = await openDashboard()
  await request(app).get('/ops/?from=a-mail').expect(200)
})

test('it works below another router', async () => {
  const { butler } = await openDashboard()
  const inner = express.Router().use('/b', createButlerDashboard(butler, { authorize: () => true }))
  await request(express().use('/a', inner)).get('/a/b/api/board').expect(200)
})

test('the Butler is told what the dashboard refuses', async () => {
  const { app, butler } = await openDashboard({ authorize: (_req, right) => right === 'view' })
  const told = jest.fn()
  butler.on('call:refused', told)
  await request(app).get('/ops/api/board').expect(200)
  await request(app).post('/ops/api/tasks/BackupDatabase').expect(403)
  expect(told.mock.calls).toEqual([[{ code: 'BUTLER_FORBIDDEN', status: 403, method: 'POST' }]])
})

const traps = ['__proto__', 'constructor', 'toString', '%00', 'a%2Fb', 'x'.repeat(4_000)]

test.each(traps)('no task is called %s, and nothing of JavaScript answers for it', async (name) => {
  const { app } = await openDashboard()
  for (const [method, path] of [
    ['post', ''],
    ['delete', ''],
    ['get', '/runs'],
    ['get', '/runs/__proto__'],
  ] as const) {
    const answer = await request(app)[method](`/ops/api/tasks/${name}${path}`).set(json).expect(501)
    expect(errorIn(answer).code).toBe('BUTLER_TASK_NOT_IMPLEMENTED')
  }
})

test.each([
  'null',
  '[]',
  '"x"',
  '{',
  '{"enabled":{"__proto__":true}}',
  '{"__proto__":{"enabled":{}}}',
  '{"enabled":{"constructor":true}}',
  '{"enabled":{"BackupDatabase":1}}',
  '{"window":[]}',
  '{"window":{"__proto__":{"opensAt":"01:00"}}}',
])('a change of settings that is %s is a 400, and changes nothing', async (body) => {
  const { app, butler } = await openDashboard()
  const before = await butler.settings()
  const { headers } = await request(app).get('/ops/api/settings')
  const change = request(app).patch('/ops/api/settings').set('If-Match', String(headers.etag))
  await change
    .set({ ...json, 'Content-Type': 'application/json' })
    .send(body)
    .expect(400)
  expect(await butler.settings()).toEqual(before)
  expect({}).not.toHaveProperty('enabled')
})

test('a change of settings that is deeper than any stack is a 400', async () => {
  const { app } = await openDashboard()
  const { headers } = await request(app).get('/ops/api/settings')
  const change = request(app).patch('/ops/api/settings').set('If-Match', String(headers.etag))
  await change
    .set({ ...json, 'Content-Type': 'application/json' })
    .send(`${'{"window":'.repeat(20_000)}1${'}'.repeat(20_000)}`)
    .expect(400)
})

test('a change of settings that is too big is a 413', async () => {
  const { app } = await openDashboard()
  await request(app)
    .patch('/ops/api/settings')
    .send({ window: 'x'.repeat(300_000) })
    .expect(413)
})

test('what is refused has a policy that lets nothing run, too', async () => {
  const { app } = await openDashboard({ authorize: () => false })
  const { headers } = await request(app).get('/ops/').expect(403)
  expect(headers).toMatchObject({
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
  })
})

test('an authorize that never answers opens nothing', async () => {
  const { app, butler } = await openDashboard({ authorize: () => new Promise(() => {}) })
  const start = jest.spyOn(butler, 'start')
  const asked = request(app).post('/ops/api/tasks/BackupDatabase').timeout(300)
  await expect(asked).rejects.toMatchObject({ code: 'ECONNABORTED' })
  expect(start).not.toHaveBeenCalled()
})
