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

test.each(acting)('%s %s is refused to a page of another site, before anybody is asked', async (method, path) => {
  const authorize = jest.fn(() => true)
  const { app } = await openDashboard({ authorize, allowedOrigins: ['https://friend.example'] })
  const from = (headers: Record<string, string>) => request(app)[method](`/ops${path}`).set(json).set(headers).send({})
  expect(errorIn(await from({ 'Sec-Fetch-Site': 'cross-site' }).expect(403)).code).toBe('BUTLER_CROSS_SITE')
  await from({ Origin: 'https://evil.example' }).expect(403)
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
  [{ authorize: () => true, allowedOrigins: ['*'] }, 'allowedOrigins[0] is "*"'],
  [{ authorize: () => true, title: '' }, 'title is ""'],
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

test('what it does not know is left to whoever comes next', async () => {
  const { app } = await openDashboard({ mountedAt: '/', authorize: () => false })
  app.use((_req, res) => void res.status(418).end())
  for (const path of ['/butler', '/api', '/nothing']) await request(app).get(path).expect(418)
  await request(app).put('/api/board').expect(418)
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
