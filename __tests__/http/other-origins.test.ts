import type { OutgoingHttpHeaders } from 'node:http'
import { createConnection } from 'node:net'
import express, { type Express } from 'express'
import { butlerErrorHandler } from '../../lib/http/error-handler'
import { type OtherOriginsOptions, refuseOtherOrigins } from '../../lib/http/other-origins'
import { aHost, aRegistry, callsOf, close, errorIn, json, listen, send } from '../helpers/http'

const acting = [
  'POST /butler',
  'DELETE /butler',
  'POST /butler/BackupDatabase',
  'DELETE /butler/BackupDatabase',
] as const
const here = { Host: 'media.example' }

/** A host with a route of its own that acts, and one that reads; what has been done stands in `done`. */
function aHostOfItsOwn(options?: OtherOriginsOptions): { app: Express; done: string[] } {
  const done: string[] = []
  const app = express()
  app.use(refuseOtherOrigins(options))
  app.all('/logout', (req, res) => {
    done.push(req.method)
    res.end()
  })
  app.use(butlerErrorHandler)
  return { app, done }
}

type Row = [site: string | undefined, origin: string | undefined, allowedOrigins: string[], status: 200 | 403]

describe.each<Row>([
  // Sec-Fetch-Site  Origin                           allowedOrigins                status
  // No browser: neither header.
  [undefined, undefined, [], 200],
  // A browser that says where the request comes from.
  ['same-origin', undefined, [], 200],
  ['same-origin', 'https://media.example', [], 200],
  ['same-origin', 'https://evil.example', [], 200],
  // Another port, or another name of the same domain.
  ['same-site', 'https://www.media.example', [], 403],
  ['same-site', 'https://media.example:8443', [], 403],
  ['same-site', undefined, [], 403],
  ['same-site', 'https://www.media.example', ['https://www.media.example'], 200],
  ['none', undefined, [], 200],
  ['cross-site', undefined, [], 403],
  ['cross-site', 'https://evil.example', [], 403],
  ['cross-site', 'https://media.example', [], 403],
  ['cross-site', 'null', [], 403],
  // An older browser, or one on plain HTTP: only the origin.
  [undefined, 'https://media.example', [], 200],
  [undefined, 'http://media.example', [], 200],
  [undefined, 'https://MEDIA.example', [], 200],
  [undefined, 'https://media.example:443', [], 200],
  [undefined, 'http://media.example:80', [], 200],
  [undefined, 'https://media.example:8443', [], 403],
  [undefined, 'https://evil.example', [], 403],
  [undefined, 'https://media.example.evil.example', [], 403],
  [undefined, 'https://evil.example/media.example', [], 403],
  [undefined, 'https://media.example@evil.example', [], 403],
  [undefined, 'http://127.0.0.1', [], 403],
  [undefined, 'null', [], 403],
  [undefined, '', [], 403],
  [undefined, 'media.example', [], 403],
  [undefined, 'file://', [], 403],
  [undefined, 'data:text/html,hello', [], 403],
  // A word that is not in the standard says nothing: the origin decides.
  ['Cross-Site', undefined, [], 200],
  ['next-door', undefined, [], 200],
  ['next-door', 'https://evil.example', [], 403],
  ['next-door', 'https://media.example', [], 200],
  ['', 'https://evil.example', [], 403],
  // The host lets a site in.
  ['cross-site', 'https://admin.example', ['https://admin.example'], 200],
  [undefined, 'https://admin.example', ['https://admin.example'], 200],
  [undefined, 'https://admin.example', ['https://other.example', 'https://admin.example'], 200],
  ['cross-site', 'https://evil.example', ['https://admin.example'], 403],
  ['cross-site', 'http://admin.example', ['https://admin.example'], 403],
  ['cross-site', 'https://admin.example:8443', ['https://admin.example'], 403],
  ['cross-site', 'https://sub.admin.example', ['https://admin.example'], 403],
  ['cross-site', 'https://admin.example/', ['https://admin.example'], 403],
  ['cross-site', undefined, ['https://admin.example'], 403],
  ['cross-site', 'null', ['https://admin.example'], 403],
])('Sec-Fetch-Site %s, Origin %s, allowed %j: %i', (site, origin, allowedOrigins, status) => {
  const headers: OutgoingHttpHeaders = { ...json, ...here }
  if (site !== undefined) headers['Sec-Fetch-Site'] = site
  if (origin !== undefined) headers.Origin = origin

  test.each(acting)('%s', async (line) => {
    const registry = aRegistry()
    const reply = await send(aHost(registry, { allowedOrigins }), line, headers)
    expect(reply.status).toBe(status)
    expect(callsOf(registry)).toHaveLength(status === 200 ? 1 : 0)
    if (status === 403) expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_CROSS_SITE', status: 403 })
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])('%s of a route of the host’s own', async (method) => {
    const { app, done } = aHostOfItsOwn({ allowedOrigins })
    const reply = await send(app, `${method} /logout`, headers)
    expect(reply.status).toBe(status)
    expect(done).toEqual(status === 200 ? [method] : [])
    if (status === 403) expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_CROSS_SITE', status: 403 })
  })

  test.each(['GET', 'HEAD', 'OPTIONS'])('%s of one passes: it only reads', async (method) => {
    const { app, done } = aHostOfItsOwn({ allowedOrigins })
    expect(await send(app, `${method} /logout`, headers)).toMatchObject({ status: 200 })
    expect(done).toEqual([method])
  })

  test('reading is never refused', async () => {
    const app = aHost(aRegistry(), { allowedOrigins })
    for (const line of ['GET /butler', 'HEAD /butler', 'GET /butler/openapi.json'])
      expect(await send(app, line, headers)).toMatchObject({ status: 200 })
    expect(await send(app, 'OPTIONS /butler', headers)).toMatchObject({ status: 204 })
  })
})

