const express = require('express')
const { butlerErrorHandler, createButler, createButlerRouter } = require('express-butler')
const { fakeClock, registryContract } = require('express-butler/testing')
const request = require('supertest')

test('a task starts over HTTP', async () => {
  const butler = createButler({ tasks: { SendReport: async () => 'sent' }, clock: fakeClock() })
  await butler.open()
  const app = express().use('/butler', createButlerRouter({ registry: butler }), butlerErrorHandler)
  await request(app).post('/butler/SendReport').expect(200, '')
  await request(app).post('/butler/SendRaport').expect(400)
  await butler.close()
})

test('the window starts what is due', async () => {
  const clock = fakeClock('2026-01-14T23:00Z')
  const runs = []
  const window = { opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' }
  const butler = createButler({ tasks: { SendReport: ({ trigger }) => runs.push(trigger) }, window, clock })
  await butler.open()
  await clock.moveTo('2026-01-15T06:00Z')
  expect(runs).toEqual(['window'])
  await butler.close()
})

test('a registry of the host can be held to the contract', () => {
  expect(registryContract.map(({ title }) => title)).toContain('starts a task, and lists it as running')
})
