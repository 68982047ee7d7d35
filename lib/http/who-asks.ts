import type { Request } from 'express'
import createError from 'http-errors'
import { shown } from '../errors'

/** What the host says of who asks. What the host throws is its own and passes unchanged, if an error handler can be given it. */
export function whoAsks(by: (req: Request) => unknown, req: Request): string | undefined {
  const who = said(by, req)
  if (typeof who === 'string') return who
  if (who == null) return undefined
  Promise.resolve(who).catch(() => {})
  throw createError(
    500,
    `createButlerRouter(options).by returned ${shown(who)}; expected a string, null or undefined, at once.`,
    {
      code: 'BUTLER_INVALID_OPTIONS',
    },
  )
}

function said(by: (req: Request) => unknown, req: Request): unknown {
  try {
    return by(req)
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null) throw thrown
    throw createError(500, `createButlerRouter(options).by threw ${shown(thrown)}, which is no Error.`, {
      code: 'BUTLER_INVALID_OPTIONS',
      cause: thrown,
    })
  }
}
