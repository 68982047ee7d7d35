import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'

const SESSION_MS = 12 * 3_600_000

/** Who is signed in, until they sign out, half a day is over, or the server starts again. A cookie names a session and tells nothing else. */
export class Sessions {
  /** When each ends. */
  readonly #until = new Map<string, number>()

  open(req: Request, res: Response, now: Date): void {
    for (const [id, until] of this.#until) if (until <= now.getTime()) this.#until.delete(id)
    const id = randomBytes(32).toString('base64url')
    this.#until.set(id, now.getTime() + SESSION_MS)
    res.cookie(cookieName(req), id, { ...cookieOptions(req), maxAge: SESSION_MS })
  }

  has(req: Request, now: Date): boolean {
    return (this.#until.get(cookieOf(req)) ?? 0) > now.getTime()
  }

  /** Whoever has kept a copy of the cookie has nothing then, either. */
  end(req: Request, res: Response): void {
    this.#until.delete(cookieOf(req))
    res.clearCookie(cookieName(req), cookieOptions(req))
  }
}

/** Browsers keep cookies by host and not by port: two servers on one host would sign each other's people out by one name. */
function cookieName({ headers, secure }: Request): string {
  const [, port = 'page'] = /:(\d{1,5})$/.exec(headers.host ?? '') ?? []
  return `${secure ? '__Host-' : ''}butler-${port}`
}

function cookieOptions({ secure }: Request) {
  return { httpOnly: true, sameSite: 'strict', secure, path: '/' } as const
}

function cookieOf(req: Request): string {
  const start = `${cookieName(req)}=`
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(start))?.slice(start.length) ?? ''
}
