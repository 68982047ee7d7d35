import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { RequestHandler } from 'express'
import createError from 'http-errors'
import { OperatorError } from '../library/operator-error'

/** The token of an installation: made once, then kept where only its owner may read. */
export async function keepToken(file: string): Promise<string> {
  const made = randomBytes(24).toString('base64url')
  try {
    await writeFile(file, `${made}\n`, { flag: 'wx', mode: 0o600 })
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const kept = (await readFile(file, 'utf8')).trim()
  if (kept === '') throw new OperatorError(`${file} is empty. Delete it, and a new token is made; or set BUTLER_TOKEN.`)
  return kept
}

/** Lets through who knows the token, in the header or the query parameter `X-Plex-Token`; 401 for everybody else. */
export function requireToken(token: string): RequestHandler {
  const expected = hash(token)
  // Of equal length, and compared in constant time: how long the answer takes tells nothing about the token.
  const isToken = (given: unknown) => typeof given === 'string' && timingSafeEqual(hash(given), expected)
  return function requireToken(req, _res, next) {
    if (isToken(req.get('X-Plex-Token')) || isToken(req.query['X-Plex-Token'])) next()
    else next(unauthorized())
  }
}

function unauthorized() {
  const message = 'A token is needed, as the header X-Plex-Token or the query parameter X-Plex-Token.'
  return createError(401, message, { headers: { 'WWW-Authenticate': 'X-Plex-Token' } })
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
