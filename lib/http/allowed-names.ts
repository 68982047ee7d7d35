import type { NextFunction, Request, Response } from 'express'
import { param } from 'express-validator'
import createError, { type HttpError } from 'http-errors'
import { type ButlerErrorCode, shown } from '../errors'
import type { RouterSettings } from './router-options'

/** More allowed names than this are counted instead of told. */
const MOST_TOLD = 100

/** A path that ends in two slashes: the last name of it is empty, as when a script's variable is. */
const emptyName = /^[^?]*\/\/(\?|$)/

type Names = Pick<RouterSettings, 'taskNames' | 'aliases'>

/** What the router does about names: lets the allowed ones pass, and refuses all others without asking anybody. */
export function allowedNames(settings: Names & Pick<RouterSettings, 'unknownTaskStatus'>) {
  const { taskNames, aliases, unknownTaskStatus } = settings
  const allowed: ReadonlySet<string> = new Set(taskNames)
  const validation = param('taskName')
    .isIn(taskNames)
    .withMessage((name: unknown) => explain(shown(name), settings))

  /** Names that pass take the short way, an alias as the task it means; all others take the validator's, and get its message. */
  function checkTaskName(req: Request<{ taskName: string }>, _res: Response, next: NextFunction): void {
    const { taskName } = req.params
    const meant = aliases.get(taskName)
    if (meant !== undefined) req.params.taskName = meant
    if (meant !== undefined || allowed.has(taskName)) next()
    else explainTo(req).then((message) => next(refusal(message)), next)
  }

  async function explainTo(req: Request): Promise<string> {
    const refused = await validation.run(req)
    return refused
      .array()
      .map(({ msg }) => msg)
      .join()
  }

  /** Express takes `//` for `/`, and Express 4 removes one slash before we see it: an empty name must not mean all tasks. */
  function refuseEmptyName(req: Request, _res: Response, next: NextFunction): void {
    if (emptyName.test(req.originalUrl)) next(refusal(explain('""', settings)))
    else next()
  }

  /** An error middleware: Express fails on a name that is no percent-encoding, such as `%E0%A4%A`, before any check of ours. */
  function refuseUndecodable(error: unknown, req: Request, _res: Response, next: NextFunction): void {
    const isOurs = error instanceof URIError && (error as Partial<HttpError>).status === 400
    next(isOurs ? refusal(explain(`${shown(req.path.slice(1))}, which cannot be decoded`, settings), 400) : error)
  }

  function refusal(message: string, status: number = unknownTaskStatus): HttpError {
    return createError(status, message, { code: 'BUTLER_UNKNOWN_TASK' satisfies ButlerErrorCode })
  }

  return { checkTaskName, refuseEmptyName, refuseUndecodable }
}

function explain(came: string, { taskNames, aliases }: Names): string {
  const names = [...taskNames, ...Array.from(aliases, ([alias, task]) => `${alias} (means ${task})`)]
  const untold = names.length - MOST_TOLD
  const told = names.slice(0, MOST_TOLD).join(', ') + (untold > 0 ? `, and ${untold} more` : '')
  return `The task name is ${came}; expected one of ${told}.`
}
