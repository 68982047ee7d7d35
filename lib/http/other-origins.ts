import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { ButlerError, shown } from '../errors'
import { checkMembers, expectThat, refuseRequest } from '../options'
import { toHttpError } from './errors'

export interface OtherOriginsOptions {
  /** Other origins, such as `https://admin.example.com`, whose pages may act all the same. Default: none. */
  allowedOrigins?: readonly string[]
}

const members = ['allowedOrigins'] as const satisfies readonly (keyof OtherOriginsOptions)[]

/** Methods that only read, by the standard: a link from anywhere may lead to a page. */
const reading: ReadonlySet<unknown> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A middleware that keeps pages of other origins from acting in the name of whoever has them open: for one route,
 * `app.post('/logout', refuseOtherOrigins(), signOut)`, or in front of many. It is what the router and the dashboard do for their own.
 *
 * Browsers say where a request comes from, in `Sec-Fetch-Site` or, older ones and those on plain HTTP, in `Origin`. What comes from
 * another site, another name of the same domain or another port goes to `next` as `BUTLER_CROSS_SITE` (403). Clients that are no browsers
 * send neither header, and pass; so does every GET, HEAD and OPTIONS, which therefore must not act. It tells nothing of who asks, so it
 * stands beside a sign-in and never in its place. Throws `BUTLER_INVALID_OPTIONS` when it is made.
 */
export function refuseOtherOrigins(options: OtherOriginsOptions = {}) {
  const subject = 'refuseOtherOrigins(options)'
  refuseRequest(subject, options, 'refuseOtherOrigins()')
  checkMembers(subject, options, members)
  return refusingOtherOrigins(subject, options)
}

/** The same for a router or a dashboard, whose options they are. */
export function refusingOtherOrigins(subject: string, { allowedOrigins = [] }: OtherOriginsOptions) {
  const allowed = readOrigins(`${subject}.allowedOrigins`, allowedOrigins)

  return function refuseOtherOrigin(
    { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
    _res: unknown,
    next: (error?: unknown) => void,
  ): void {
    if (!isForeign(headers, allowed) || reading.has(method)) next()
    else next(toHttpError(refusalOf(headers), 'the request'))
  }
}

function refusalOf({ origin, host }: IncomingHttpHeaders): ButlerError {
  return new ButlerError(
    'BUTLER_CROSS_SITE',
    `The request comes from a page of ${origin === undefined ? 'another origin' : shown(origin)}; ` +
      `expected one of this server${host === undefined ? '' : `, ${shown(host)}`}. ` +
      'If that page may act here, add its origin to `allowedOrigins`.',
  )
}

function isForeign(
  { 'sec-fetch-site': site, origin, host }: IncomingHttpHeaders,
  allowed: ReadonlySet<string>,
): boolean {
  if (site === undefined && origin === undefined) return false
  if (origin !== undefined && allowed.has(origin)) return false
  return foreign.get(site) ?? isOfAnother(origin, host)
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

function isOfAnother(origin: string | undefined, host = ''): boolean {
  return origin !== undefined && !isHostOf(origin, host)
}

/** Compared as URLs, so that case and a default port make no difference. An origin without a host, such as `null`, is nobody's. */
function isHostOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host: from } = new URL(origin)
  const here = `${protocol}//${host}`
  return from !== '' && URL.canParse(here) && new URL(here).host === from
}

function readOrigins(list: string, origins: readonly string[]): ReadonlySet<string> {
  expectThat(Array.isArray(origins), list, origins, 'an array such as ["https://admin.example.com"]')
  for (const [index, origin] of origins.entries()) {
    const subject = `${list}[${index}]`
    const wayOut = 'the origins by name: "*" would let every site on the internet act here'
    expectThat((origin as unknown) !== '*', subject, origin, wayOut)
    expectThat(
      isOrigin(origin),
      subject,
      origin,
      'an origin, scheme and host without a path, such as "https://admin.example.com"',
    )
  }
  return new Set(origins)
}

function isOrigin(text: unknown): boolean {
  return typeof text === 'string' && text !== 'null' && URL.canParse(text) && new URL(text).origin === text
}
