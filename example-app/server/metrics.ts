import type { RequestHandler } from 'express'
import type { Butler } from 'express-butler'
import { butlerMetrics } from 'express-butler/metrics'
import { Registry } from 'prom-client'

/** What Prometheus reads of a Butler. Make it before that opens, so that nothing is missed. */
export function serveMetrics(butler: Butler): RequestHandler {
  const register = new Registry()
  butlerMetrics(butler, register)
  return async function serveMetrics(_req, res, next) {
    try {
      const text = await register.metrics()
      res.set('Cache-Control', 'no-store').type(register.contentType).send(text)
    } catch (error) {
      next(error)
    }
  }
}
