import type { OutgoingHttpHeaders, Server } from 'node:http'
import express from 'express'
import { PlexAPI as PlexAPI039 } from 'plexjs039'
import * as named039 from 'plexjs039/sdk/models/operations/index.js'
import { PlexAPI as PlexAPI043 } from 'plexjs043'
import * as named043 from 'plexjs043/sdk/models/operations/index.js'
import { Accepts } from 'plexjs043/sdk/models/shared/index.js'
import type { Butler } from '../../lib/butler'
import { held, openButler } from '../helpers/butler'
import { aHost, close, errorIn, listen, type Reply, send } from '../helpers/http'
import { expectPage, headersOfClients } from '../helpers/plex-clients'
import { elementsIn } from '../helpers/xml'

const servers: Server[] = []

afterEach(() => Promise.all(servers.splice(0).map(close)))

/** A host that parses bodies, as most do, with a Butler that has three tasks, two of them enabled. */
async function openHost() {
  const tasks = { BackupDatabase: held(), OptimizeDatabase: held(), RefreshLibraries: held() }
  const { butler } = await openButler({ tasks })
  const app = express()
  app.use(express.json(), express.urlencoded({ extended: false }), aHost(butler as unknown as Butler))
  const states = async () => (await butler.list()).map(({ state }) => state)
  return { app, states }
}

/** What a program does with the Butler by a client made for it; its one task is BackupDatabase. Rejects with what the client throws. */
interface Client {
  list(): Promise<{ object?: { butlerTasks?: { butlerTask?: object[] } } }>
  start(): Promise<{ statusCode: number }>
  stop(): Promise<{ statusCode: number }>
  startAll(): Promise<{ statusCode: number }>
  stopAll(): Promise<{ statusCode: number }>
}

const generated: Record<string, (serverURL: string) => Client> = {
  'plexjs 0.39': (serverURL) => {
    const { butler } = new PlexAPI039({ serverURL, accessToken: 't' })
    return {
      list: () => butler.getButlerTasks(),
      start: () => butler.startTask(named039.TaskName.BackupDatabase),
      stop: () => butler.stopTask(named039.PathParamTaskName.BackupDatabase),
      startAll: () => butler.startAllTasks(),
      stopAll: () => butler.stopAllTasks(),
    }
  },
  'plexjs 0.43': (serverURL) => {
    const { butler } = new PlexAPI043({ serverURL, token: 't', accepts: Accepts.ApplicationXml, clientIdentifier: 'c' })
    return {
      list: () => butler.getTasks(),
      start: () => butler.startTask({ task: named043.StartTaskTask.BackupDatabase }),
      stop: () => butler.stopTask({ task: named043.StopTaskTask.BackupDatabase }),
      startAll: () => butler.startTasks(),
      stopAll: () => butler.stopTasks(),
    }
  },
}

describe.each(Object.entries(generated))('the generated client %s', (_, open) => {
  test('lists, starts, starts again, stops, stops again, starts all and stops all', async () => {
    const { app, states } = await openHost()
    const { server, port } = await listen(app)
    servers.push(server)
    const client = open(`http://127.0.0.1:${port}`)

    expect((await client.list()).object?.butlerTasks?.butlerTask).toEqual([
      {
        name: 'BackupDatabase',
        title: 'Back up the database',
        description: 'Keeps a verified copy of the library database beside the newest earlier ones.',
        interval: 3,
        enabled: true,
        scheduleRandomized: false,
      },
      expect.objectContaining({ name: 'OptimizeDatabase', interval: 7 }),
      expect.objectContaining({ name: 'RefreshLibraries', enabled: false, scheduleRandomized: true }),
    ])

    expect((await client.start()).statusCode).toBe(200)
    expect(await states()).toEqual(['running', 'idle', 'idle'])
    expect((await client.start()).statusCode).toBe(202)
    expect((await client.stop()).statusCode).toBe(200)
    await expect(client.stop()).rejects.toMatchObject({
      name: 'SDKError',
      statusCode: 404,
      body: expect.stringContaining('BackupDatabase neither runs nor waits to run.'),
    })
    expect(await states()).toEqual(['idle', 'idle', 'idle'])

    expect((await client.startAll()).statusCode).toBe(200)
    expect(await states()).toEqual(['running', 'running', 'idle'])
    expect((await client.stopAll()).statusCode).toBe(200)
    expect(await states()).toEqual(['idle', 'idle', 'idle'])
    expect((await client.stopAll()).statusCode).toBe(200)
  })
})

const { python, pythonPage, goList, goDo, dart, manager, managerPost, webTools, perl, curl, curlData } =
  headersOfClients('t')

const asXml = ({ body }: Reply) => elementsIn(body)
const asJson = ({ body }: Reply) => JSON.parse(body)

