import { STATUS_CODES } from 'node:http'
import type { NextFunction, Request, Response } from 'express'
import createError, { type HttpError } from 'http-errors'
import { ButlerError, type ButlerErrorCode, shown, statusOf } from '../errors'
import { namesJson } from './negotiation'
import { toXml } from './xml'

/** After how many seconds a client should try again when the registry cannot be reached. */
const RETRY_AFTER = '5'

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

/** What a client is told of an error. `code` is ours for our own errors, and the status for all others. */
interface Told {
  code: ButlerErrorCode | number
  status: number
  message: string
}

/**
 * An error middleware for hosts that have none: `app.use(butlerErrorHandler)`, behind everything else. It answers any error:
 * `{"errors":[{"code","status","message"}]}` when JSON was asked for, else a small page. Messages of errors from 500 up are told
 * only when the error says `expose`; `headers` of the error are sent.
 */
export function butlerErrorHandler(error: unknown, req: Request, res: Response, next: NextFunction): void {
  if (res.headersSent) {
    next(error)
    return
  }
  const told = toldOf(error)
  for (const name of ['Content-Encoding', 'Content-Language', 'Content-Range']) res.removeHeader(name)
  res.status(told.status).vary('Accept').set(headersOf(error)).set('X-Content-Type-Options', 'nosniff')
  if (namesJson(req.headers.accept)) res.type('json').json({ errors: [told] })
  else res.set('Content-Security-Policy', "default-src 'none'").type('html').send(toPage(told))
}

function toldOf(error: unknown): Told {
  const { status: given, statusCode, code, expose, message } = Object(error) as Record<string, unknown>
  const status = [given, statusCode].find(isErrorStatus) ?? 500
  const isTold = typeof expose === 'boolean' ? expose : status < 500
  const isOurs = typeof code === 'string' && Object.hasOwn(statusOf, code)
  const standard = STATUS_CODES[status] ?? 'Error'
  return {
    code: isOurs ? (code as ButlerErrorCode) : status,
    status,
    message: isTold && typeof message === 'string' && message !== '' ? message : standard,
  }
}

function isErrorStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 400 && value < 600
}

function headersOf(error: unknown): Record<string, string> {
  const { headers } = Object(error) as { headers?: unknown }
  return typeof headers === 'object' && headers !== null ? { ...(headers as Record<string, string>) } : {}
}

function toPage({ status, message }: Told): string {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`
  const head = { meta: { $: { charset: 'utf-8' } }, title }
  return `<!DOCTYPE html>\n${toXml({ html: { $: { lang: 'en' }, head, body: { h1: title, p: message } } })}\n`
}
