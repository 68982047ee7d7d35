import express from 'express'
import { createButler, createButlerRouter } from 'express-butler'
import request from 'supertest'
import { closedWindow } from '../../__tests__/helpers/windows'
import { serveMetrics } from '../server/metrics'
import { requireToken } from '../server/token'

const TOKEN = 's3cret'
const butler = createButler({ window: closedWindow(), tasks: { BackupDatabase: async () => {} } })
const app = express()
app.use('/butler', createButlerRouter({ registry: butler }))
app.get('/metrics', requireToken(TOKEN), serveMetrics(butler))

afterAll(() => butler.close())

/** As Prometheus asks, with the token among the `params` of its configuration. */
const scrape = () => request(app).get('/metrics').query({ 'X-Plex-Token': TOKEN })

test('nobody reads the metrics without the token', async () => {
  const answer = await request(app).get('/metrics').expect(401)
  expect(answer.text).not.toContain('BackupDatabase')
})

test('Prometheus reads what the Butler did, what was refused, and when a task last succeeded', async () => {
  expect((await scrape().expect(200)).text).toMatch(/^butler_up 0$/m)
  await butler.open()
  const ended = new Promise((resolve) => butler.once('run:ended', resolve))
  await request(app).post('/butler/BackupDatabase').expect(200)
  await ended
  await request(app).post('/butler/NoSuchTask').expect(400)
  const { text, headers } = await scrape().expect(200)
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(headers['cache-control']).toBe('no-store')
  expect(text).toMatch(/^butler_up 1$/m)
  expect(text).toMatch(/^butler_runs_total\{task="BackupDatabase",outcome="completed"\} 1$/m)
  expect(text).toMatch(/^butler_refused_calls_total\{code="BUTLER_UNKNOWN_TASK"\} 1$/m)
  const [, at] = /^butler_task_last_success_timestamp_seconds\{task="BackupDatabase"\} ([\d.]+)$/m.exec(text) ?? []
  const [backup] = await butler.list()
  expect(Number(at) * 1_000).toBeCloseTo(Date.parse(backup?.lastRun?.endedAt ?? ''))
})
