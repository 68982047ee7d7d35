import SwaggerParser from '@apidevtools/swagger-parser'
import Ajv from 'ajv/dist/2020'
import type { OpenAPIV3_1 } from 'openapi-types'
import { butlerTaskNames } from '../../lib/catalogue'
import { ButlerError, type ButlerErrorCode } from '../../lib/errors'
import type { ButlerRouterOptions } from '../../lib/http/router-options'
import { routes } from '../../lib/http/routes'
import { aHost, aRegistry, type Behaviour, type Reply, send } from '../helpers/http'

type Options = Partial<ButlerRouterOptions<string>>

/** The description as a client gets it, with every reference followed. Rejects when it is not OpenAPI 3.1. */
async function describedBy(options: Options = {}): Promise<OpenAPIV3_1.Document> {
  const { body, headers } = await send(aHost(aRegistry(), options), 'GET /butler/openapi.json')
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  expect(headers['cache-control']).toBe('no-cache')
  return (await SwaggerParser.validate(JSON.parse(body))) as OpenAPIV3_1.Document
}

/** Every answer that is described: `POST /{taskName}: 202`. */
function answersIn({ paths = {} }: OpenAPIV3_1.Document): [answer: string, response: OpenAPIV3_1.ResponseObject][] {
  return Object.entries(paths).flatMap(([path, item]) =>
    routesOf(item).flatMap(([method, { responses = {} }]) =>
      Object.entries(responses).map(
        ([status, response]) =>
          [`${method.toUpperCase()} ${path}: ${status}`, response as OpenAPIV3_1.ResponseObject] as [string, never],
      ),
    ),
  )
}

function routesOf(item: OpenAPIV3_1.PathItemObject = {}): [string, OpenAPIV3_1.OperationObject][] {
  return Object.entries(item).filter(([key]) => key !== 'parameters') as [string, OpenAPIV3_1.OperationObject][]
}

const fails = (code: ButlerErrorCode) => () => Promise.reject(new ButlerError(code, 'x'))
const crossSite = { 'Sec-Fetch-Site': 'cross-site' }

const everything = {
  name: 'BackupDatabase',
  enabled: true,
  state: 'running',
  progress: 0.5,
  progressMessage: 'half',
  scheduledFor: '2026-01-14T03:45:00.000Z',
  nextRun: '2026-01-15T02:00:00.000Z',
  lastRun: {
    id: '1',
    trigger: 'manual',
    startedAt: '2026-01-14T02:00:00.000Z',
    endedAt: null,
    outcome: null,
    error: null,
    result: null,
  },
} as const

/** How each answer is brought about: the request, the registry, more headers. */
const ways: Record<string, [line: string, behaviour?: Behaviour, headers?: Record<string, string>]> = {
  'GET /: 200': [
    'GET /butler',
    { list: async () => [everything, { ...everything, name: 'RefreshLibraries', lastRun: 'x' }] },
  ],
  'GET /: 500': ['GET /butler', { list: async () => 'no list' }],
  'GET /: 503': ['GET /butler', { list: fails('BUTLER_UNAVAILABLE') }],
  'POST /: 200': ['POST /butler'],
  'POST /: 400': ['POST /butler//'],
  'POST /: 403': ['POST /butler', {}, crossSite],
  'POST /: 500': ['POST /butler', { startAll: () => Promise.reject(new Error('x')) }],
  'POST /: 503': ['POST /butler', { startAll: fails('BUTLER_NOT_OPEN') }],
  'DELETE /: 200': ['DELETE /butler'],
  'DELETE /: 400': ['DELETE /butler//'],
  'DELETE /: 403': ['DELETE /butler', {}, crossSite],
  'DELETE /: 500': ['DELETE /butler', { stopAll: () => Promise.reject(new Error('x')) }],
  'DELETE /: 503': ['DELETE /butler', { stopAll: fails('BUTLER_UNAVAILABLE') }],
  'GET /openapi.json: 200': ['GET /butler/openapi.json'],
  'POST /{taskName}: 200': ['POST /butler/BackupDatabase'],
  'POST /{taskName}: 202': ['POST /butler/BackupDatabase', { start: async () => 'already-running' }],
  'POST /{taskName}: 400': ['POST /butler/Unheard'],
  'POST /{taskName}: 403': ['POST /butler/BackupDatabase', {}, crossSite],
  'POST /{taskName}: 500': ['POST /butler/BackupDatabase', { start: async () => 'nonsense' }],
  'POST /{taskName}: 501': ['POST /butler/BackupDatabase', { start: fails('BUTLER_TASK_NOT_IMPLEMENTED') }],
  'POST /{taskName}: 503': ['POST /butler/BackupDatabase', { start: fails('BUTLER_STORE_FAILED') }],
  'DELETE /{taskName}: 200': ['DELETE /butler/BackupDatabase'],
  'DELETE /{taskName}: 202': ['DELETE /butler/BackupDatabase', { stop: async () => 'stopping' }],
  'DELETE /{taskName}: 400': ['DELETE /butler/Unheard'],
  'DELETE /{taskName}: 403': ['DELETE /butler/BackupDatabase', {}, crossSite],
  'DELETE /{taskName}: 404': ['DELETE /butler/BackupDatabase', { stop: async () => 'not-running' }],
  'DELETE /{taskName}: 500': ['DELETE /butler/BackupDatabase', { stop: async () => 'nonsense' }],
  'DELETE /{taskName}: 501': ['DELETE /butler/BackupDatabase', { stop: fails('BUTLER_TASK_NOT_IMPLEMENTED') }],
  'DELETE /{taskName}: 503': ['DELETE /butler/BackupDatabase', { stop: fails('BUTLER_UNAVAILABLE') }],
}

