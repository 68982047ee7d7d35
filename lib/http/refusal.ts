import type { NextFunction } from 'express'
import type { HttpError } from 'http-errors'
import { type ButlerErrorCode, statusOf } from '../errors'
import type { Refusal, TaskRegistry } from '../registry'

type Noting = Pick<TaskRegistry<string>, 'noteRefusal'>

/** `next`, but the registry is told of the error that goes to it, if it wants to know. */
export function notingRefusals(registry: Noting, { method }: { method: string }, next: NextFunction): NextFunction {
  if (registry.noteRefusal === undefined) return next
  return (error?: unknown) => {
    if (isError(error)) note(registry, refusalOf(error, method))
    next(error)
  }
}

/** Counting must not cost anybody an answer. */
function note(registry: Noting, refusal: Refusal): void {
  try {
    registry.noteRefusal?.(refusal)
  } catch {
    // It was told, and what it makes of that is its own.
  }
}

/** `next('route')` and `next('router')` are ways on. */
function isError(error: unknown): boolean {
  return Boolean(error) && error !== 'route' && error !== 'router'
}

function refusalOf(error: unknown, method: string): Refusal {
  const { code, status = 500 } = Object(error) as Partial<HttpError>
  return { code: isOurs(code) ? code : null, status: Number.isInteger(status) ? status : 500, method }
}

function isOurs(code: unknown): code is ButlerErrorCode {
  return typeof code === 'string' && Object.hasOwn(statusOf, code)
}
