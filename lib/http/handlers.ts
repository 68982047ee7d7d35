import type { Request, RequestHandler, Response } from 'express'
import { ButlerError, shown } from '../errors'
import type { TaskRequest, Trigger } from '../registry'
import { send } from './negotiation'
import { describeApi } from './openapi'
import { callRegistry, type RegistryCall } from './registry-call'
import type { RouterSettings } from './router-options'
import { type OperationId, type Route, routes } from './routes'
import { toJson, toTaskList, toXmlList } from './task-list'
import { waiterOn } from './waiter'
import { whoAsks } from './who-asks'

export type TaskHandler = RequestHandler<{ taskName: string }>

/** What each operation of the table does once its checks hold: it asks the registry, and tells what that says. */
export function handlersOf(settings: RouterSettings): Record<OperationId, TaskHandler> {
  const asking = askingOf(settings)
  return { ...tellers(asking, settings), ...starters(asking), ...stoppers(asking) }
}

/** The registry, as handlers ask it. */
interface Asking extends Pick<RouterSettings, 'registry'> {
  ask(call: RegistryCall): void
  requestOf(req: Request, trigger: Trigger): TaskRequest
}

function askingOf(settings: RouterSettings): Asking {
  const { registry, by } = settings
  return {
    registry,
    ask: (call) => callRegistry(call, settings),
    requestOf: (req, trigger) => (by === undefined ? { trigger } : { trigger, by: whoAsks(by, req) }),
  }
}

function tellers({ registry, ask }: Asking, settings: RouterSettings) {
  const allowed: ReadonlySet<string> = new Set(settings.taskNames)
  const description = describeApi(settings)
  return {
    listTasks(req, res, next) {
      const answer = (listed: unknown) => {
        const tasks = toTaskList(listed, allowed)
        send(req, res, { json: () => toJson(tasks), xml: () => toXmlList(tasks) })
      }
      ask({ asked: 'registry.list()', call: () => registry.list(), answer, fail: next })
    },

    describeApi(req, res) {
      res.set('Cache-Control', 'no-cache').json({ ...description, servers: [{ url: req.baseUrl || '/' }] })
    },
  } satisfies Record<string, TaskHandler>
}

function starters({ registry, ask, requestOf }: Asking) {
  const statuses = statusesOf('startTask')
  return {
    startAllTasks(req, res, next) {
      const request = requestOf(req, 'start-all')
      const call = () => registry.startAll(request)
      ask({ asked: 'registry.startAll()', call, answer: () => end(res, 200), fail: next })
    },

    startTask(req, res, next) {
      const { taskName } = req.params
      const asked = `registry.start("${taskName}")`
      const request = requestOf(req, 'manual')
      const answer = (word: unknown) => end(res, statusFor(word, statuses, asked))
      ask({ asked, call: () => registry.start(taskName, request), answer, fail: next })
    },
  } satisfies Record<string, TaskHandler>
}

function stoppers({ registry, ask, requestOf }: Asking) {
  const statuses = statusesOf('stopTask')
  return {
    stopAllTasks(req, res, next) {
      const request = requestOf(req, 'manual')
      const waiter = waiterOn(res)
      const call = () => registry.stopAll({ ...request, signal: waiter.signal })
      ask({ asked: 'registry.stopAll()', call, answer: () => end(res, 200), fail: next, waiter })
    },

    stopTask(req, res, next) {
      const { taskName } = req.params
      const asked = `registry.stop("${taskName}")`
      const request = requestOf(req, 'manual')
      const waiter = waiterOn(res)
      const call = () => registry.stop(taskName, { ...request, signal: waiter.signal })
      const answer = (word: unknown) => {
        const status = statusFor(word, statuses, asked)
        if (status === 404) throw new ButlerError('BUTLER_NOT_RUNNING', `${taskName} neither runs nor waits to run.`)
        end(res, status)
      }
      ask({ asked, call, answer, fail: next, waiter })
    },
  } satisfies Record<string, TaskHandler>
}

/** Empty bodies, never 204 and never "OK": some clients parse every body, and take 204 for a failure. */
function end(res: Response, status: number): void {
  if (!res.headersSent) res.status(status).end()
}

/** The words that the registry may answer with, and the status of each. */
function statusesOf(operationId: OperationId): ReadonlyMap<unknown, number> {
  const answers: Route['answers'] = routes.find((route) => route.operationId === operationId)?.answers ?? []
  return new Map(answers.map(({ when, status }) => [when, status]))
}

function statusFor(word: unknown, statuses: ReadonlyMap<unknown, number>, asked: string): number {
  const status = statuses.get(word)
  if (status !== undefined) return status
  const expected = [...statuses.keys()].map(shown).join(' or ')
  throw new ButlerError('BUTLER_REGISTRY_ANSWER', `${asked} resolved with ${shown(word)}; expected ${expected}.`)
}
