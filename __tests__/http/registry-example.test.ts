import request from 'supertest'
import { errorIn, json } from '../helpers/http'
import { createApp, type Job } from './registry-example'

/** A job that goes on until it is stopped. */
const stubborn: Job = (signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test('a host’s own registry answers on the wire as the Butler does', async () => {
  const server = request(createApp(new Map([['SendDigest', stubborn]])))
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
