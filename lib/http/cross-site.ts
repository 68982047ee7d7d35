import type { IncomingHttpHeaders } from 'node:http'
import type { NextFunction, Request, Response } from 'express'
import { ButlerError, shown } from '../errors'
import { toHttpError } from './errors'

/**
 * Refuses what a page of another origin asks for, so that nobody's browser can be made to start a backup. Browsers say where a
 * request comes from, in `Sec-Fetch-Site` or, older ones and those on plain HTTP, in `Origin`; other clients send neither.
 */
function crossSiteRefusal(headers: IncomingHttpHeaders, allowed: ReadonlySet<string>): ButlerError | undefined {
  const site = headers['sec-fetch-site']
  const { origin } = headers
  if (site === undefined && origin === undefined) return undefined
  if (origin !== undefined && allowed.has(origin)) return undefined
  if (!isForeign(site, origin, headers.host)) return undefined
  return new ButlerError(
    'BUTLER_CROSS_SITE',
    `The request comes from a page of ${origin === undefined ? 'another origin' : shown(origin)}; ` +
      `expected one of this server${headers.host === undefined ? '' : `, ${shown(headers.host)}`}. ` +
      'If that page may start and stop tasks, add its origin to `allowedOrigins`.',
  )
}

/**
 * A value that is none of the four says nothing, as the standard asks. `same-site` is another port or another name of the same
 * domain: whoever answers there gets its cookies, `SameSite=Strict` or not, and need not be who answers here.
 */
const foreign: ReadonlyMap<unknown, boolean> = new Map([
  ['same-origin', false],
  ['none', false],
  ['same-site', true],
  ['cross-site', true],
])

function isForeign(site: string | string[] | undefined, origin: string | undefined, host = ''): boolean {
  return foreign.get(site) ?? isOfAnother(origin, host)
}

function isOfAnother(origin: string | undefined, host: string): boolean {
  return origin !== undefined && !isHostOf(origin, host)
}

/** Compared as URLs, so that case and a default port make no difference. An origin without a host, such as `null`, is nobody's. */
function isHostOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host: from } = new URL(origin)
  const here = `${protocol}//${host}`
  return from !== '' && URL.canParse(here) && new URL(here).host === from
}

/** The check as a handler, for the routes that act. */
export function crossSiteCheck(allowed: ReadonlySet<string>) {
  return function refuseCrossSite(req: Request<{ taskName: string }>, _res: Response, next: NextFunction): void {
    const refusal = crossSiteRefusal(req.headers, allowed)
    if (refusal === undefined) next()
    else next(toHttpError(refusal, 'the request'))
  }
}
