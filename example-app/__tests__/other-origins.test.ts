import type { Server } from 'node:http'
import express from 'express'
import { butlerErrorHandler, createButler } from 'express-butler'
import { createButlerDashboard } from 'express-butler/dashboard'
import helmet from 'helmet'
import request from 'supertest'
import { aBrowser, describeInBrowser } from '../../__tests__/helpers/browser'
import { close, listen } from '../../__tests__/helpers/http'
import { createLogin } from '../server/login'
import type { MediaServer } from '../server/media-server'
import { mediaServerRouter } from '../server/plex'

jest.setTimeout(30_000)

const TOKEN = 's3cret'
const makeButler = () => createButler({ tasks: { BackupDatabase: untilStopped } })
let butler: ReturnType<typeof makeButler>
const servers: Server[] = []

beforeEach(() => {
  butler = makeButler()
  return butler.open()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await close(server)
  await butler.close()
})

function untilStopped({ signal }: { signal: AbortSignal }): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}

/** The server, without its tasks: what persons and clients change things by. */
function aServer() {
  const { isSignedIn, behindLogin } = createLogin(TOKEN)
  const app = express().use(helmet())
  app.use(behindLogin(createButlerDashboard(butler, { authorize: isSignedIn, signOutAt: 'logout' })))
  app.use(mediaServerRouter({ token: TOKEN, machineIdentifier: 'm' } as MediaServer, butler))
  return app.use(butlerErrorHandler)
}

/** Asks under the name by which browsers know this server: cookies go by it. */
const ask = (app: express.Express) => request.agent(app).set('Host', 'media.test:3000')

const signIn = (app: express.Express, headers: Record<string, string> = {}) =>
  ask(app).post('/login').set(headers).type('form').send({ token: TOKEN })

/** What changes something, each tried as a person or a client does; whether it has is seen from inside. */
const acting: Record<string, (headers: Record<string, string>) => Promise<{ status: number; hasActed: boolean }>> = {
  async 'POST /login'(headers) {
    const { status, headers: answered } = await signIn(aServer(), headers)
    return { status, hasActed: 'set-cookie' in answered }
  },
  async 'POST /logout'(headers) {
    const app = aServer()
    const { headers: answered } = await signIn(app)
    const cookie = String(answered['set-cookie']?.[0]).split(';')[0] as string
    const { status } = await ask(app).post('/logout').set(headers).set('Cookie', cookie)
    const board = await ask(app).get('/api/board').set('Cookie', cookie)
    return { status, hasActed: board.status === 403 }
  },
  async 'PUT /:/prefs'(headers) {
    const query = { ButlerStartHour: 1, 'X-Plex-Token': TOKEN }
    const { status } = await ask(aServer()).put('/:/prefs').query(query).set(headers)
    return { status, hasActed: (await butler.settings()).window.opensAt === '01:00' }
  },
  async 'DELETE /activities/:uuid'(headers) {
    await butler.start('BackupDatabase')
    const [run] = await butler.history('BackupDatabase')
    const { status } = await ask(aServer())
      .delete(`/activities/${run?.id}`)
      .query({ 'X-Plex-Token': TOKEN })
      .set(headers)
    return { status, hasActed: (await butler.list())[0]?.state === 'idle' }
  },
}

const here = 'http://media.test:3000'

describe.each(Object.entries(acting))('%s', (_, act) => {
  test.each<[string, Record<string, string>]>([
    ['curl', { 'User-Agent': 'curl/8.14.1', Accept: '*/*' }],
    ['a client of a media server', { 'X-Plex-Product': 'PlexAPI', 'X-Plex-Client-Identifier': 'c' }],
    ['a page of this server', { 'Sec-Fetch-Site': 'same-origin', Origin: here }],
    ['a page of this server, by a browser that says no more', { Origin: here }],
    ['a person who typed the address', { 'Sec-Fetch-Site': 'none' }],
  ])('is done for %s', async (_who, headers) => {
    const { status, hasActed } = await act(headers)
    expect([status < 400, hasActed]).toEqual([true, true])
  })

  test.each<[string, Record<string, string>]>([
    ['another port', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://media.test:8080' }],
    ['another port, by a browser that says no more', { Origin: 'http://media.test:8080' }],
    ['another name of the domain', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://www.media.test:3000' }],
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    ['nobody', { Origin: 'null' }],
  ])('is refused to a page of %s', async (_who, headers) => {
    expect(await act(headers)).toEqual({ status: 403, hasActed: false })
  })
})

test('a page elsewhere cannot use up the tries of whoever has it open', async () => {
  const app = aServer()
  for (let time = 0; time < 12; time += 1) {
    await ask(app).post('/login').set('Sec-Fetch-Site', 'cross-site').type('form').send({ token: 'wrong' }).expect(403)
  }
  await signIn(app).expect(303)
})

test('a link from elsewhere still leads to the page', async () => {
  const headers = { 'Sec-Fetch-Site': 'cross-site', Accept: 'text/html' }
  expect((await ask(aServer()).get('/').set(headers).expect(200)).text).toContain('Sign in')
})

describeInBrowser('in a browser', () => {
  const openPage = aBrowser()

  /** Opens a server at a port of its own, and answers that. */
  async function serve(app: express.Express): Promise<number> {
    const { server, port } = await listen(app)
    servers.push(server)
    return port
  }

  const aPageThatPostsTo = (address: string) =>
    express().use((_req, res) => void res.send(`<!doctype html><form method="post" action="${address}"><button>Win`))

  test.each([
    // Over plain HTTP a browser says where a request comes from to this machine alone; others are told the origin at most.
    ['127.0.0.1'],
    ['media.test'],
  ])('at %s a person signs in, stays so whatever another port tries, and signs out', async (host) => {
    const url = `http://${host}:${await serve(aServer())}/`
    const page = await openPage(url, { mayComplain: /Cross-Origin-Opener-Policy/ })
    await page.getByLabel('Token').fill(TOKEN)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Live', { exact: true }).waitFor()

    const elsewhere = await page.context().newPage()
    await elsewhere.goto(`http://${host}:${await serve(aPageThatPostsTo(`${url}logout`))}/`)
    await elsewhere.getByRole('button').click()
    await elsewhere.getByRole('heading', { name: '403 Forbidden' }).waitFor()

    await page.reload()
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
  })
})
