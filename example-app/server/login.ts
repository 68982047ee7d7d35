import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Request, type RequestHandler, type Response, Router, urlencoded } from 'express'
import { sendLoginPage } from './login-page'
import { isTokenOf } from './token'

const COOKIE = 'butler'
const SESSION_MS = 12 * 3_600_000

/** A person's way in: the token once, and then a cookie that lasts half a day, or until the server starts again. */
export function createLogin(token: string) {
  // A cookie tells nothing of the token, and one of an earlier start opens nothing.
  const key = randomBytes(32)
  const isToken = isTokenOf(token)
  const sign = (until: string) => createHmac('sha256', key).update(until).digest('base64url')

  function isSignedIn(req: Request): boolean {
    const [until = '', signature = ''] = cookieOf(req).split('.')
    const [given, expected] = [Buffer.from(signature), Buffer.from(sign(until))]
    return given.length === expected.length && timingSafeEqual(given, expected) && Number(until) > Date.now()
  }

  function signIn(req: Request, res: Response): void {
    const { token: given } = Object(req.body) as { token?: unknown }
    if (!isToken(given)) {
      sendLoginPage(res.status(401), 'That is not the token.')
      return
    }
    const until = String(Date.now() + SESSION_MS)
    const options = { httpOnly: true, sameSite: 'strict', secure: req.secure, maxAge: SESSION_MS } as const
    res.cookie(COOKIE, `${until}.${sign(until)}`, options).redirect(303, './')
  }

  /** A page at `/` for whoever is a person with a browser; all others go on as if it were not there. */
  function behindLogin(page: RequestHandler): Router {
    const router = Router()
    router.post('/login', urlencoded({ extended: false, limit: '4kb' }), signIn)
    router.get('/', function tellPersons(req, res, next) {
      res.vary('Accept')
      if (!isPerson(req)) next('router')
      else if (isSignedIn(req)) next()
      else sendLoginPage(res)
    })
    router.use(page)
    return router
  }

  return { isSignedIn, behindLogin }
}

/** Browsers name HTML. Clients of a media server may run in one, but say what they are. */
function isPerson({ headers, query }: Request): boolean {
  const isPlexClient = [...Object.keys(headers), ...Object.keys(query)].some((name) => /^x-plex-/i.test(name))
  return !isPlexClient && /\btext\/html\b/i.test(headers.accept ?? '')
}

function cookieOf({ headers }: Request): string {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? ''
}
