import { type ContractSubject, registryContract } from 'express-butler/testing'
import request from 'supertest'
import { errorIn, json } from '../helpers/http'
import { createApp, type Job, registryOf } from './registry-example'

/** A job that goes on until it is stopped or told to finish. */
function aJob(): { job: Job; finish(): void } {
  let finish = () => {}
  const job: Job = (signal) =>
    new Promise((resolve, reject) => {
      finish = resolve
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  return { job, finish: () => finish() }
}

async function openExample(): Promise<ContractSubject> {
  const jobs = { SendDigest: aJob(), EmptyTrash: aJob() }
  const registry = registryOf(new Map(Object.entries(jobs).map(([name, { job }]) => [name, job])))
  return {
    registry,
    names: ['SendDigest', 'EmptyTrash'],
    async finish(name) {
      jobs[name as keyof typeof jobs].finish()
      await new Promise((resolve) => setImmediate(resolve))
    },
    close: async () => void (await registry.stopAll({ trigger: 'manual' })),
  }
}

test('a host’s own registry answers on the wire as the Butler does', async () => {
  const server = request(createApp(new Map([['SendDigest', aJob().job]])))
  await server.post('/butler/SendDigest').expect(200, '')
  await server.post('/butler/SendDigest').expect(202, '')
  const { body } = await server.get('/butler').expect(200)
  expect(body.ButlerTasks.ButlerTask).toEqual([
    {
      name: 'SendDigest',
      title: 'SendDigest',
      description: '',
      interval: 1,
      enabled: true,
      scheduleRandomized: false,
      state: 'running',
    },
  ])
  await server.delete('/butler/SendDigest').expect(200, '')
  await server.delete('/butler/SendDigest').expect(404)
  await server.post('/butler').expect(200, '')
  await server.delete('/butler').expect(200, '')
  const refused = await server.post('/butler/EmptyTrash').set(json).expect(400)
  expect(errorIn(refused).message).toBe('The task name is "EmptyTrash"; expected one of SendDigest.')
})

test('a job that fails is told, and can be started again', async () => {
  const told = jest.spyOn(console, 'error').mockImplementation(() => {})
  const full = new Error('the disk is full')
  const server = request(createApp(new Map([['EmptyTrash', () => Promise.reject(full)]])))
  await server.post('/butler/EmptyTrash').expect(200)
  await server.post('/butler/EmptyTrash').expect(200)
  expect(told.mock.calls).toEqual(Array(2).fill(['EmptyTrash failed', full]))
  told.mockRestore()
})

describe('it keeps what every registry promises:', () => {
  for (const { title, check } of registryContract) test(title, () => check(openExample))
})
