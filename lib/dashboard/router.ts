import { json, type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express'
import type { Butler } from '../butler'
import { ButlerError } from '../errors'
import { butlerErrorHandler } from '../http/error-handler'
import { toHttpError } from '../http/errors'
import { allowOf, otherMethods } from '../http/methods'
import { refusingOtherOrigins } from '../http/other-origins'
import { notingRefusals } from '../http/refusal'
import { doorOf } from './doors'
import { handlersOf } from './handlers'
import { type ButlerDashboardOptions, readDashboardOptions } from './options'
import { checkNames } from './query'
import { type DashboardRoute, type OperationId, routes } from './routes'

/** A change of settings is a few words for each task. */
const LARGEST_BODY = '256kb'

/**
 * The operator's page, and the small API behind it: `app.use('/ops', createButlerDashboard(butler, { authorize }))`, below any
 * prefix and any proxy. A path that it does not know it leaves to whoever comes next. Throws `BUTLER_INVALID_OPTIONS`.
 */
export function createButlerDashboard<Name extends string>(
  butler: Butler<Name>,
  options: ButlerDashboardOptions,
): Router {
  const settings = readDashboardOptions(butler, options)
  const handlers = handlersOf(settings)
  const refuseOthers = refusingOtherOrigins('createButlerDashboard(butler, options)', options)
  const router = Router({ caseSensitive: true })
  for (const { method, path, operationId, right, query } of rows) {
    const checks = right === 'operate' ? [refuseOthers, doorOf(settings, right)] : [doorOf(settings, right)]
    const bodies = method === 'patch' ? [parseBody] : []
    router[method](path, ...checks, ...bodies, caught(operationId, namesChecked(query, handlers[operationId])))
  }
  for (const path of new Set(rows.map((row) => row.path).filter((path) => path.startsWith('/api/')))) {
    const { tellMethods, refuseMethod } = otherMethods(path, allowOf(rows, path))
    router.options(path, tellMethods)
    router.all(path, doorOf(settings, 'view'), refuseMethod)
  }
  router.use(function noteRefusal(error: unknown, req: Request, _res: Response, next: NextFunction) {
    notingRefusals(butler, req, next)(error)
  }, answerError)
  return router
}

const parse = json({ limit: LARGEST_BODY })

/** Reads a change of settings; a body that is no JSON is one that cannot be understood. */
function parseBody(req: Request, res: Response, next: NextFunction): void {
  parse(req, res, (error?: unknown) => {
    const { type, message } = Object(error) as { type?: unknown; message?: string }
    if (type !== 'entity.parse.failed') next(error)
    else
      next(toHttpError(new ButlerError('BUTLER_INVALID_SETTINGS', `The body is no JSON: ${message}.`), 'the request'))
  })
}

type Row = DashboardRoute & { operationId: OperationId }

const rows: readonly Row[] = routes

function namesChecked(known: readonly string[] | undefined, handler: RequestHandler): RequestHandler {
  return (req, res, next) => {
    if (known !== undefined) checkNames(req.query, known)
    return handler(req, res, next)
  }
}

/** A handler whose failure goes to `next`, as an error of http-errors; Express 4 does not wait for promises. */
function caught(operationId: OperationId, handler: RequestHandler): RequestHandler {
  return Object.defineProperty(
    (req: Request, res: Response, next: NextFunction) => {
      const fail = (thrown: unknown) => next(toHttpError(thrown, `the dashboard's ${operationId}`))
      try {
        Promise.resolve(handler(req, res, next)).catch(fail)
      } catch (thrown) {
        fail(thrown)
      }
    },
    'name',
    { value: operationId },
  )
}

/** Tells the page what it can tell its reader. What nobody expected belongs to the host, who has a log. */
function answerError(error: unknown, req: Request, res: Response, next: NextFunction): void {
  const { status = 500, expose = status < 500 } = Object(error) as { status?: number; expose?: boolean }
  if (expose || status === 503) butlerErrorHandler(error, req, res, next)
  else next(error)
}
