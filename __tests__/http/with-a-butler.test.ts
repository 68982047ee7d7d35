import express from 'express'
import request from 'supertest'
import type { Butler } from '../../lib/butler'
import { butlerErrorHandler } from '../../lib/http/error-handler'
import { createButlerRouter } from '../../lib/http/router'
import { held, NIGHT, openButler, stubborn } from '../helpers/butler'

function serve(butler: Butler<never>, options: object = {}) {
  const app = express()
  app.use('/butler', createButlerRouter({ registry: butler as unknown as Butler, ...options }))
  app.use(butlerErrorHandler)
  return request(app)
}

const errorOf = (code: string) => ({ errors: [expect.objectContaining({ code, message: expect.any(String) })] })

test('starts, starts again, stops, and stops again', async () => {
  const { butler } = await openButler({ tasks: { BackupDatabase: held() } })
  const server = serve(butler as never)
  expect((await server.post('/butler/BackupDatabase').expect(200)).text).toBe('')
  expect((await server.post('/butler/BackupDatabase/').expect(202)).text).toBe('')
  expect((await server.delete('/butler/BackupDatabase').expect(200)).text).toBe('')
  const refused = await server.delete('/butler/BackupDatabase').set('Accept', 'application/json').expect(404)
  expect(refused.body).toEqual(errorOf('BUTLER_NOT_RUNNING'))
})

test('lists what every task is doing', async () => {
  const { butler, clock } = await openButler({
    at: NIGHT,
    concurrency: 1,
    tasks: {
      BackupDatabase: async ({ progress, signal }) => {
        progress(0.25, 'a quarter')
        await held()({ signal } as never)
      },
      OptimizeDatabase: held(),
      GenerateAutoTags: held(),
      RefreshLibraries: held(),
    },
  })
  await clock.moveBy(0)
  const { body } = await serve(butler as never)
    .get('/butler')
    .expect(200)
  expect(body.ButlerTasks.ButlerTask).toEqual([
    expect.objectContaining({
      name: 'BackupDatabase',
      interval: 3,
      state: 'running',
      progress: 0.25,
      progressMessage: 'a quarter',
    }),
    expect.objectContaining({
      name: 'GenerateAutoTags',
      scheduleRandomized: true,
      state: 'scheduled',
      scheduledFor: '2026-01-14T03:45:00.000Z',
    }),
    expect.objectContaining({ name: 'OptimizeDatabase', title: 'Optimise the database', interval: 7, state: 'queued' }),
    expect.objectContaining({ name: 'RefreshLibraries', enabled: false, state: 'idle' }),
  ])
})

test('starts all by the rules, and stops all', async () => {
  const { butler, stateOf } = await openButler({
    at: NIGHT,
    tasks: { BackupDatabase: held(), GenerateAutoTags: held() },
  })
  const server = serve(butler as never)
  await server.delete('/butler').expect(200, '')
  expect([await stateOf('BackupDatabase'), await stateOf('GenerateAutoTags')]).toEqual(['idle', 'idle'])
  await server.post('/butler').expect(200, '')
  expect([await stateOf('BackupDatabase'), await stateOf('GenerateAutoTags')]).toEqual(['running', 'scheduled'])
  await server.delete('/butler/').expect(200, '')
  await server.delete('/butler').expect(200, '')
})

test('removes a task from the schedule', async () => {
  const { butler, stateOf } = await openButler({ at: NIGHT, tasks: { GenerateAutoTags: held() } })
  await serve(butler as never)
    .delete('/butler/GenerateAutoTags')
    .expect(200, '')
  expect(await stateOf('GenerateAutoTags')).toBe('idle')
})

test('says 202 when a task has been asked to stop and has not ended within the grace time', async () => {
  const { butler, stateOf } = await openButler({ stopGraceMs: 0, tasks: { BackupDatabase: stubborn() } })
  const server = serve(butler as never)
  await server.post('/butler/BackupDatabase').expect(200)
  await server.delete('/butler/BackupDatabase').expect(202, '')
  expect(await stateOf('BackupDatabase')).toBe('stopping')
  await server.post('/butler/BackupDatabase').expect(202)
})

test('knows the names of the Butler’s own tasks, and no others', async () => {
  const { butler } = await openButler({ tasks: { SendDigest: held() } })
  const server = serve(butler as never)
  await server.post('/butler/SendDigest').expect(200)
  const refused = await server.post('/butler/BackupDatabase').set('Accept', 'application/json').expect(400)
  expect(refused.body.errors[0].message).toContain('SendDigest')
})

test('says of an allowed name that nobody implements how to supply it', async () => {
  const { butler } = await openButler({ tasks: { BackupDatabase: held() } })
  const server = serve(butler as never, { taskNames: ['BackupDatabase', 'OptimizeDatabase'] })
  const { body } = await server.post('/butler/OptimizeDatabase').set('Accept', 'application/json').expect(501)
  expect(body).toEqual(errorOf('BUTLER_TASK_NOT_IMPLEMENTED'))
  expect(body.errors[0].message).toContain('createButler({ tasks: { OptimizeDatabase:')
})

test('says 503 with Retry-After while the Butler is closed', async () => {
  const { butler } = await openButler({ tasks: { BackupDatabase: held() } })
  const server = serve(butler as never)
  await butler.close()
  const { headers, body } = await server.post('/butler/BackupDatabase').set('Accept', 'application/json').expect(503)
  expect(headers['retry-after']).toMatch(/^\d+$/)
  expect(body).toEqual(errorOf('BUTLER_NOT_OPEN'))
})

test('keeps with the run who asked', async () => {
  const { butler } = await openButler({ tasks: { BackupDatabase: held() } })
  await serve(butler as never, { by: () => 'ada' })
    .post('/butler/BackupDatabase')
    .expect(200)
  expect(await butler.history('BackupDatabase')).toMatchObject([{ by: 'ada', trigger: 'manual' }])
})
