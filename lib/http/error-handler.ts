import { STATUS_CODES } from 'node:http'
import type { NextFunction, Request, Response } from 'express'
import { ButlerError, type ButlerErrorCode, statusOf } from '../errors'
import { RETRY_AFTER } from './errors'
import { namesJson } from './negotiation'
import { publicWords } from './public-words'
import { toXml } from './xml'

/** What a client is told of an error. `code` is ours for our own errors, and the status for all others. */
interface Told {
  code: ButlerErrorCode | number
  status: number
  message: string
}

/**
 * An error middleware for hosts that have none: `app.use(butlerErrorHandler)`, behind everything else. It answers any error:
 * `{"errors":[{"code","status","message"}]}` when JSON was asked for, else a small page. Messages of errors from 500 up are told only when
 * the error says `expose`, else a plain sentence; `headers` of the error are sent, and a 503 of a Butler's, also from a call of your own,
 * tells when to try again. As Express's own handler does, it writes what is a mistake of the host (status 500) to the console, unless the
 * app's `env` is `test`.
 */
export function butlerErrorHandler(error: unknown, req: Request, res: Response, next: NextFunction): void {
  if (typeof next !== 'function') {
    const message = 'butlerErrorHandler is the middleware itself; write app.use(butlerErrorHandler), without a call.'
    throw new ButlerError('BUTLER_INVALID_OPTIONS', message)
  }
  if (res.headersSent) {
    next(error)
    return
  }
  const told = toldOf(error)
  if (told.status === 500) writeDown(error, req)
  for (const name of ['Content-Encoding', 'Content-Language', 'Content-Range']) res.removeHeader(name)
  res.status(told.status).vary('Accept').set(headersOf(error, told)).set('X-Content-Type-Options', 'nosniff')
  if (namesJson(req.headers.accept)) res.type('json').json({ errors: [told] })
  else res.set('Content-Security-Policy', "default-src 'none'").type('html').send(toPage(told))
}

/** Where Express writes them, whose last handler this one takes the place of. */
function writeDown(error: unknown, req: Request): void {
  // biome-ignore lint/suspicious/noConsole: it is mounted without options, so nobody can hand it a logger.
  if (req.app?.get('env') !== 'test') console.error(error)
}

function toldOf(error: unknown): Told {
  const { status: given, statusCode, code, expose, message } = Object(error) as Record<string, unknown>
  const status = [given, statusCode].find(isErrorStatus) ?? 500
  const isTold = typeof expose === 'boolean' ? expose : status < 500
  const isOurs = typeof code === 'string' && Object.hasOwn(statusOf, code)
  const standard = (isOurs && publicWords(code as ButlerErrorCode, error)) || (STATUS_CODES[status] ?? 'Error')
  return {
    code: isOurs ? (code as ButlerErrorCode) : status,
    status,
    message: isTold && typeof message === 'string' && message !== '' ? message : standard,
  }
}

function isErrorStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 400 && value < 600
}

function headersOf(error: unknown, { code, status }: Told): Record<string, string> {
  const { headers } = Object(error) as { headers?: unknown }
  const retry: Record<string, string> = typeof code === 'string' && status === 503 ? { 'Retry-After': RETRY_AFTER } : {}
  return typeof headers === 'object' && headers !== null ? { ...retry, ...(headers as Record<string, string>) } : retry
}

function toPage({ status, message }: Told): string {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`
  const head = { meta: { $: { charset: 'utf-8' } }, title }
  return `<!DOCTYPE html>\n${toXml({ html: { $: { lang: 'en' }, head, body: { h1: title, p: message } } })}\n`
}
