import type { OutgoingHttpHeaders } from 'node:http'
import type { Reply } from '../../__tests__/helpers/http'
import { expectPage, headersOfClients } from '../../__tests__/helpers/plex-clients'
import { type Element, elementsIn } from '../../__tests__/helpers/xml'
import { aServerForClients, json, TOKEN } from './helpers/client-server'

const { ask } = aServerForClients()

test('whatever the server lists of itself is there', async () => {
  const { MediaContainer } = JSON.parse((await ask('GET /', json)).body) as {
    MediaContainer: { Directory: { key: string }[] }
  }
  const keys = MediaContainer.Directory.map(({ key }) => key)
  expect(keys).toEqual([':/prefs', 'activities', 'butler', 'identity'])
  for (const key of keys) expect(await ask(`GET /${key}`, json)).toMatchObject({ status: 200 })
})

const { python, pythonPage, goList, goDo, dart, manager, managerPost, webTools, curl } = headersOfClients(TOKEN)
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
      ['PUT /:/prefs?ButlerTaskCleanOldBundles=perhaps', python, 400, expectPage],
      ['DELETE /activities/00000000-0000-0000-0000-000000000000', python, 404, expectPage],
      ['GET /library', python, 404, expectPage],
      ['GET /', { ...python, 'X-Plex-Token': 'wrong' }, 401, expectPage],
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
      ['DELETE /butler/DeepMediaAnalysis', goDo, 404, expectPage],
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
      ['GET /%3A/prefs', webTools, 200, isJson],
      [`GET /%3a/prefs/get?id=ButlerStartHour&${T}`, curl, 200, isSettings],
      [`PUT /%3A/prefs?ButlerTaskCleanOldBundles=1&${T}`, curl, 200, nothing],
      [`GET /:/prefs/get?id=ButlerStartHour&${T}`, curl, 200, isSettings],
    ],
  ],
  [
    'a script with curl',
    [
      [`GET /butler?${T}`, curl, 200, xml('ButlerTasks')],
      [`GET /activities/?${T}`, curl, 200, xml('MediaContainer')],
      ['GET /identity/', curl, 200, isJson],
      ['GET /activities', curl, 401, expectPage],
      ['PUT /:/prefs?ButlerStartHour=1', curl, 401, expectPage],
      ['DELETE /activities/nope', curl, 401, expectPage],
      [`GET /activities/nope?${T}`, curl, 404, expectPage],
      [`DELETE /activities/%E0%A4%A?${T}`, curl, 400, expectPage],
      [`POST /:/prefs?ButlerStartHour=1&${T}`, curl, 404, expectPage],
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
