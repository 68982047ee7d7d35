import type { OutgoingHttpHeaders } from 'node:http'
import express from 'express'
import { aHost, aRegistry, send } from '../helpers/http'

const app = () => aHost(aRegistry({ list: async () => [{ name: 'BackupDatabase', enabled: true, state: 'idle' }] }))

const token = { 'X-Plex-Token': 't' }

test.each<[accept: string | undefined, more: OutgoingHttpHeaders, query: string, format: 'json' | 'xml']>([
  // Accept               other headers           query        format
  // Nobody says anything: JSON.
  [undefined, {}, '', 'json'],
  ['*/*', {}, '', 'json'],
  ['', {}, '', 'json'],
  ['text/html', {}, '', 'json'],
  ['text/html,application/xhtml+xml,image/avif,*/*;q=0.8', {}, '', 'json'],
  ['image/png', {}, '', 'json'],
  ['application/*', {}, '', 'json'],
  ['application/atom+xml', {}, '', 'json'],
  ['application/xml-dtd', {}, '', 'json'],
  ['nonsense;;,,;q=', {}, '', 'json'],
  // Asked for by name.
  ['application/json', {}, '', 'json'],
  ['application/xml', {}, '', 'xml'],
  ['text/xml', {}, '', 'xml'],
  ['APPLICATION/XML', {}, '', 'xml'],
  [' application/xml ; charset=utf-8', {}, '', 'xml'],
  ['text/html, application/xml', {}, '', 'xml'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', {}, '', 'xml'],
  ['application/json, text/plain, */*', {}, '', 'json'],
  // JSON always wins where it is named.
  ['application/xml, application/json', {}, '', 'json'],
  ['application/json;q=0.1, application/xml', {}, '', 'json'],
  ['Application/JSON', token, '', 'json'],
  // What has no quality is refused.
  ['application/xml;q=0', {}, '', 'json'],
  ['application/xml; q=0.000', {}, '', 'json'],
  ['application/xml; Q = 0', {}, '', 'json'],
  ['application/xml;q=0.001', {}, '', 'xml'],
  ['application/xml;q=0.5', {}, '', 'xml'],
  ['application/json;q=0, application/xml', {}, '', 'xml'],
  ['application/json;q=0', token, '', 'xml'],
  ['application/json;q=0', {}, '', 'json'],
  ['application/xml;q=0, text/xml', {}, '', 'xml'],
  // Clients of a media server, known by their headers or query, take XML when they say nothing.
  [undefined, token, '', 'xml'],
  ['*/*', token, '', 'xml'],
  ['text/html', token, '', 'xml'],
  [undefined, { 'x-plex-client-identifier': 'c' }, '', 'xml'],
  [undefined, { 'X-PLEX-PRODUCT': 'p' }, '', 'xml'],
  [undefined, { 'X-Plex-Container-Start': '0', 'X-Plex-Container-Size': '50' }, '', 'xml'],
  [undefined, { 'X-Plex-Token': '' }, '', 'xml'],
  [undefined, {}, '?X-Plex-Token=t', 'xml'],
  [undefined, {}, '?x-plex-token=t', 'xml'],
  [undefined, {}, '?a=b&X-Plex-Token', 'xml'],
  ['*/*', {}, '?X-Plex-Token=t', 'xml'],
  ['application/json', {}, '?X-Plex-Token=t', 'json'],
  ['application/json', token, '', 'json'],
  ['application/json, text/plain, */*', {}, '?X-Plex-Token=t', 'json'],
  // What looks like one and is none.
  [undefined, {}, '?next=X-Plex-Token', 'json'],
  [undefined, {}, '?aX-Plex-Token=t', 'json'],
  [undefined, {}, '?x-plexiglass=t', 'json'],
  [undefined, { 'X-Plexiglass': '1' }, '', 'json'],
  [undefined, { 'My-X-Plex-Token': 't' }, '', 'json'],
  // A header that is literally called `accepts`, and an empty cookie, mean nothing.
  [undefined, { accepts: 'application/xml' }, '', 'json'],
  ['*/*', { accepts: 'application/xml' }, '', 'json'],
  ['application/json', { accepts: 'application/xml', ...token }, '', 'json'],
  ['application/xml', { accepts: 'application/json' }, '', 'xml'],
  [undefined, { cookie: '' }, '', 'json'],
  ['application/json', { cookie: '', ...token }, '', 'json'],
  [undefined, { 'content-type': 'application/xml' }, '', 'json'],
])('Accept %s, with %p and %s: %s', async (accept, more, query, format) => {
  const headers = accept === undefined ? more : { accept, ...more }
  for (const path of ['/butler', '/butler/']) {
    const reply = await send(app(), `GET ${path}${query}`, headers)
    expect(reply.status).toBe(200)
    expect(reply.headers['content-type']).toBe(`application/${format}; charset=utf-8`)
    expect(reply.body.startsWith(format === 'json' ? '{"ButlerTasks":' : '<?xml ')).toBe(true)
  }
})

test.each(['application/json', 'application/xml'])(
  'caches are told that %s depends on what was asked',
  async (accept) => {
    const { headers } = await send(app(), 'GET /butler', { accept })
    expect(headers.vary).toBe('Accept')
    expect(headers['cache-control']).toBe('no-cache')
  },
)

test('what the host has said of Vary is kept', async () => {
  const host = express()
  host.use((_req, res, next) => {
    res.vary('Cookie')
    next()
  }, aHost())
  const { headers } = await send(host, 'GET /butler')
  expect(headers.vary).toBe('Cookie, Accept')
})

test('a list that has not changed is not sent again', async () => {
  const host = app()
  const { headers } = await send(host, 'GET /butler')
  const again = await send(host, 'GET /butler', { 'if-none-match': headers.etag })
  expect(again).toMatchObject({ status: 304, body: '' })
  expect(await send(host, 'GET /butler', { 'if-none-match': headers.etag, accept: 'text/xml' })).toMatchObject({
    status: 200,
  })
})
