import createError, { type HttpError } from 'http-errors'
import { ButlerError, shown, statusOf } from '../errors'

/** After how many seconds a client should try again when the registry cannot be reached. */
export const RETRY_AFTER = '5'

/**
 * What goes to `next`: an error of http-errors with our `code`. Those of the host pass as they are, a `ButlerError` keeps its code
 * and status, and anything else becomes a 500 whose `cause` is what was thrown. `asked` names the call for the message.
 */
export function toHttpError(thrown: unknown, asked: string): HttpError {
  try {
    if (createError.isHttpError(thrown)) return thrown
    return toOwn(isButlerError(thrown) ? thrown : failure(thrown, asked), thrown)
  } catch {
    // What reading it threw may be no better, so nobody is handed either.
    return toOwn(failed(asked, 'what it threw cannot be read'), undefined)
  }
}

/** Not by `instanceof`: a second copy of the package throws errors of another class. */
function isButlerError(thrown: unknown): thrown is ButlerError {
  if (!(thrown instanceof Error) || thrown.name !== 'ButlerError') return false
  const { code, status } = thrown as Partial<ButlerError>
  return code !== undefined && Object.hasOwn(statusOf, code) && Number.isInteger(status)
}

function failure(thrown: unknown, asked: string): ButlerError {
  return failed(asked, thrown instanceof Error ? thrown.message : `it threw ${shown(thrown)}, which is no Error`)
}

function failed(asked: string, reason: string): ButlerError {
  const wayOut = 'To choose the status, reject with a ButlerError or an error of http-errors.'
  return new ButlerError('BUTLER_REGISTRY_FAILED', `${asked} failed: ${reason}. ${wayOut}`)
}

function toOwn(error: ButlerError, cause: unknown): HttpError {
  return createError(error.status, error.message, {
    code: error.code,
    expose: isForClients(error),
    cause,
    ...(error.status === 503 && { headers: { 'Retry-After': RETRY_AFTER } }),
  })
}

/** Messages below 500 are for whoever asked, the others for the developer. What nobody implements is told to both. */
function isForClients({ status, code }: ButlerError): boolean {
  return status < 500 || code === 'BUTLER_TASK_NOT_IMPLEMENTED'
}
