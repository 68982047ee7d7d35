import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import request from 'supertest'
import { withoutQuery } from '../server/logger'
import { keepToken, requireToken } from '../server/token'
import { aFolder, cleanUp } from './helpers/test-library'

afterEach(cleanUp)

const app = express().use('/butler', requireToken('s3cret'), (_req, res) => void res.send('inside'))

test.each([
  ['the header', (get: request.Test) => get.set('X-Plex-Token', 's3cret')],
  ['the header in small letters', (get: request.Test) => get.set('x-plex-token', 's3cret')],
  ['the query', (get: request.Test) => get.query({ 'X-Plex-Token': 's3cret' })],
  ['the query beside an empty header', (get: request.Test) => get.query('X-Plex-Token=s3cret').set('X-Plex-Token', '')],
])('lets in who has the token in %s', async (_, ask) => {
  await ask(request(app).get('/butler')).expect(200, 'inside')
})

test.each([
  ['nothing', (get: request.Test) => get],
  ['an empty token', (get: request.Test) => get.set('X-Plex-Token', '')],
  ['the token elsewhere', (get: request.Test) => get.query('token=s3cret').set('Cookie', 'X-Plex-Token=s3cret')],
])('keeps out who has %s', async (_, ask) => {
  const { headers, text } = await ask(request(app).get('/butler')).expect(401)
  expect(headers['www-authenticate']).toBe('X-Plex-Token')
  expect(text).toContain('A token is needed')
})

test.each([
  ['another token', (get: request.Test) => get.set('X-Plex-Token', 's3cre')],
  ['the token in other letters', (get: request.Test) => get.set('X-Plex-Token', 'S3CRET')],
  ['two tokens', (get: request.Test) => get.query('X-Plex-Token=s3cret&X-Plex-Token=s3cret')],
])('keeps out who has %s, and says that it is a wrong one', async (_, ask) => {
  const { headers, text } = await ask(request(app).get('/butler')).expect(401)
  expect(headers['www-authenticate']).toBe('X-Plex-Token')
  expect(text).toContain('That is not the token')
})

test('a token is made once, and only its owner may read it', async () => {
  const file = join(await aFolder(), 'token')
  const token = await keepToken(file)
  expect(token).toMatch(/^[\w-]{32}$/)
  expect(await keepToken(file)).toBe(token)
  expect((await readFile(file, 'utf8')).trim()).toBe(token)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('an empty token file opens no door', async () => {
  const file = join(await aFolder(), 'token')
  await writeFile(file, '\n')
  await expect(keepToken(file)).rejects.toThrow('is empty')
})

test.each([
  ['/butler', '/butler'],
  ['/butler?X-Plex-Token=s3cret', '/butler?[redacted]'],
  ['/butler/BackupDatabase?X%2DPlex%2DToken=s3cret&a=b', '/butler/BackupDatabase?[redacted]'],
  ['/butler?a=b?s3cret', '/butler?[redacted]'],
])('the log has %s as %s', (url, logged) => {
  expect(withoutQuery(url)).toBe(logged)
})

test('300 wrong tokens, and the address waits until the minute is over', async () => {
  const braked = express().use('/butler', requireToken('s3cret'), (_req, res) => void res.send('inside'))
  const { server, port } = await listening(braked)
  const ask = (token: string) => fetch(`http://127.0.0.1:${port}/butler`, { headers: { 'X-Plex-Token': token } })
  try {
    for (let time = 0; time < 300; time += 1) expect((await ask('wrong')).status).toBe(401)
    const { status, headers } = await ask('s3cret')
    expect([status, Number(headers.get('Retry-After')) > 0]).toEqual([429, true])
  } finally {
    server.close()
  }
})

test('any number of right tokens may come at once', async () => {
  let answer = () => {}
  const all = new Promise<void>((resolve) => {
    answer = resolve
  })
  let asked = 0
  const busy = express().use('/butler', requireToken('s3cret'), async (_req, res) => {
    asked += 1
    if (asked === 310) answer()
    await all
    res.send('inside')
  })
  const { server, port } = await listening(busy)
  const ask = () => fetch(`http://127.0.0.1:${port}/butler`, { headers: { 'X-Plex-Token': 's3cret' } })
  try {
    const answers = await Promise.all(Array.from({ length: 310 }, ask))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  } finally {
    answer()
    server.close()
  }
})

async function listening(app: express.Express) {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}