/** What each client needs of a list. */
function expectXmlList(reply: Reply): void {
  const [root, ...tasks] = asXml(reply)
  expect(root).toEqual({ name: 'ButlerTasks', attributes: {} })
  expect(tasks.map(({ attributes }) => attributes.name)).toEqual([
    'BackupDatabase',
    'OptimizeDatabase',
    'RefreshLibraries',
  ])
  for (const { name, attributes } of tasks) {
    expect(name).toBe('ButlerTask')
    expect(attributes).toMatchObject({
      title: expect.any(String),
      description: expect.any(String),
      interval: expect.stringMatching(/^\d+$/),
      enabled: expect.stringMatching(/^[01]$/),
      scheduleRandomized: expect.stringMatching(/^[01]$/),
    })
  }
}

function expectJsonList(reply: Reply): void {
  const { ButlerTasks, ...rest } = asJson(reply)
  expect(rest).toEqual({})
  for (const task of ButlerTasks.ButlerTask) {
    expect(Number.isInteger(task.interval)).toBe(true)
    expect([typeof task.enabled, typeof task.scheduleRandomized]).toEqual(['boolean', 'boolean'])
  }
}

function expectNothing({ body, headers }: Reply): void {
  expect({ body, length: headers['content-length'], type: headers['content-type'] }).toEqual({
    body: '',
    length: '0',
    type: undefined,
  })
}

const expectJsonError = (code: string) => (reply: Reply) =>
  expect(errorIn(reply)).toEqual({ code, status: reply.status, message: expect.any(String) })

type Step = [line: string, headers: OutgoingHttpHeaders, status: number, holds: (reply: Reply) => void]

test.each<[string, Step[]]>([
  [
    'python-plexapi',
    [
      ['GET /butler', pythonPage, 200, expectXmlList],
      ['POST /butler/BackupDatabase', python, 200, expectNothing],
      ['GET /butler', pythonPage, 200, expectXmlList],
    ],
  ],
  [
    'plexgo and plexpy',
    [
      ['GET /butler', goList, 200, expectJsonList],
      ['POST /butler/BackupDatabase', goDo, 200, expectNothing],
      ['POST /butler/BackupDatabase', goDo, 202, expectNothing],
      ['DELETE /butler/BackupDatabase', goDo, 200, expectNothing],
      ['DELETE /butler/BackupDatabase', goDo, 404, expectPage],
      ['POST /butler', goDo, 200, expectNothing],
      ['DELETE /butler', goDo, 200, expectNothing],
    ],
  ],
  [
    'dart_plex',
    [
      ['GET /butler', dart, 200, expectJsonList],
      ['POST /butler/BackupDatabase', dart, 200, expectNothing],
      ['DELETE /butler/BackupDatabase', dart, 200, expectNothing],
      ['DELETE /butler/BackupDatabase', dart, 404, expectJsonError('BUTLER_NOT_RUNNING')],
    ],
  ],
  [
    'PlexManager',
    [
      ['GET /butler?X-Plex-Token=t', manager, 200, expectJsonList],
      ['POST /butler/BackupDatabase?X-Plex-Token=t', managerPost, 200, expectNothing],
      ['DELETE /butler/BackupDatabase?X-Plex-Token=t', manager, 200, expectNothing],
      ['DELETE /butler/?X-Plex-Token=t', manager, 200, expectNothing],
    ],
  ],
  [
    'WebTools-NG',
    [
      ['POST /butler/OptimizeDatabase', webTools, 200, expectNothing],
      ['POST /butler/GenerateNonsense', webTools, 400, expectJsonError('BUTLER_UNKNOWN_TASK')],
    ],
  ],
  [
    'a client in Perl',
    [
      ['GET /butler?X-Plex-Token=t', perl, 200, expectXmlList],
      ['POST /butler/BackupDatabase?X-Plex-Token=t', perl, 200, expectNothing],
      ['DELETE /butler/BackupDatabase?X-Plex-Token=t', perl, 200, expectNothing],
      ['DELETE /butler/BackupDatabase?X-Plex-Token=t', perl, 404, expectPage],
    ],
  ],
  [
    'a script with curl',
    [
      ['GET /butler?X-Plex-Token=t', curl, 200, expectXmlList],
      ['GET /butler', curl, 200, expectJsonList],
      ['POST /butler/BackupDatabase?X-Plex-Token=t', curl, 200, expectNothing],
      ['POST /butler/BackupDatabase?X-Plex-Token=t', curlData, 202, expectNothing],
      ['POST /butler?X-Plex-Token=t', curlData, 200, expectNothing],
      ['DELETE /butler?X-Plex-Token=t', curl, 200, expectNothing],
      ['DELETE /butler/?X-Plex-Token=t', curl, 200, expectNothing],
    ],
  ],
])('%s gets what it needs', async (_, steps) => {
  const { app } = await openHost()
  for (const [line, headers, status, holds] of steps) {
    const reply = await send(app, line, headers)
    expect([line, reply.status]).toEqual([line, status])
    holds(reply)
  }
})
