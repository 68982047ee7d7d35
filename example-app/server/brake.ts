import type { Request, RequestHandler } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import createError from 'http-errors'

const MINUTE_MS = 60_000

/**
 * Holds up whoever guesses: after so many refusals (401) of one address within a minute nothing of it is looked at until that minute
 * is over, the right token neither, or one could still find it by trying. Behind a proxy all come from one address. What has not been
 * answered yet counts as refused, unless `isWelcome` knows better.
 */
export function brakeOn(refusalsAMinute: number, isWelcome: (req: Request) => boolean = () => false): RequestHandler {
  const keyOf = ({ ip = '' }: Request) => ipKeyGenerator(ip)
  const brake = rateLimit({
    keyGenerator: keyOf,
    async skip(req) {
      if (!isWelcome(req)) return false
      const refused = await brake.getKey(keyOf(req))
      return (refused?.totalHits ?? 0) < refusalsAMinute
    },
    windowMs: MINUTE_MS,
    limit: refusalsAMinute,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_req, { statusCode }) => statusCode !== 401,
    // They tell when the minute is over, also Retry-After.
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    // What anybody may write into a header says nothing of where they are.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler(_req, res, next) {
      const seconds = res.getHeader('Retry-After')
      const message = `Too many wrong tokens came from this address; this one was not looked at. Try again in ${seconds} seconds.`
      next(createError(429, message, { headers: { 'Retry-After': String(seconds) } }))
    },
  })
  return brake
}
