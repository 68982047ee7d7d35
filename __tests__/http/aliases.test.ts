import type { Server } from 'node:http'
import { PlexAPI as PlexAPI043 } from 'plexjs043'
import { StartTaskTask, StopTaskTask } from 'plexjs043/sdk/models/operations/index.js'
import type { ButlerRouterOptions } from '../../lib/http/router-options'
import { aHost, aRegistry, callsOf, close, errorIn, json, listen, send } from '../helpers/http'
import { elementsIn } from '../helpers/xml'

const servers: Server[] = []

afterEach(() => Promise.all(servers.splice(0).map(close)))

const aliases = { AutomaticUpdates: 'CheckForUpdates', Vacuum: 'OptimizeDatabase' }

const host = (registry: object = aRegistry(), options: Partial<ButlerRouterOptions<string>> = {}) =>
  aHost(registry, { aliases, ...options })

describe.each([
  ['POST', 'start'],
  ['DELETE', 'stop'],
])('%s', (method, member) => {
  test.each([
    // The short cut, and all the ways around it.
    '/butler/AutomaticUpdates',
    '/butler/AutomaticUpdates/',
    '/butler/AutomaticUpdates?X-Plex-Token=t',
    '/butler/AutomaticUpdates/?X-Plex-Token=t',
    '/butler/Automatic%55pdates',
    '/butler/CheckForUpdates',
  ])('%s acts on the task, once', async (path) => {
    const registry = aRegistry()
    const reply = await send(host(registry), `${method} ${path}`)
    expect(reply).toMatchObject({ status: 200, body: '' })
    expect(callsOf(registry)).toMatchObject([[member, 'CheckForUpdates', { trigger: 'manual' }]])
  })

  test.each(['automaticupdates', 'AutomaticUpdates%20', 'constructor', '__proto__'])(
    '%s is no alias, and the message tells those that are',
    async (name) => {
      const registry = aRegistry()
      const options = { taskNames: ['CheckForUpdates', 'OptimizeDatabase'] }
      const reply = await send(host(registry, options), `${method} /butler/${name}`, json)
      expect(errorIn(reply)).toEqual({
        code: 'BUTLER_UNKNOWN_TASK',
        status: 400,
        message: `The task name is "${decodeURIComponent(name)}"; expected one of CheckForUpdates, OptimizeDatabase, AutomaticUpdates (means CheckForUpdates), Vacuum (means OptimizeDatabase).`,
      })
      expect(callsOf(registry)).toEqual([])
    },
  )

  test('another site may no more use an alias than the name', async () => {
    const registry = aRegistry()
    const reply = await send(host(registry), `${method} /butler/Vacuum`, { 'Sec-Fetch-Site': 'cross-site' })
    expect(reply.status).toBe(403)
    expect(callsOf(registry)).toEqual([])
  })
})

test('answers speak of the task', async () => {
  const registry = aRegistry({ start: async () => 'already-running', stop: async () => 'not-running' })
  expect((await send(host(registry), 'POST /butler/Vacuum')).status).toBe(202)
  const reply = await send(host(registry), 'DELETE /butler/Vacuum', json)
  expect(errorIn(reply).message).toBe('OptimizeDatabase neither runs nor waits to run.')
})

test('who asks is found with the name of the task', async () => {
  const by = jest.fn((req) => req.params.taskName)
  const registry = aRegistry()
  for (const path of ['/butler/Vacuum', '/butler/Vacuum/']) await send(host(registry, { by }), `POST ${path}`)
  const asked = ['start', 'OptimizeDatabase', { trigger: 'manual', by: 'OptimizeDatabase' }]
  expect(callsOf(registry)).toEqual([asked, asked])
})

test('a method that there is not is refused as for the task', async () => {
  expect(await send(host(), 'PUT /butler/Vacuum')).toMatchObject({
    status: 405,
    headers: { allow: 'POST, DELETE, OPTIONS' },
  })
})

test('the list tells the task once, under its own name', async () => {
  const list = async () => [{ name: 'CheckForUpdates', enabled: true, state: 'idle' }]
  const { body } = await send(host(aRegistry({ list })), 'GET /butler')
  expect(JSON.parse(body).ButlerTasks.ButlerTask.map(({ name }: { name: string }) => name)).toEqual(['CheckForUpdates'])
  const xml = await send(host(aRegistry({ list })), 'GET /butler', { accept: 'application/xml' })
  expect(elementsIn(xml.body).map(({ attributes }) => attributes.name)).toEqual([undefined, 'CheckForUpdates'])
})

test('they are read when the router is made', async () => {
  const changing: Record<string, string> = { Vacuum: 'OptimizeDatabase' }
  const app = host(aRegistry(), { aliases: changing })
  changing.Backup = 'BackupDatabase'
  delete changing.Vacuum
  expect((await send(app, 'POST /butler/Backup')).status).toBe(400)
  expect((await send(app, 'POST /butler/Vacuum')).status).toBe(200)
})

test('a generated client that knows only the newer name starts and stops the task', async () => {
  const registry = aRegistry()
  const { server, port } = await listen(host(registry))
  servers.push(server)
  const { butler } = new PlexAPI043({ serverURL: `http://127.0.0.1:${port}`, token: 't' })
  expect(await butler.startTask({ task: StartTaskTask.AutomaticUpdates })).toMatchObject({ statusCode: 200 })
  expect(await butler.stopTask({ task: StopTaskTask.AutomaticUpdates })).toMatchObject({ statusCode: 200 })
  expect(callsOf(registry)).toMatchObject([
    ['start', 'CheckForUpdates', {}],
    ['stop', 'CheckForUpdates', {}],
  ])
})
