export { Butler, type Closed, createButler } from './butler'
export type { ButlerOptions } from './butler-options'
export { type ButlerTaskName, butlerTaskNames, type CatalogueEntry, catalogue } from './catalogue'
export type { StopRequest } from './engine/asked'
export type { Cancel, Clock, Instant } from './engine/clock'
export type { ButlerEvents, Where } from './engine/events'
export { fileStore } from './engine/file-store'
export type { HistoryOptions } from './engine/history'
export type { Logger } from './engine/logger'
export type { Decision, Plan, Reason } from './engine/plan'
export type { HistoryQuery, NewEntry, QueueHost, QueueRecord, RunQueue, StopQuery } from './engine/queue'
export {
  type Ending,
  type LogLine,
  type Run,
  RunAborted,
  type RunError,
  type StopCause,
} from './engine/run'
export type { Settings, SettingsChange } from './engine/settings'
export {
  type Draw,
  type Memory,
  type MemoryStore,
  memoryStore,
  type Store,
  type StoreContext,
  type TaskMemory,
  type WaitingEntry,
} from './engine/store'
export type { TaskContext, TaskDefinition, TaskDefinitions, TaskFunction, Weekday } from './engine/task'
export type { RunTrace, RunTracer } from './engine/tracer'
export { type MaintenanceWindow, nightOf } from './engine/window'
export { ButlerError, type ButlerErrorCode } from './errors'
export { butlerErrorHandler } from './http/error-handler'
export { type OtherOriginsOptions, refuseOtherOrigins } from './http/other-origins'
export { createButlerRouter } from './http/router'
export type { ButlerRouterOptions } from './http/router-options'
export { sendTree, type Tree } from './http/tree'
export type {
  LastRun,
  Outcome,
  Refusal,
  StartAnswer,
  StopAnswer,
  TaskRegistry,
  TaskRequest,
  TaskState,
  TaskStatus,
  Trigger,
} from './registry'
