import { statusOf } from '../errors'
import { taskStates } from '../registry'
import type { RouterSettings } from './router-options'
import { type Body, type Route, refusalOf, routes } from './routes'

type Names = Pick<RouterSettings, 'taskNames' | 'aliases'>

/** The table of routes as OpenAPI 3.1, with the allowed names; without `servers`, which depend on where the router is mounted. */
export function describeApi(settings: Names & Pick<RouterSettings, 'unknownTaskStatus'>) {
  const { unknownTaskStatus } = settings
  return {
    openapi: '3.1.0',
    info: {
      title: 'Butler',
      version: '1.0.0',
      description: 'Starts, stops and lists the housekeeping tasks of this server.',
    },
    paths: Object.fromEntries(
      [...new Set(routes.map(({ path }) => path))].map((path) => [
        toTemplate(path),
        describePath(path, unknownTaskStatus),
      ]),
    ),
    components: {
      parameters: { taskName: describeTaskName(settings) },
      schemas,
    },
  }
}

function describeTaskName({ taskNames, aliases }: Names) {
  const schema = { type: 'string', enum: [...taskNames, ...aliases.keys()] }
  const meanings = Array.from(aliases, ([alias, task]) => `\`${alias}\` means \`${task}\`.`)
  const description = meanings.length > 0 ? { description: meanings.join(' ') } : {}
  return { name: 'taskName', in: 'path', required: true, ...description, schema }
}

function toTemplate(path: Route['path']): string {
  return path.replace(/:(\w+)/, '{$1}')
}

function describePath(path: Route['path'], unknownTaskStatus: number) {
  const operations = routes
    .filter((route) => route.path === path)
    .map((route) => [route.method, describeOperation(route, unknownTaskStatus)])
  const parameters = path.includes(':') ? { parameters: [{ $ref: '#/components/parameters/taskName' }] } : {}
  return { ...parameters, ...Object.fromEntries(operations) }
}

function describeOperation(route: Route, unknownTaskStatus: number) {
  const { operationId, summary, description } = route
  return { operationId, summary, description, responses: describeResponses(route, unknownTaskStatus) }
}

/** One response a status; where two answers share one, it says both. */
function describeResponses(route: Route, unknownTaskStatus: number) {
  const told = [...route.answers, ...describeRefusals(route, unknownTaskStatus)]
  const statuses = [...new Set(told.map(({ status }) => status))].sort()
  const responses = statuses.map((status) => {
    const description = told.filter((one) => one.status === status).map((one) => one.description)
    return [status, { description: description.join(' Or: '), ...contentOf(status < 400 ? route.body : 'error') }]
  })
  return Object.fromEntries(responses)
}

/** Every route can meet a registry that fails, but for the one that asks none. */
function describeRefusals(route: Route, unknownTaskStatus: number) {
  const failures = route.body === 'description' ? [] : (['BUTLER_REGISTRY_FAILED', 'BUTLER_REGISTRY_ANSWER'] as const)
  const codes = [...route.checks.map((check) => refusalOf[check]), ...route.refusals, ...failures]
  return codes.map((code) => ({
    status: code === 'BUTLER_UNKNOWN_TASK' ? unknownTaskStatus : statusOf[code],
    description: `\`${code}\`.`,
  }))
}

function contentOf(body: Body | 'error') {
  return contents[body]
}

const contents: Record<Body | 'error', object> = {
  nothing: {},
  'task list': {
    content: {
      'application/json': { schema: { $ref: '#/components/schemas/TaskList' } },
      'application/xml': { schema: { $ref: '#/components/schemas/ButlerTasks' } },
    },
  },
  description: { content: { 'application/json': { schema: { type: 'object' } } } },
  error: {
    content: {
      'application/json': { schema: { $ref: '#/components/schemas/Errors' } },
      'text/html': { schema: { type: 'string' } },
    },
  },
}

const instant = { type: 'string', format: 'date-time' }

const schemas = {
  TaskList: {
    type: 'object',
    required: ['ButlerTasks'],
    properties: { ButlerTasks: { $ref: '#/components/schemas/ButlerTasks' } },
  },
  ButlerTasks: {
    type: 'object',
    xml: { name: 'ButlerTasks' },
    required: ['ButlerTask'],
    properties: { ButlerTask: { type: 'array', items: { $ref: '#/components/schemas/ButlerTask' } } },
  },
  ButlerTask: {
    type: 'object',
    description:
      'In XML every member is an attribute, booleans are 1 and 0, and `lastRun` is several: `lastRunStartedAt` and so on.',
    required: ['name', 'title', 'description', 'interval', 'enabled', 'scheduleRandomized', 'state'],
    properties: {
      name: { type: 'string' },
      title: { type: 'string' },
      description: { type: 'string' },
      interval: { type: 'integer', description: 'Runs at most every so many days.' },
      enabled: { type: 'boolean' },
      scheduleRandomized: { type: 'boolean', description: 'Starts at a random moment of the maintenance window.' },
      state: { type: 'string', enum: taskStates },
      progress: { type: 'number', minimum: 0, maximum: 1 },
      progressMessage: { type: 'string' },
      scheduledFor: instant,
      nextRun: instant,
      lastRun: { type: ['object', 'string', 'null'], description: 'How the last run went.' },
    },
  },
  Errors: {
    type: 'object',
    required: ['errors'],
    properties: { errors: { type: 'array', items: { $ref: '#/components/schemas/Error' } } },
  },
  Error: {
    type: 'object',
    required: ['code', 'status', 'message'],
    properties: {
      code: { type: ['string', 'integer'], description: 'Stable, for programs.' },
      status: { type: 'integer' },
      message: { type: 'string', description: 'For people.' },
    },
  },
} as const
