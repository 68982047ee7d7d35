import createError from 'http-errors'
import request from 'supertest'
import { createButler } from '../../lib/butler'
import { ButlerError } from '../../lib/errors'
import type { Refusal } from '../../lib/registry'
import { fakeClock } from '../../lib/testing/fake-clock'
import { aHost, aRegistry, type Behaviour, send } from '../helpers/http'

/** A registry that wants to know what was refused. */
function aNotingRegistry(behaviour: Behaviour = {}) {
  const refusals: Refusal[] = []
  const registry = { ...aRegistry(behaviour), noteRefusal: (refusal: Refusal) => void refusals.push(refusal) }
  return { registry, refusals }
}

const rejecting = (error: unknown) => ({ start: async () => Promise.reject(error) })
const foreign = { 'Sec-Fetch-Site': 'cross-site' }

describe('the registry is told of', () => {
  test.each<[string, string, Behaviour, Record<string, string>, Refusal]>([
    ['an unknown name', 'POST /butler/NoSuch', {}, {}, { code: 'BUTLER_UNKNOWN_TASK', status: 400, method: 'POST' }],
    [
      'a name that cannot be decoded',
      'POST /butler/%E0%A4%A',
      {},
      {},
      { code: 'BUTLER_UNKNOWN_TASK', status: 400, method: 'POST' },
    ],
    [
      'another site, the short way',
      'POST /butler/BackupDatabase',
      {},
      foreign,
      { code: 'BUTLER_CROSS_SITE', status: 403, method: 'POST' },
    ],
    [
      'another site, the long way',
      'DELETE /butler/BackupDatabase/',
      {},
      foreign,
      { code: 'BUTLER_CROSS_SITE', status: 403, method: 'DELETE' },
    ],
    [
      'a task that does not run',
      'DELETE /butler/BackupDatabase',
      { stop: async () => 'not-running' },
      {},
      { code: 'BUTLER_NOT_RUNNING', status: 404, method: 'DELETE' },
    ],
    ['a method', 'PUT /butler', {}, {}, { code: 'BUTLER_METHOD_NOT_ALLOWED', status: 405, method: 'PUT' }],
    [
      'a task that nobody implements',
      'POST /butler/BackupDatabase',
      rejecting(new ButlerError('BUTLER_TASK_NOT_IMPLEMENTED', 'No.')),
      {},
      { code: 'BUTLER_TASK_NOT_IMPLEMENTED', status: 501, method: 'POST' },
    ],
    [
      'a registry that cannot be reached',
      'POST /butler/BackupDatabase',
      rejecting(new ButlerError('BUTLER_UNAVAILABLE', 'No.')),
      {},
      { code: 'BUTLER_UNAVAILABLE', status: 503, method: 'POST' },
    ],
    [
      'an error of its own',
      'POST /butler/BackupDatabase',
      rejecting(createError(429, 'Slower.', { code: 'SLOWER' })),
      {},
      { code: null, status: 429, method: 'POST' },
    ],
  ])('%s, once', async (_, line, behaviour, headers, refusal) => {
    const { registry, refusals } = aNotingRegistry(behaviour)
    const { status } = await send(aHost(registry), line, headers)
    expect(refusals).toEqual([refusal])
    expect(status).toBe(refusal.status)
  })
})

test('what is answered as asked is no refusal, nor is what the router leaves to others', async () => {
  const { registry, refusals } = aNotingRegistry({ start: async () => 'already-running' })
  const app = aHost(registry)
  for (const [line, status] of [
    ['GET /butler', 200],
    ['OPTIONS /butler', 204],
    ['POST /butler/BackupDatabase', 202],
    ['DELETE /butler/BackupDatabase', 200],
    ['GET /butler/BackupDatabase/more', 404],
  ] as const) {
    expect([line, (await send(app, line)).status]).toEqual([line, status])
  }
  expect(refusals).toEqual([])
})

test('a registry that fails to count costs nobody the answer', async () => {
  const registry = {
    ...aRegistry(),
    noteRefusal() {
      throw new Error('I cannot count.')
    },
  }
  await request(aHost(registry)).post('/butler/NoSuch').expect(400)
})

test('a Butler tells it as an event', async () => {
  const butler = createButler({ tasks: { Tidy: async () => {} }, clock: fakeClock() })
  const told: Refusal[] = []
  butler.on('call:refused', (refusal) => void told.push(refusal))
  const app = aHost(butler)
  await request(app).post('/butler/NoSuch').expect(400)
  await request(app).post('/butler/Tidy').expect(503)
  expect(told).toEqual([
    { code: 'BUTLER_UNKNOWN_TASK', status: 400, method: 'POST' },
    { code: 'BUTLER_NOT_OPEN', status: 503, method: 'POST' },
  ])
})
