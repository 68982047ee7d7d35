import { type NextFunction, type Request, type Response, Router } from 'express'
import type { ButlerTaskName } from '../catalogue'
import { allowedNames } from './allowed-names'
import { handlersOf, type TaskHandler } from './handlers'
import { allowOf, otherMethods } from './methods'
import { refusingOtherOrigins } from './other-origins'
import { notingRefusals } from './refusal'
import { type ButlerRouterOptions, type RouterSettings, readRouterOptions } from './router-options'
import { type Check, type OperationId, type Route, type RoutePath, routes } from './routes'

/** What the rows of the table are mounted with. */
interface Parts {
  checks: Record<Check, TaskHandler>
  handlers: Record<OperationId, TaskHandler>
}

/**
 * The Butler's five routes and their description, for `app.use('/butler', createButlerRouter({ registry }))`. Put what decides who
 * may ask in front of it, and an error handler behind: `butlerErrorHandler`, or your own. Throws `BUTLER_INVALID_OPTIONS`.
 */
export function createButlerRouter<Name extends string = ButlerTaskName>(options: ButlerRouterOptions<Name>): Router {
  const settings = readRouterOptions(options)
  const { checkTaskName, refuseEmptyName, refuseUndecodable } = allowedNames(settings)
  const checks = {
    'cross-site': refusingOtherOrigins('createButlerRouter(options)', options),
    'no-empty-name': refuseEmptyName,
    'task-name': checkTaskName,
  }
  const parts = { checks, handlers: handlersOf(settings) }
  const router = Router({ caseSensitive: true, mergeParams: true })
  for (const path of paths) mount(router, path, parts)
  router.use(refuseUndecodable)
  return withShortCut(router, settings, parts)
}

const paths: ReadonlySet<RoutePath> = new Set(routes.map((row) => row.path))

type Row = Route & { operationId: OperationId }

function rowsOf(path: RoutePath): readonly Row[] {
  return routes.filter((row) => row.path === path)
}

/** Mounts the rows of one path, and answers the methods that none of them has. */
function mount(router: Router, path: RoutePath, { checks, handlers }: Parts): void {
  const route = router.route(path)
  for (const row of rowsOf(path)) {
    route[row.method]<{ taskName: string }>(...row.checks.map((check) => checks[check]), handlers[row.operationId])
  }
  const { tellMethods, refuseMethod } = otherMethods(path, allowOf(routes, path))
  route.options(tellMethods)
  route.all(refuseMethod)
}

/** Where a URL leads that needs no matching. */
interface ShortCut {
  handlers: ReadonlyMap<string, TaskHandler>
  taskName: string | undefined
}

/**
 * The router, with a short cut in front: a request whose URL is plainly one of the table, such as `POST /BackupDatabase`, goes to
 * the checks and the handler of its route at once. Matching paths in a mounted router costs more than all our own work. Whatever
 * looks different takes the long way.
 */
function withShortCut(
  router: Router,
  { registry, taskNames, aliases }: Pick<RouterSettings, 'registry' | 'taskNames' | 'aliases'>,
  parts: Parts,
): Router {
  const names = [...taskNames.map((taskName) => [taskName, taskName] as const), ...aliases]
  const shortCuts = new Map<string, ShortCut>()
  for (const path of paths) {
    const handlers = new Map(rowsOf(path).map((row) => [row.method.toUpperCase(), checked(row, parts)]))
    if (path !== '/:taskName') shortCuts.set(path, { handlers, taskName: undefined })
    else for (const [name, taskName] of names) shortCuts.set(`/${name}`, { handlers, taskName })
  }

  function butler(req: Request<{ taskName: string }>, res: Response, next: NextFunction): void {
    const shortCut = shortCuts.get(req.url)
    const handler = shortCut?.handlers.get(req.method)
    const then = notingRefusals(registry, req, next)
    if (shortCut === undefined || handler === undefined) {
      router(req, res, then)
      return
    }
    if (shortCut.taskName !== undefined) req.params = { ...req.params, taskName: shortCut.taskName }
    handler(req, res, then)
  }
  return Object.setPrototypeOf(butler, router)
}

/** A row's handler behind its checks, but for that of the name, which has been found among the allowed ones. */
function checked({ checks: wanted, operationId }: Row, { checks, handlers }: Parts): TaskHandler {
  const others = wanted.filter((check) => check !== 'task-name').map((check) => checks[check])
  return others.reduceRight((then, check) => inTurn(check, then), handlers[operationId])
}

function inTurn(first: TaskHandler, second: TaskHandler): TaskHandler {
  return (req, res, next) => first(req, res, (error?: unknown) => (error ? next(error) : second(req, res, next)))
}