let description: OpenAPIV3_1.Document

beforeAll(async () => {
  description = await describedBy()
})

test('every answer that is described can be brought about, and there are no others', () => {
  expect(
    answersIn(description)
      .map(([answer]) => answer)
      .sort(),
  ).toEqual(Object.keys(ways).sort())
})

test.each(Object.entries(ways))('%s is as described', async (answer, [line, behaviour, headers]) => {
  const response = new Map(answersIn(description)).get(answer)
  const host = aHost(aRegistry(behaviour))
  for (const accept of ['application/json', 'text/html', 'application/xml']) {
    const reply = await send(host, line, { ...headers, accept })
    expect(answer.endsWith(`: ${reply.status}`)).toBe(true)
    expectAsDescribed(reply, response?.content)
  }
})

function expectAsDescribed({ headers, body }: Reply, content: OpenAPIV3_1.ResponseObject['content']): void {
  const type = headers['content-type']?.split(';')[0]
  if (content === undefined) {
    expect({ type, body }).toEqual({ type: undefined, body: '' })
    return
  }
  expect(Object.keys(content)).toContain(type)
  const schema = type === 'application/json' ? content[type]?.schema : undefined
  if (schema === undefined) return
  const validate = new Ajv({
    strict: false,
    formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
  }).compile(schema)
  validate(JSON.parse(body))
  expect(validate.errors).toBeNull()
}

test('every row of the table of routes is in it', () => {
  const { paths } = description
  const described = Object.entries(paths ?? {}).flatMap(([path, item]) =>
    routesOf(item).map(([method, { operationId, summary }]) => ({ method, path, operationId, summary })),
  )
  expect(described).toEqual(
    routes.map(({ method, path, operationId, summary }) => ({
      method,
      path: path.replace(':taskName', '{taskName}'),
      operationId,
      summary,
    })),
  )
})

test.each<[string, Options, readonly string[]]>([
  ['the 14', {}, butlerTaskNames],
  ['those of the host', { taskNames: ['SendDigest', 'EmptyTrash'] }, ['SendDigest', 'EmptyTrash']],
])('the names are %s', async (_, options, names) => {
  const { paths } = await describedBy(options)
  expect(paths?.['/{taskName}']?.parameters).toEqual([
    { name: 'taskName', in: 'path', required: true, schema: { type: 'string', enum: names } },
  ])
})

test('aliases are names like others, and it says what they mean', async () => {
  const aliases = { AutomaticUpdates: 'CheckForUpdates', Vacuum: 'OptimizeDatabase' }
  const { paths } = await describedBy({ aliases, taskNames: ['CheckForUpdates', 'OptimizeDatabase'] })
  expect(paths?.['/{taskName}']?.parameters).toEqual([
    {
      name: 'taskName',
      in: 'path',
      required: true,
      description: '`AutomaticUpdates` means `CheckForUpdates`. `Vacuum` means `OptimizeDatabase`.',
      schema: { type: 'string', enum: ['CheckForUpdates', 'OptimizeDatabase', 'AutomaticUpdates', 'Vacuum'] },
    },
  ])
})

test('an unknown name is described with the status that the host chose', async () => {
  const described = answersIn(await describedBy({ unknownTaskStatus: 404 })).map(([answer]) => answer)
  expect(described).not.toContain('POST /{taskName}: 400')
  expect(described).toContain('POST /{taskName}: 404')
  expect(described.filter((answer) => answer === 'DELETE /{taskName}: 404')).toHaveLength(1)
})

test('an answer with two reasons tells both', async () => {
  const [, response] = answersIn(await describedBy({ unknownTaskStatus: 404 })).find(
    ([answer]) => answer === 'DELETE /{taskName}: 404',
  ) as [string, OpenAPIV3_1.ResponseObject]
  expect(response.description).toBe('The task was not running. Or: `BUTLER_UNKNOWN_TASK`.')
})

test('it is the same for everybody, whatever they accept', async () => {
  const host = aHost()
  const replies = await Promise.all(
    ['application/xml', 'text/html', '*/*'].map((accept) =>
      send(host, 'GET /butler/openapi.json?X-Plex-Token=t', { accept }),
    ),
  )
  expect(new Set(replies.map(({ body }) => body)).size).toBe(1)
})
