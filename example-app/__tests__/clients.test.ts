import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { PlexAPI as PlexAPI039 } from 'plexjs039'
import * as named039 from 'plexjs039/sdk/models/operations/index.js'
import { PlexAPI as PlexAPI043 } from 'plexjs043'
import * as named043 from 'plexjs043/sdk/models/operations/index.js'
import { type Element, elementsIn } from '../../__tests__/helpers/xml'
import { ServerProcess } from './helpers/media-server'
import { aSlowPath } from './helpers/slow-tools'
import { aFolder, cleanUp } from './helpers/test-library'

// Clients as they come from their makers, against the server as it is started. Its window is closed, and its ffmpeg takes its time.

const TOKEN = 'a-token-of-our-own'
let server: ServerProcess
let address: string
let folder: string

beforeAll(async () => {
  folder = await aFolder()
  server = new ServerProcess({
    BUTLER_TOKEN: TOKEN,
    DATA_DIR: folder,
    PATH: await aSlowPath(),
    TZ: 'UTC',
    BUTLER_WINDOW: closedWindow(),
  })
  address = await server.address()
})

afterAll(async () => {
  server.kill('SIGTERM')
  expect(await server.ended()).toBe(0)
  expect(server.log).not.toContain(TOKEN)
  await cleanUp()
})

/** A window far from now, that opens at half past. */
function closedWindow(): string {
  const hour = (ahead: number) => String((new Date().getUTCHours() + ahead) % 24).padStart(2, '0')
  return `${hour(8)}:30-${hour(10)}:00`
}

