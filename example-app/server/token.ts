import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express'
import createError from 'http-errors'
import { brakeOn } from './brake'
import { keepText } from './kept-text'

/** Clients come at all hours with the token of yesterday; a program that guesses is held up. */
const WRONG_A_MINUTE = 300

/** The token of an installation: made once, then kept where only its owner may read. */
export function keepToken(file: string): Promise<string> {
  return keepText(file, 'token', () => randomBytes(24).toString('base64url'))
}

/** Whether something is the token, in constant time: how long the answer takes tells nothing about the token. */
export function isTokenOf(token: string): (given: unknown) => boolean {
  const expected = hash(token)
  return (given) => typeof given === 'string' && timingSafeEqual(hash(given), expected)
}

/** Lets through who knows the token, in the header or the query parameter `X-Plex-Token`; 401 for everybody else. */
export function requireToken(token: string): RequestHandler {
  const isToken = isTokenOf(token)
  const givenIn = (req: Request) => [req.get('X-Plex-Token'), req.query['X-Plex-Token']].filter(Boolean)
  const hasToken = (req: Request) => givenIn(req).some(isToken)
  function checkToken(req: Request, _res: Response, next: NextFunction): void {
    if (hasToken(req)) next()
    else next(unauthorized(givenIn(req).length === 0 ? MISSING : WRONG))
  }
  return Router().use(brakeOn(WRONG_A_MINUTE, hasToken), checkToken)
}

const MISSING = 'A token is needed, as the header X-Plex-Token or the query parameter X-Plex-Token.'
const WRONG =
  'That is not the token of this server. It is what the server said when it started, and lies in its data folder.'

function unauthorized(message: string) {
  return createError(401, message, { headers: { 'WWW-Authenticate': 'X-Plex-Token' } })
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
