import type { NextFunction, Request, Response } from 'express'
import { ButlerError } from '../errors'
import { toHttpError } from '../http/errors'
import type { DashboardSettings, Right } from './options'

const needs: Record<Right, string> = {
  view: 'may not see this page',
  operate: 'may look, but not start, stop or change anything',
}

/** Whether the host lets somebody. Nothing but `true` does: what an authorize forgets to return opens no door. */
export async function isAllowed(
  { authorize }: Pick<DashboardSettings, 'authorize'>,
  req: Request,
  right: Right,
): Promise<boolean> {
  return (await authorize(req, right)) === true
}

/** A handler that lets through whoever has a right; 403 for everybody else. */
export function doorOf(settings: Pick<DashboardSettings, 'authorize'>, right: Right) {
  return async function authorize(req: Request, _res: Response, next: NextFunction): Promise<void> {
    try {
      if (await isAllowed(settings, req, right)) next()
      else next(toHttpError(new ButlerError('BUTLER_FORBIDDEN', `Who asks ${needs[right]}.`), 'the request'))
    } catch (thrown) {
      next(thrown)
    }
  }
}