test.each([
  // Origin                    Host                    status
  ['http://localhost:3000', 'localhost:3000', 200],
  ['http://localhost:3000', 'LOCALHOST:3000', 200],
  ['http://localhost:3000', 'localhost:3001', 403],
  ['http://localhost', 'localhost:80', 200],
  ['https://localhost', 'localhost:443', 200],
  ['http://[::1]:3000', '[::1]:3000', 200],
  ['http://127.0.0.1:3000', 'localhost:3000', 403],
  ['https://bücher.example', 'xn--bcher-kva.example', 403],
  ['https://xn--bcher-kva.example', 'xn--bcher-kva.example', 200],
  // The address of a file has no host, not even where one is written.
  ['file://', 'localhost', 403],
  ['http://media.example', 'not a host', 403],
  ['http://media.example', '', 403],
])('a page of %s asks the host %s: %i', async (origin, host, status) => {
  const headers = { Host: host, Origin: Buffer.from(origin).toString('latin1') }
  expect(await send(aHost(), 'POST /butler', headers)).toMatchObject({ status })
})

test('a page asks a server that is not told its own name: no page is its own', async () => {
  const { server, port } = await listen(aHost())
  const socket = createConnection(port, '127.0.0.1').setEncoding('utf8')
  socket.end('POST /butler HTTP/1.0\r\nOrigin: http://media.example\r\nAccept: application/json\r\n\r\n')
  let reply = ''
  for await (const chunk of socket) reply += chunk
  await close(server)
  expect(reply).toMatch(/^HTTP\/1\.1 403 /)
  expect(reply).toContain('expected one of this server. If that page')
})

test.each([
  [
    { Origin: 'https://evil.example' },
    'The request comes from a page of "https://evil.example"; expected one of this server, "media.example".',
  ],
  [
    { 'Sec-Fetch-Site': 'cross-site' },
    'The request comes from a page of another origin; expected one of this server, "media.example".',
  ],
])('who is refused with %p reads what was expected, and the way out', async (headers, message) => {
  const reply = await send(aHost(), 'POST /butler', { ...json, ...here, ...headers })
  expect(errorIn(reply).message).toBe(`${message} If that page may act here, add its origin to \`allowedOrigins\`.`)
})

test('an unknown name from another site is refused for the site', async () => {
  const headers = { ...json, 'Sec-Fetch-Site': 'cross-site' }
  expect(await send(aHost(), 'POST /butler/Unheard', headers)).toMatchObject({ status: 403 })
  expect(await send(aHost(), 'POST /butler//', headers)).toMatchObject({ status: 403 })
})

test('it stands in front of one route, too, and the others are as they were', async () => {
  const app = express()
  app.post('/logout', refuseOtherOrigins(), (_req, res) => void res.end('out'))
  app.post('/elsewhere', (_req, res) => void res.end())
  app.use(butlerErrorHandler)
  const headers = { ...json, ...here, 'Sec-Fetch-Site': 'same-site' }
  expect(await send(app, 'POST /logout', headers)).toMatchObject({ status: 403 })
  expect(await send(app, 'POST /logout', here)).toMatchObject({ status: 200, body: 'out' })
  expect(await send(app, 'POST /elsewhere', headers)).toMatchObject({ status: 200 })
})

test.each<[unknown, string]>([
  [null, 'refuseOtherOrigins(options) is null; expected an object with allowedOrigins.'],
  [['https://a.example'], 'refuseOtherOrigins(options) is ["https://a.example"]; expected an object with'],
  [{ origins: [] }, 'refuseOtherOrigins(options) has "origins", which nothing reads; expected only allowedOrigins.'],
  [{ allowedOrigins: null }, 'refuseOtherOrigins(options).allowedOrigins is null; expected an array'],
  [{ allowedOrigins: ['*'] }, 'refuseOtherOrigins(options).allowedOrigins[0] is "*"; expected the origins by name'],
])('%j is refused when the middleware is made', (options, message) => {
  expect(() => refuseOtherOrigins(options as OtherOriginsOptions)).toThrow(
    expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining(message) }),
  )
})

test('where somebody forgot to make it, nothing passes', async () => {
  const app = express()
  app.post('/logout', refuseOtherOrigins as never, (_req, res) => void res.end('out'))
  app.use(butlerErrorHandler)
  expect(await send(app, 'POST /logout', here)).toMatchObject({ status: 500 })
})
