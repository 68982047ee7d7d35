import type { NextFunction, Request, Response } from 'express'
import { ButlerError } from '../errors'
import { toHttpError } from './errors'

/** The methods of a path for `Allow`, with those that every path with a GET, and every path, has. */
export function allowOf(routes: readonly { method: string; path: string }[], path: string): string {
  const own = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase())
  return [...own.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'].join(', ')
}

/** What answers the methods that a path does not have: OPTIONS is told which it has, and what remains is refused. */
export function otherMethods(path: string, allow: string) {
  return {
    tellMethods(_req: Request, res: Response): void {
      res.set('Allow', allow).status(204).end()
    },

    refuseMethod(req: Request, _res: Response, next: NextFunction): void {
      const message = `${req.method} is no method of ${(req.baseUrl + path).replace(/(?<=.)\/$/, '')}; expected one of ${allow}.`
      const refusal = toHttpError(new ButlerError('BUTLER_METHOD_NOT_ALLOWED', message), 'the request')
      next(Object.assign(refusal, { headers: { Allow: allow } }))
    },
  }
}
