import fetch from 'make-fetch-happen'
import { getAuth } from 'npm-registry-fetch'
import { valid } from 'semver'
import { codeOf } from '../library/error-code'
import type { NpmSettings } from './npm-settings'

/** Longest time for the whole answer, in milliseconds. */
const TIME_LIMIT_MS = 20_000
/** Most bytes of an answer, after it is unpacked. A package with a thousand versions takes one million. */
const MOST_BYTES = 8 * 1024 * 1024
const MOST_REDIRECTS = 5

/** What a registry knows of a package. */
export interface Published {
  /** Which version a name such as `latest` stands for. */
  tags: Record<string, string>
  /** Names this state of things; `null` when the registry does not. */
  etag: string | null
}

/** `away` is nobody's fault here, and passes. */
export type Answer =
  | { kind: 'published'; published: Published }
  | { kind: 'not-modified' }
  | { kind: 'not-published' }
  | { kind: 'away'; status: 'offline' | 'registry-unavailable'; reason: string }

export interface Question {
  name: string
  /** What the answer was when we asked last. */
  etag: string | null
  signal: AbortSignal
  /** Default: 20 000. */
  timeLimitMs?: number
}

/** The registry as it may be shown: without credentials. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

/**
 * Asks a registry about a package, once: the next night asks again. Rejects with the signal's reason, or with what somebody must
 * mend: credentials, certificates, an address that is no registry. No message tells credentials.
 */
export async function askRegistry(npm: NpmSettings, question: Question): Promise<Answer> {
  const { signal, timeLimitMs = TIME_LIMIT_MS } = question
  if (npm.offline) return { kind: 'away', status: 'offline', reason: 'npm is set to be offline' }
  const limit = AbortSignal.timeout(timeLimitMs)
  const done = new AbortController()
  try {
    return await follow(npm, question, AbortSignal.any([signal, limit, done.signal]))
  } catch (error) {
    signal.throwIfAborted()
    const reason = limit.aborted ? `no answer within ${timeLimitMs} ms` : whyOffline(error)
    if (reason) return { kind: 'away', status: 'offline', reason }
    throw explained(error, shownUrl(npm.registry))
  } finally {
    // Whatever of the answer nobody wants to read is hung up on.
    done.abort()
  }
}

/** Asks, and where the registry points elsewhere, asks there: each place gets only the credentials that npm has for it. */
async function follow(npm: NpmSettings, question: Question, signal: AbortSignal): Promise<Answer> {
  let url = `${npm.registry.replace(/\/+$/, '')}/${question.name}`
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await request(npm, url, question.etag, signal)
    const isElsewhere = [301, 302, 303, 307, 308].includes(response.status)
    if (!isElsewhere) return understand(response, url, question.etag)
    url = nextUrl(url, response.headers.get('location'))
  }
  throw new NoRegistry(`redirected more than ${MOST_REDIRECTS} times`)
}

function request(npm: NpmSettings, url: string, etag: string | null, signal: AbortSignal) {
  const { token, auth, cert, key } = getAuth(url, npm)
  return fetch(url, {
    ca: npm.ca,
    cert: cert ?? npm.cert,
    key: key ?? npm.key,
    localAddress: npm.localAddress,
    noProxy: npm.noProxy,
    proxy: npm.httpsProxy || npm.proxy,
    strictSSL: npm.strictSSL,
    redirect: 'manual',
    cache: 'no-store',
    retry: 0,
    keepAlive: false,
    signal,
    headers: {
      // The short form, where there is one.
      accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8',
      'user-agent': npm.userAgent,
      ...(etag && { 'if-none-match': etag }),
      ...(token ? { authorization: `Bearer ${token}` } : auth && { authorization: `Basic ${auth}` }),
    },
  })
}

function nextUrl(url: string, location: string | null): string {
  if (location === null || !URL.canParse(location, url)) throw new NoRegistry('redirected to nowhere')
  const next = new URL(location, url)
  const isSafe = next.protocol === 'https:' || (next.protocol === 'http:' && url.startsWith('http:'))
  if (!isSafe) throw new NoRegistry(`redirected to ${next.protocol}, which is less safe`)
  return next.href
}

type Response = Awaited<ReturnType<typeof fetch>>

async function understand({ status, headers, body }: Response, url: string, etag: string | null): Promise<Answer> {
  if (status === 200) return { kind: 'published', published: { tags: tagsIn(await read(body)), etag: etagIn(headers) } }
  if (status === 304 && etag) return { kind: 'not-modified' }
  if (status === 404) return { kind: 'not-published' }
  if (status >= 500 || status === 429 || status === 408) {
    return { kind: 'away', status: 'registry-unavailable', reason: `it answered with ${status}` }
  }
  if (status === 407) throw new NoRegistry('is behind a proxy that wants credentials: npm config set proxy')
  if (status !== 401 && status !== 403) throw new NoRegistry(`answered with ${status}`)
  const wayOut = `npm login --registry=${shownUrl(new URL('.', url).href)}`
  throw new NoRegistry(`wants other credentials than npm has for it (${status}): ${wayOut}`)
}

async function read(body: Response['body']): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new NoRegistry(`answered with more than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tagsIn(text: string): Record<string, string> {
  const tags = (parsed(text) as { 'dist-tags'?: unknown } | null)?.['dist-tags']
  const entries = Object.entries(tags ?? {}).filter(([, version]) => typeof version === 'string' && valid(version))
  if (!entries.some(([tag]) => tag === 'latest'))
    throw new NoRegistry('answered with JSON that names no latest version')
  return Object.fromEntries(entries)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new NoRegistry('answered with something that is not JSON; is there a proxy or a page to sign in between?')
  }
}

/** Only what may be sent back to it. */
function etagIn(headers: Response['headers']): string | null {
  const etag = headers.get('etag') ?? ''
  return /^(W\/)?"[\x21\x23-\x7e]{0,500}"$/.test(etag) ? etag : null
}

/** How the answer differs from one of a registry that npm could work with. */
class NoRegistry extends Error {}

const offline: Record<string, string> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'names cannot be looked up',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'nobody answers there',
  ECONNECTIONTIMEOUT: 'nobody answers there',
  EHOSTUNREACH: 'there is no way to it',
  EHOSTDOWN: 'there is no way to it',
  ENETUNREACH: 'there is no network',
  ENETDOWN: 'there is no network',
  EADDRNOTAVAIL: 'there is no network',
}

/** `undefined`: the network did its part. */
function whyOffline(error: unknown): string | undefined {
  const code = codeOf(error)
  return offline[code] && `${offline[code]} (${code})`
}

/** What others say may hold the whole URL, so only their codes are told. */
function explained(error: unknown, registry: string): Error {
  if (error instanceof NoRegistry) return new Error(`The registry ${registry} ${error.message}`)
  const code = codeOf(error) || 'no code'
  if (/CERT|LEAF_SIGNATURE/.test(code)) {
    const wayOut = 'check the clock, or name the certificate: npm config set cafile'
    return new Error(`The registry ${registry} shows a certificate that nothing here vouches for (${code}); ${wayOut}`)
  }
  return new Error(`The registry ${registry} cannot be asked (${code}); check npm config get registry`)
}
