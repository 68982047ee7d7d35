import type { IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'

/** A request to choose a format for: its headers, and its URL for the query. */
export type Asking = Pick<IncomingMessage, 'headers' | 'url'>

/**
 * JSON to whoever names it and to whoever names nothing. XML to whoever names that, and to the clients of a media server, which
 * are known by their `X-Plex-…` headers or query parameters and take XML when they say nothing.
 */
export function prefersXml({ headers, url }: Asking): boolean {
  if (namesJson(headers.accept)) return false
  return names(headers.accept, 'application/xml') || names(headers.accept, 'text/xml') || isPlexClient(headers, url)
}

/** Whether an `Accept` header names JSON itself; a wildcard names nothing. */
export function namesJson(accept: string | undefined): boolean {
  return names(accept, 'application/json')
}

const refused = /^\s*q\s*=\s*0(\.0*)?\s*$/i

function names(accept: string | undefined, type: string): boolean {
  return (accept ?? '').split(',').some((range) => {
    const [media = '', ...parameters] = range.split(';')
    return media.trim().toLowerCase() === type && !parameters.some((parameter) => refused.test(parameter))
  })
}

const plexParameter = /[?&]x-plex-/i

function isPlexClient(headers: Asking['headers'], url = ''): boolean {
  const query = url.includes('?') ? url.slice(url.indexOf('?')) : ''
  return plexParameter.test(query) || Object.keys(headers).some((name) => name.startsWith('x-plex-'))
}

/** Sends one of two texts that say the same. What writing it throws is thrown before anything is sent. */
export function send(req: Request, res: Response, { json, xml }: { json(): string; xml(): string }): void {
  const isXml = prefersXml(req)
  const body = isXml ? xml() : json()
  if (res.headersSent) return
  res
    .vary('Accept')
    .set('Cache-Control', 'no-cache')
    .type(isXml ? 'application/xml' : 'application/json')
    .send(body)
}