interface Reply {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** Asks as it is written: no client tidies the path or adds headers. */
async function ask(line: string, headers: OutgoingHttpHeaders = {}): Promise<Reply> {
  const [method = '', path = ''] = line.split(' ')
  const { hostname, port } = new URL(address)
  const [answer] = await once(request({ hostname, port, method, path, headers, agent: false }).end(), 'response')
  let body = ''
  for await (const chunk of answer.setEncoding('utf8')) body += chunk
  return { status: answer.statusCode, headers: answer.headers, body }
}

const json = { Accept: 'application/json', 'X-Plex-Token': TOKEN }

interface Told {
  ButlerTasks: { ButlerTask: { name: string; state: string }[] }
  MediaContainer: {
    Setting: { id: string; value: unknown; default: unknown; summary: string }[]
    Activity: { uuid: string; type: string; title: string; subtitle: string; progress: number; cancellable: boolean }[]
  }
}

async function told(path: string): Promise<Told> {
  return JSON.parse((await ask(`GET ${path}`, json)).body)
}

async function busy(): Promise<string[]> {
  const { ButlerTask } = (await told('/butler')).ButlerTasks
  return ButlerTask.filter(({ state }) => state !== 'idle').map(({ name }) => name)
}

async function values(): Promise<Record<string, unknown>> {
  const { Setting } = (await told('/:/prefs')).MediaContainer
  return Object.fromEntries(Setting.map(({ id, value }) => [id, value]))
}

/** What a program does by a client made for it; its one task is DeepMediaAnalysis. Rejects with what the client throws. */
interface Client {
  list(): Promise<{ object?: { butlerTasks?: { butlerTask?: { name?: string }[] } } }>
  start(): Promise<{ statusCode: number }>
  stop(): Promise<{ statusCode: number }>
  startAll(): Promise<{ statusCode: number }>
  stopAll(): Promise<{ statusCode: number }>
  activities(): Promise<{ object?: { mediaContainer?: { activity?: { uuid?: string; type?: string }[] } } }>
  cancel(uuid: string): Promise<{ statusCode: number }>
  identity(): Promise<{ object?: { mediaContainer?: { machineIdentifier?: string; claimed?: boolean } } }>
  about(): Promise<{ statusCode: number }>
}

const generated: Record<string, () => Client> = {
  'plexjs 0.39': () => {
    const { butler, activities, server } = new PlexAPI039({ serverURL: address, accessToken: TOKEN })
    return {
      list: () => butler.getButlerTasks(),
      start: () => butler.startTask(named039.TaskName.DeepMediaAnalysis),
      stop: () => butler.stopTask(named039.PathParamTaskName.DeepMediaAnalysis),
      startAll: () => butler.startAllTasks(),
      stopAll: () => butler.stopAllTasks(),
      activities: () => activities.getServerActivities(),
      cancel: (uuid) => activities.cancelServerActivities(uuid),
      identity: () => server.getServerIdentity(),
      about: () => server.getServerCapabilities(),
    }
  },
  'plexjs 0.43': () => {
    const { butler, activities, general } = new PlexAPI043({ serverURL: address, token: TOKEN, clientIdentifier: 'c' })
    return {
      list: () => butler.getTasks(),
      start: () => butler.startTask({ task: named043.StartTaskTask.DeepMediaAnalysis }),
      stop: () => butler.stopTask({ task: named043.StopTaskTask.DeepMediaAnalysis }),
      startAll: () => butler.startTasks(),
      stopAll: () => butler.stopTasks(),
      activities: () => activities.listActivities(),
      cancel: (uuid) => activities.cancelActivity({ activityId: uuid }),
      identity: () => general.getIdentity(),
      about: () => general.getServerInfo({}),
    }
  },
}

test('whatever the server lists of itself is there', async () => {
  const { MediaContainer } = JSON.parse((await ask('GET /', json)).body) as {
    MediaContainer: { Directory: { key: string }[] }
  }
  const keys = MediaContainer.Directory.map(({ key }) => key)
  expect(keys).toEqual([':/prefs', 'activities', 'butler', 'identity'])
  for (const key of keys) expect(await ask(`GET /${key}`, json)).toMatchObject({ status: 200 })
})

describe.each(Object.entries(generated))('the generated client %s', (_, open) => {
  afterEach(() => ask('DELETE /butler', json))

  test('lists, starts, starts again, stops and stops again', async () => {
    const client = open()
    const names = (await told('/butler')).ButlerTasks.ButlerTask.map(({ name }) => name)
    expect((await client.list()).object?.butlerTasks?.butlerTask?.map(({ name }) => name)).toEqual(names)
    expect((await client.start()).statusCode).toBe(200)
    expect(await busy()).toEqual(['DeepMediaAnalysis'])
    expect((await client.start()).statusCode).toBe(202)
    expect((await client.stop()).statusCode).toBe(200)
    expect(await busy()).toEqual([])
    await expect(client.stop()).rejects.toMatchObject({ statusCode: 404 })
  })

  test('starts all and stops all', async () => {
    const client = open()
    expect((await client.startAll()).statusCode).toBe(200)
    expect(await busy()).toContain('DeepMediaAnalysis')
    expect((await client.stopAll()).statusCode).toBe(200)
    expect(await busy()).toEqual([])
    expect((await client.stopAll()).statusCode).toBe(200)
  })

  test('sees what runs, and cancels that run and no later one', async () => {
    const client = open()
    expect((await client.activities()).object?.mediaContainer?.activity).toEqual([])
    await client.start()
    const [activity, ...others] = (await client.activities()).object?.mediaContainer?.activity ?? []
    expect(others).toEqual([])
    expect(activity).toMatchObject({ type: 'butler.DeepMediaAnalysis', userID: 1, cancellable: true })
    const uuid = activity?.uuid ?? ''
    expect((await client.cancel(uuid)).statusCode).toBe(200)
    expect(await busy()).toEqual([])

    await client.start()
    await expect(client.cancel(uuid)).rejects.toMatchObject({ statusCode: 404 })
    expect(await busy()).toEqual(['DeepMediaAnalysis'])
  })

  test('knows the server', async () => {
    const client = open()
    const machineIdentifier = (await readFile(join(folder, 'machine-identifier'), 'utf8')).trim()
    expect(machineIdentifier).toMatch(/^[0-9a-f]{40}$/)
    expect((await client.identity()).object?.mediaContainer).toMatchObject({ machineIdentifier, claimed: false })
    expect((await client.about()).statusCode).toBe(200)
  })
})

describe('the settings', () => {
  const preferences = () => new PlexAPI043({ serverURL: address, token: TOKEN }).preferences

  test('a generated client reads them, all or one', async () => {
    const { mediaContainerWithSettings: all } = await preferences().getAllPreferences()
    expect(all?.mediaContainer?.setting).toHaveLength(Object.keys(await values()).length)
    const { mediaContainerWithSettings: one } = await preferences().getPreference({ id: 'ButlerEndHour' })
    expect(one?.mediaContainer?.setting).toMatchObject([{ id: 'ButlerEndHour', type: 'int', group: 'butler' }])
    await expect(preferences().getPreference({ id: 'Oops' })).rejects.toMatchObject({ statusCode: 404 })
    await expect(preferences().getPreference({})).rejects.toMatchObject({ statusCode: 400 })
  })

  test('a client that loses what it should send is told so', async () => {
    const before = await values()
    await expect(preferences().setPreferences({ prefs: { ButlerStartHour: 1 } as object })).rejects.toMatchObject({
      statusCode: 400,
      body: expect.stringContaining('names no setting'),
    })
    expect(await values()).toEqual(before)
  })

  test('several change at once, or none does, and what holds is what the Butler has stored', async () => {
    const before = await values()
    for (const bad of ['ButlerStartHour=24', 'ButlerTaskOops=1', 'ButlerTaskBackupDatabase=maybe', 'Oops=1']) {
      const query = `ButlerEndHour=4&ButlerTaskCleanOldBundles=0&${bad}&ButlerTaskOptimizeDatabase=0`
      expect((await ask(`PUT /:/prefs?${query}`, json)).status).toBe(400)
      expect(await values()).toEqual(before)
    }
    const query = `ButlerEndHour=${before.ButlerStartHour}&ButlerStartHour=${before.ButlerStartHour}&ButlerTaskCleanOldBundles=0`
    expect(await ask(`PUT /:/prefs?${query}`, json)).toMatchObject({ status: 200, body: '' })
    const after = { ButlerEndHour: before.ButlerStartHour, ButlerTaskCleanOldBundles: false }
    expect(await values()).toEqual({ ...before, ...after })
    const { settings } = JSON.parse(await readFile(join(folder, 'butler.json'), 'utf8'))
    const hour = String(before.ButlerStartHour).padStart(2, '0')
    expect(settings).toMatchObject({
      window: { opensAt: `${hour}:30`, closesAt: `${hour}:00` },
      enabled: { CleanOldBundles: false },
    })
    const { Setting } = (await told('/:/prefs')).MediaContainer
    expect(Setting.find(({ id }) => id === 'ButlerTaskCleanOldBundles')?.default).toBe(true)
    expect(Setting[0]?.summary).toContain(`from ${hour}:30 to ${hour}:00`)
    expect((await ask(`PUT /:/prefs?ButlerEndHour=${before.ButlerEndHour}`, json)).status).toBe(200)
  })

  test('a window that is moved over the present starts what is due, at once', async () => {
    const before = await values()
    const hour = new Date().getUTCHours()
    const hours = (opens: number, closes: number) => `ButlerStartHour=${opens % 24}&ButlerEndHour=${closes % 24}`
    const off = Object.keys(before).filter((id) => id.startsWith('ButlerTask') && id !== 'ButlerTaskDeepMediaAnalysis')
    const switches = off.map((id) => `${id}=0`).join('&')
    // It goes on opening at half past, and this hour's half may be yet to come.
    await ask(`PUT /:/prefs?${switches}&${hours(hour + 23, hour + 2)}`, json)
    while (!(await busy()).includes('DeepMediaAnalysis')) await pause(20)
    await ask(`PUT /:/prefs?${hours(hour + 8, hour + 10)}`, json)
    while ((await busy()).length > 0) await pause(20)
    expect((await ask(`PUT /:/prefs?${off.map((id) => `${id}=${before[id] ? 1 : 0}`).join('&')}`, json)).status).toBe(
      200,
    )
  })
})

// Clients in other languages, as they were seen on the wire.
const python = {
  'User-Agent': 'Python/3.12 PlexAPI/4.16.1',
  'Accept-Encoding': 'gzip, deflate',
  Accept: '*/*',
  'X-Plex-Platform': 'Linux',
  'X-Plex-Provides': 'controller',
  'X-Plex-Token': TOKEN,
}
const pythonPage = { ...python, 'X-Plex-Container-Start': '0', 'X-Plex-Container-Size': '100' }
const goList = { 'User-Agent': 'speakeasy-sdk/go 0.19.1', Accept: 'application/json', 'X-Plex-Token': TOKEN }
const goDo = { ...goList, Accept: '*/*', accepts: 'application/xml', Cookie: '' }
const dart = { 'User-Agent': 'Dart/3.5 (dart:io)', Accept: 'application/json', 'X-Plex-Token': TOKEN }
const manager = { 'User-Agent': 'axios/1.7.9', Accept: 'application/json, text/plain, */*' }
const managerPost = { ...manager, 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '0' }
const webTools = { 'User-Agent': 'WebTools-NG/1.2.0 Electron', Accept: 'application/json', 'X-Plex-Token': TOKEN }
const curl = { 'User-Agent': 'curl/8.14.1', Accept: '*/*' }
const T = `X-Plex-Token=${TOKEN}`

type Holds = (reply: Reply) => void

const nothing: Holds = ({ body, headers }) => expect([body, headers['content-length']]).toEqual(['', '0'])
const isJson: Holds = ({ body, headers }) => {
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  expect(typeof JSON.parse(body)).toBe('object')
}
const jsonError: Holds = (reply) => {
  const { errors } = JSON.parse(reply.body)
  expect(errors).toEqual([{ code: expect.anything(), status: reply.status, message: expect.any(String) }])
}
/** What these clients parse, they parse as XML. */
const page: Holds = ({ body }) => expect(() => elementsIn(body.replace(/>[^<]+</g, '><'))).not.toThrow()
const xml =
  (root: string, holds: (element: Element, children: Element[]) => void = () => {}): Holds =>
  ({ body, headers }) => {
    expect(headers['content-type']).toBe('application/xml; charset=utf-8')
    const [first, ...children] = elementsIn(body) as [Element, ...Element[]]
    expect(first.name).toBe(root)
    holds(first, children)
  }

const isServer = xml('MediaContainer', ({ attributes }) =>
  expect(attributes).toMatchObject({
    friendlyName: expect.stringMatching(/./),
    machineIdentifier: expect.stringMatching(/^[0-9a-f]{40}$/),
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    platform: expect.stringMatching(/./),
    platformVersion: expect.stringMatching(/./),
  }),
)
const isSettings = xml('MediaContainer', ({ attributes }, settings) => {
  expect(attributes.size).toBe(String(settings.length))
  for (const { name, attributes: setting } of settings) {
    expect(name).toBe('Setting')
    expect(setting.value).toMatch(setting.type === 'int' ? /^\d+$/ : /^[01]$/)
    expect([setting.hidden, setting.advanced]).toEqual(['0', '0'])
  }
})
const isOneActivity = xml('MediaContainer', (_, activities) => {
  expect(activities).toHaveLength(1)
  expect(activities[0]?.attributes).toMatchObject({ cancellable: '1', progress: expect.stringMatching(/^(-1|\d+)$/) })
})

test.each<[string, [line: string, headers: OutgoingHttpHeaders, status: number, holds: Holds][]]>([
  [
    'python-plexapi',
    [
      ['GET /', python, 200, isServer],
      ['GET /identity', python, 200, xml('MediaContainer')],
      ['GET /butler', pythonPage, 200, xml('ButlerTasks')],
      ['POST /butler/DeepMediaAnalysis', python, 200, nothing],
      ['GET /activities', python, 200, isOneActivity],
      ['GET /:/prefs', python, 200, isSettings],
      ['PUT /:/prefs?ButlerTaskCleanOldBundles=true', python, 200, nothing],
      ['PUT /:/prefs?ButlerTaskCleanOldBundles=perhaps', python, 400, page],
      ['DELETE /activities/00000000-0000-0000-0000-000000000000', python, 404, page],
      ['GET /library', python, 404, page],
      ['GET /', { ...python, 'X-Plex-Token': 'wrong' }, 401, page],
    ],
  ],
  [
    'plexgo and plexpy',
    [
      ['GET /butler', goList, 200, isJson],
      ['POST /butler/DeepMediaAnalysis', goDo, 200, nothing],
      ['POST /butler/DeepMediaAnalysis', goDo, 202, nothing],
      ['GET /activities', goList, 200, isJson],
      ['DELETE /butler/DeepMediaAnalysis', goDo, 200, nothing],
      ['DELETE /butler/DeepMediaAnalysis', goDo, 404, page],
      ['POST /butler', goDo, 200, nothing],
      ['DELETE /butler', goDo, 200, nothing],
      ['GET /identity', { Accept: 'application/json' }, 200, isJson],
    ],
  ],
  [
    'dart_plex',
    [
      ['GET /butler', dart, 200, isJson],
      ['DELETE /butler/DeepMediaAnalysis', dart, 404, jsonError],
      ['GET /activities', dart, 200, isJson],
      ['DELETE /activities/nope', dart, 404, jsonError],
    ],
  ],
  [
    'PlexManager',
    [
      [`GET /butler?${T}`, manager, 200, isJson],
      [`POST /butler/DeepMediaAnalysis?${T}`, managerPost, 200, nothing],
      [`DELETE /butler/?${T}`, manager, 200, nothing],
      [`PUT /:/prefs?ButlerTaskCleanOldBundles=1&${T}`, managerPost, 200, nothing],
    ],
  ],
  [
    'WebTools-NG',
    [
      ['POST /butler/AutomaticUpdates', webTools, 200, nothing],
      ['POST /butler/GenerateNonsense', webTools, 400, jsonError],
      ['GET /nowhere', webTools, 404, jsonError],
      ['GET /', { ...webTools, 'X-Plex-Token': '' }, 401, jsonError],
    ],
  ],
  [
    'Kometa',
    [
      ['GET /:/prefs', webTools, 200, isJson],
      ['GET /:/prefs/', python, 200, isSettings],
      [`GET /:/prefs/get?id=ButlerStartHour&${T}`, curl, 200, isSettings],
    ],
  ],
  [
    'a script with curl',
    [
      [`GET /butler?${T}`, curl, 200, xml('ButlerTasks')],
      [`GET /activities/?${T}`, curl, 200, xml('MediaContainer')],
      ['GET /identity/', curl, 200, isJson],
      ['GET /activities', curl, 401, page],
      ['PUT /:/prefs?ButlerStartHour=1', curl, 401, page],
      ['DELETE /activities/nope', curl, 401, page],
      [`GET /activities/nope?${T}`, curl, 404, page],
      [`DELETE /activities/%E0%A4%A?${T}`, curl, 400, page],
      [`POST /:/prefs?ButlerStartHour=1&${T}`, curl, 404, page],
    ],
  ],
])('%s gets what it needs', async (_, steps) => {
  for (const [line, headers, status, holds] of steps) {
    const reply = await ask(line, headers)
    expect([line, reply.status]).toEqual([line, status])
    holds(reply)
  }
  await ask('DELETE /butler', json)
})
