import type { ButlerErrorCode } from '../errors'
import type { StartAnswer, StopAnswer } from '../registry'

/** What must hold before the registry is asked. */
export type Check = 'cross-site' | 'no-empty-name' | 'task-name'

/** What a check that does not hold is answered with. */
export const refusalOf = {
  'cross-site': 'BUTLER_CROSS_SITE',
  'no-empty-name': 'BUTLER_UNKNOWN_TASK',
  'task-name': 'BUTLER_UNKNOWN_TASK',
} as const satisfies Record<Check, ButlerErrorCode>

/** What the answers of a route hold. */
export type Body = 'task list' | 'description' | 'nothing'

interface RouteAnswer {
  /** The word of the registry that leads to it; without one, every word does. */
  when?: StartAnswer | StopAnswer
  status: number
  description: string
}

export interface Route {
  method: 'get' | 'post' | 'delete'
  path: '/' | '/:taskName' | '/openapi.json'
  operationId: string
  summary: string
  description: string
  checks: readonly Check[]
  answers: readonly RouteAnswer[]
  body: Body
  /** What the registry may refuse with, besides failing. */
  refusals: readonly ButlerErrorCode[]
}

const unreachable = ['BUTLER_UNAVAILABLE'] as const

/** The whole wire: the router mounts this table, and `GET /openapi.json` tells it. */
export const routes = [
  {
    method: 'get',
    path: '/',
    operationId: 'listTasks',
    summary: 'Lists the tasks',
    description: 'All allowed tasks by name, with what they are doing.',
    checks: [],
    answers: [{ status: 200, description: 'The tasks, as JSON, or as XML to whoever asks for it.' }],
    body: 'task list',
    refusals: unreachable,
  },
  {
    method: 'post',
    path: '/',
    operationId: 'startAllTasks',
    summary: 'Starts all enabled tasks',
    description:
      'Tasks that are not due on the current day are skipped. Those that run at a random moment of the maintenance window are ' +
      'scheduled within it when it is open; all others start now.',
    checks: ['cross-site', 'no-empty-name'],
    answers: [{ status: 200, description: 'What had to start has started, or has been scheduled.' }],
    body: 'nothing',
    refusals: unreachable,
  },
  {
    method: 'delete',
    path: '/',
    operationId: 'stopAllTasks',
    summary: 'Stops all tasks',
    description: 'Stops all that run, and removes all that wait from the schedule.',
    checks: ['cross-site', 'no-empty-name'],
    answers: [{ status: 200, description: 'All have been stopped, also when there was nothing to stop.' }],
    body: 'nothing',
    refusals: unreachable,
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'describeApi',
    summary: 'Describes this API',
    description: 'This document.',
    checks: [],
    answers: [{ status: 200, description: 'The description, as OpenAPI 3.1.' }],
    body: 'description',
    refusals: [],
  },
  {
    method: 'post',
    path: '/:taskName',
    operationId: 'startTask',
    summary: 'Starts one task',
    description: 'Starts it now, whatever the window, the day and its switch say; a scheduled task is pulled forward.',
    checks: ['cross-site', 'task-name'],
    answers: [
      { when: 'started', status: 200, description: 'The task has started.' },
      { when: 'already-running', status: 202, description: 'The task was already running.' },
    ],
    body: 'nothing',
    refusals: ['BUTLER_TASK_NOT_IMPLEMENTED', ...unreachable],
  },
  {
    method: 'delete',
    path: '/:taskName',
    operationId: 'stopTask',
    summary: 'Stops one task',
    description: 'Stops it if it runs, or removes it from the schedule.',
    checks: ['cross-site', 'task-name'],
    answers: [
      { when: 'stopped', status: 200, description: 'The task has been stopped, or removed from the schedule.' },
      { when: 'stopping', status: 202, description: 'The task has been asked to stop, and has not ended yet.' },
      { when: 'not-running', status: 404, description: 'The task was not running.' },
    ],
    body: 'nothing',
    refusals: ['BUTLER_TASK_NOT_IMPLEMENTED', ...unreachable],
  },
] as const satisfies readonly Route[]

export type OperationId = (typeof routes)[number]['operationId']

export type RoutePath = (typeof routes)[number]['path']
