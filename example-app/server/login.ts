import { type NextFunction, type Request, type RequestHandler, type Response, Router, urlencoded } from 'express'
import { refuseOtherOrigins } from 'express-butler'
import { brakeOn } from './brake'
import { sendLoginPage } from './login-page'
import { Sessions } from './sessions'
import { isTokenOf } from './token'

/** A person mistypes a few times; a program that guesses is held up. */
const WRONG_A_MINUTE = 10

/** A person's way in: the token once, and then a cookie; and the way out. `now` tells the time. */
export function createLogin(token: string, now = () => new Date()) {
  const sessions = new Sessions()
  const isToken = isTokenOf(token)

  function isSignedIn(req: Request): boolean {
    return sessions.has(req, now())
  }

  function signIn(req: Request, res: Response): void {
    const { token: given } = Object(req.body) as { token?: unknown }
    if (!isToken(given)) {
      sendLoginPage(res.status(401), 'That is not the token.')
      return
    }
    sessions.open(req, res, now())
    res.redirect(303, './')
  }

  /** For the page's button, which then loads the page again. */
  function signOut(req: Request, res: Response): void {
    sessions.end(req, res)
    res.status(200).end()
  }

  function tellPersons(req: Request, res: Response, next: NextFunction): void {
    res.vary('Accept')
    if (!isPerson(req)) next('router')
    else if (isSignedIn(req)) next()
    else sendLoginPage(res)
  }

  /** A page at `/` for whoever is a person with a browser; all others go on as if it were not there. */
  function behindLogin(page: RequestHandler): Router {
    const router = Router()
    router.post(['/login', '/logout'], refuseOtherOrigins())
    router.post('/login', brakeOn(WRONG_A_MINUTE), urlencoded({ extended: false, limit: '4kb' }), signIn)
    router.use('/login', tellBraked)
    router.post('/logout', signOut)
    router.get('/', tellPersons)
    router.use(page)
    return router
  }

  return { isSignedIn, behindLogin }
}

/** Who may not try again yet reads so where the token is typed. */
function tellBraked(error: Error & { status?: number }, _req: Request, res: Response, next: NextFunction): void {
  if (error.status === 429) sendLoginPage(res.status(429), error.message)
  else next(error)
}

/** Browsers name HTML. Clients of a media server may run in one, but say what they are. */
function isPerson({ headers, query }: Request): boolean {
  const isPlexClient = [...Object.keys(headers), ...Object.keys(query)].some((name) => /^x-plex-/i.test(name))
  return !isPlexClient && /\btext\/html\b/i.test(headers.accept ?? '')
}
