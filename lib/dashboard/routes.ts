import type { Right } from './options'

export interface DashboardRoute {
  method: 'get' | 'post' | 'delete' | 'patch'
  /** Below where the dashboard is mounted. */
  path: string
  operationId: string
  right: Right
  /** The names of its query. Of the page and its files nobody looks at any. */
  query?: readonly string[]
}

/** Everything that the page asks for, and the right that each of it takes. What operates is refused to pages of other origins. */
export const routes = [
  { method: 'get', path: '/', operationId: 'sendPage', right: 'view' },
  { method: 'get', path: '/page/:file', operationId: 'sendFile', right: 'view' },
  { method: 'get', path: '/api/board', operationId: 'tellBoard', right: 'view', query: [] },
  { method: 'get', path: '/api/events', operationId: 'openStream', right: 'view', query: ['after'] },
  { method: 'get', path: '/api/timeline', operationId: 'tellTimeline', right: 'view', query: ['around'] },
  { method: 'get', path: '/api/nights', operationId: 'tellFortnight', right: 'view', query: [] },
  {
    method: 'get',
    path: '/api/nights/preview',
    operationId: 'previewNights',
    right: 'view',
    query: ['opensAt', 'closesAt', 'timeZone'],
  },
  { method: 'get', path: '/api/plan', operationId: 'tellPlan', right: 'view', query: [] },
  { method: 'get', path: '/api/settings', operationId: 'tellSettings', right: 'view', query: [] },
  { method: 'patch', path: '/api/settings', operationId: 'changeSettings', right: 'operate', query: [] },
  { method: 'post', path: '/api/tasks', operationId: 'startAllTasks', right: 'operate', query: [] },
  { method: 'delete', path: '/api/tasks', operationId: 'stopAllTasks', right: 'operate', query: [] },
  { method: 'post', path: '/api/tasks/:taskName', operationId: 'startTask', right: 'operate', query: [] },
  { method: 'delete', path: '/api/tasks/:taskName', operationId: 'stopTask', right: 'operate', query: [] },
  {
    method: 'get',
    path: '/api/tasks/:taskName/runs',
    operationId: 'tellRuns',
    right: 'view',
    query: ['limit', 'outcome'],
  },
  { method: 'get', path: '/api/tasks/:taskName/runs/:runId', operationId: 'tellRun', right: 'view', query: [] },
] as const satisfies readonly DashboardRoute[]

export type OperationId = (typeof routes)[number]['operationId']
