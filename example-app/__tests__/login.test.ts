import express from 'express'
import { createButler } from 'express-butler'
import { createButlerDashboard } from 'express-butler/dashboard'
import request from 'supertest'
import { createLogin } from '../server/login'

const TOKEN = 's3cret'
const makeButler = () => createButler({ tasks: { BackupDatabase: async () => {} } })
let butler: ReturnType<typeof makeButler>

beforeEach(() => {
  butler = makeButler()
  return butler.open()
})
afterEach(() => butler.close())

/** The server, as far as persons and clients meet in it. */
function aServer() {
  const { isSignedIn, behindLogin } = createLogin(TOKEN)
  const app = express()
  app.use(behindLogin(createButlerDashboard(butler, { authorize: isSignedIn, by: () => 'the page' })))
  app.use((_req, res) => void res.status(418).send('for clients'))
  return app
}

const browser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

async function cookieFrom(app: express.Express): Promise<string> {
  const answer = await request(app)
    .post('/login')
    .type('form')
    .send({ token: TOKEN })
    .expect(303)
    .expect('Location', './')
  return String(answer.headers['set-cookie']?.[0])
}

test('a person is asked for the token, and sees the page with it', async () => {
  const app = aServer()
  const asked = await request(app).get('/').set(browser).expect(200)
  expect(asked.text).toContain('<input id="token" name="token" type="password"')
  expect(asked.headers['content-security-policy']).not.toContain('unsafe')
  const cookie = await cookieFrom(app)
  const page = await request(app).get('/').set(browser).set('Cookie', cookie).expect(200)
  expect(page.text).toContain('page/app.mjs')
  expect((await request(app).get('/api/board').set('Cookie', cookie).expect(200)).body.mayOperate).toBe(true)
  await request(app).post('/api/tasks/BackupDatabase').set('Cookie', cookie).expect(200)
  expect((await butler.history('BackupDatabase'))[0]?.by).toBe('the page')
})

test('the cookie is for this site and no script, and does not hold the token', async () => {
  const cookie = await cookieFrom(aServer())
  expect(cookie).toMatch(/^butler=\d+\.[\w-]{43}; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/)
  expect(cookie).not.toContain(TOKEN)
})

test.each([
  ['no cookie', () => ''],
  ['an empty one', () => 'butler='],
  ['the token itself', () => `butler=${TOKEN}`],
  ['a later end', (good: string) => good.replace(/butler=\d/, 'butler=9')],
  ['another signature', (good: string) => good.replace(/\.[\w-]/, '.')],
])('%s opens nothing', async (_, forge) => {
  const app = aServer()
  const forged = forge((await cookieFrom(app)).split(';')[0] as string)
  await request(app).get('/api/board').set('Cookie', forged).expect(403)
  await request(app).post('/api/tasks/BackupDatabase').set('Cookie', forged).expect(403)
  expect((await request(app).get('/').set(browser).set('Cookie', forged)).text).toContain('Sign in')
})

test('a cookie of an earlier start, and one that is too old, open nothing', async () => {
  const app = aServer()
  await request(app)
    .get('/api/board')
    .set('Cookie', await cookieFrom(aServer()))
    .expect(403)
  const cookie = await cookieFrom(app)
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 12 * 3_600_000 + 1)
  await request(app).get('/api/board').set('Cookie', cookie).expect(403)
  now.mockRestore()
})

test.each([[{}], [{ token: '' }], [{ token: 's3cre' }], [{ token: ['s3cret', 's3cret'] }]])(
  '%j signs nobody in',
  async (body) => {
    const answer = await request(aServer()).post('/login').type('form').send(body).expect(401)
    expect(answer.text).toContain('That is not the token.')
    expect(answer.headers).not.toHaveProperty('set-cookie')
  },
)

test.each([
  ['a client that says nothing', {}, '/'],
  ['one that takes anything', { Accept: '*/*' }, '/'],
  ['one that wants JSON', { Accept: 'application/json' }, '/'],
  ['one that wants XML', { Accept: 'application/xml' }, '/'],
  ['a media-server client in a browser', { ...browser, 'X-Plex-Product': 'Web' }, '/'],
  ['one that says so in the address', browser, '/?X-Plex-Token=s3cret'],
])('%s is answered as if there were no page', async (_, headers, path) => {
  const answer = await request(aServer()).get(path).set(headers).expect(418, 'for clients')
  expect(answer.headers.vary).toContain('Accept')
})
