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
function aServer(now?: () => Date) {
  const { isSignedIn, behindLogin } = createLogin(TOKEN, now)
  const app = express()
  app.use(
    behindLogin(createButlerDashboard(butler, { authorize: isSignedIn, by: () => 'the page', signOutAt: 'logout' })),
  )
  app.use((_req, res) => void res.status(418).send('for clients'))
  return app
}

/** Asks under the name by which browsers know this server: cookies go by it. */
const ask = (app: express.Express) => request.agent(app).set('Host', 'media.test:3000')

const browser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

async function cookieFrom(app: express.Express): Promise<string> {
  const answer = await ask(app).post('/login').type('form').send({ token: TOKEN }).expect(303).expect('Location', './')
  return String(answer.headers['set-cookie']?.[0])
}

test('a person is asked for the token, and sees the page with it', async () => {
  const app = aServer()
  const asked = await ask(app).get('/').set(browser).expect(200)
  expect(asked.text).toContain('<input id="token" name="token" type="password"')
  expect(asked.headers['content-security-policy']).not.toContain('unsafe')
  const cookie = await cookieFrom(app)
  const page = await ask(app).get('/').set(browser).set('Cookie', cookie).expect(200)
  expect(page.text).toContain('page/app.mjs')
  expect((await ask(app).get('/api/board').set('Cookie', cookie).expect(200)).body.mayOperate).toBe(true)
  await ask(app).post('/api/tasks/BackupDatabase').set('Cookie', cookie).expect(200)
  expect((await butler.history('BackupDatabase'))[0]?.by).toBe('the page')
})

test('the cookie is for this site and no script, and does not hold the token', async () => {
  const cookie = await cookieFrom(aServer())
  expect(cookie).toMatch(/^butler-3000=[\w-]{43}; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/)
  expect(cookie).not.toContain(TOKEN)
})

test.each([
  ['no cookie', () => ''],
  ['an empty one', (good: string) => good.replace(/=.*/, '=')],
  ['the token itself', (good: string) => good.replace(/=.*/, `=${TOKEN}`)],
  ['part of a cookie', (good: string) => good.slice(0, -1)],
  ['the cookie of another port', (good: string) => good.replace('3000', '3001')],
])('%s opens nothing', async (_, forge) => {
  const app = aServer()
  const forged = forge((await cookieFrom(app)).split(';')[0] as string)
  await ask(app).get('/api/board').set('Cookie', forged).expect(403)
  await ask(app).post('/api/tasks/BackupDatabase').set('Cookie', forged).expect(403)
  expect((await ask(app).get('/').set(browser).set('Cookie', forged)).text).toContain('Sign in')
})

test('a cookie of an earlier start, and one that is too old, open nothing', async () => {
  let now = new Date('2026-03-09T08:00Z')
  const app = aServer(() => now)
  const board = (cookie: string) => ask(app).get('/api/board').set('Cookie', cookie)
  await board(await cookieFrom(aServer())).expect(403)
  const cookie = await cookieFrom(app)
  now = new Date('2026-03-09T19:59:59.999Z')
  await board(cookie).expect(200)
  now = new Date('2026-03-09T20:00Z')
  await board(cookie).expect(403)
})

test.each([[{}], [{ token: '' }], [{ token: 's3cre' }], [{ token: ['s3cret', 's3cret'] }]])(
  '%j signs nobody in',
  async (body) => {
    const answer = await ask(aServer()).post('/login').type('form').send(body).expect(401)
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
  const answer = await ask(aServer()).get(path).set(headers).expect(418, 'for clients')
  expect(answer.headers.vary).toContain('Accept')
})

test('whoever signs out is out, and so is a copy of the cookie', async () => {
  const app = aServer()
  const cookie = (await cookieFrom(app)).split(';')[0] as string
  const board = () => ask(app).get('/api/board').set('Cookie', cookie)
  expect((await board().expect(200)).body.signOutAt).toBe('logout')
  const { headers } = await ask(app).post('/logout').set('Cookie', cookie).expect(200)
  expect(headers['set-cookie']?.[0]).toMatch(/^butler-3000=; Path=\/; Expires=Thu, 01 Jan 1970/)
  await board().expect(403)
})

test.each([
  // Host             by TLS   the cookie
  ['media.test:3000', false, 'butler-3000'],
  ['media.test:3001', false, 'butler-3001'],
  ['media.test', false, 'butler-page'],
  ['[::1]:3000', false, 'butler-3000'],
  ['media.test:3000', true, '__Host-butler-3000'],
])('at %s, TLS %s, the cookie is %s: servers on one host sign nobody out at each other', async (host, isTls, name) => {
  const app = aServer().set('trust proxy', isTls && 'loopback')
  const asked = request(app).post('/login').set({ Host: host, 'X-Forwarded-Proto': 'https' })
  const { headers } = await asked.type('form').send({ token: TOKEN }).expect(303)
  expect(String(headers['set-cookie']?.[0]).split('=')[0]).toBe(name)
})

test('after ten wrong tokens an address waits until the minute is over; who is inside goes on', async () => {
  const app = aServer()
  const Cookie = await cookieFrom(app)
  const guess = (token: string) =>
    ask(app).post('/login').set('X-Forwarded-For', '10.9.8.7').type('form').send({ token })
  for (let time = 0; time < 12; time += 1) await guess(TOKEN).expect(303)
  for (let time = 0; time < 10; time += 1) await guess('wrong').expect(401)
  const { text, headers } = await ask(app).post('/login').type('form').send({ token: TOKEN }).expect(429)
  const seconds = Number(headers['retry-after'])
  expect([seconds > 0, seconds <= 60]).toEqual([true, true])
  expect(text).toContain(`Try again in ${seconds} seconds.`)
  await ask(app).get('/api/board').set('Cookie', Cookie).expect(200)
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_001)
  await guess(TOKEN).expect(303)
  now.mockRestore()
})
