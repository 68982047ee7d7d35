import type { Request } from 'express'
import type { Butler } from '../butler'
import { type Clock, systemClock } from '../engine/clock'
import { checkMembers, expectThat, hasMethods, refuseRequest } from '../options'

/** What somebody may do: look, or also start, stop and change settings. */
export type Right = 'view' | 'operate'

export interface ButlerDashboardOptions {
  /**
   * Whether whoever asks may `view` the page and its data, or `operate`: start, stop and change settings. A promise will do; what it
   * throws refuses, and goes to your error handler. Asked for every request, so it should be quick. For a page that is open to
   * everybody write `() => true`: nobody should get one by forgetting something.
   */
  authorize: (req: Request, right: Right) => boolean | Promise<boolean>
  /** Who asks, in your own words: kept with the run. Default: nobody. */
  by?: (req: Request) => string | null | undefined
  /** Other origins, such as the public one behind a proxy that changes `Host`, whose pages may operate. Default: none. */
  allowedOrigins?: readonly string[]
  /** Where the page sends a POST when somebody signs out, relative to it, such as `logout`; then it loads itself again. Default: it has no such button. */
  signOutAt?: string
  /** What the page is called, in its heading and its tab. Default: `Butler`. */
  title?: string
  /** Default: the system's. */
  clock?: Clock
}

/** The options as they hold. */
export interface DashboardSettings {
  readonly butler: Butler
  readonly authorize: ButlerDashboardOptions['authorize']
  readonly by: (req: Request) => string | null | undefined
  /** `null`: nowhere. */
  readonly signOutAt: string | null
  readonly title: string
  readonly clock: Clock
}

const members = [
  'authorize',
  'by',
  'allowedOrigins',
  'signOutAt',
  'title',
  'clock',
] as const satisfies readonly (keyof ButlerDashboardOptions)[]

const butlerMembers = [
  'list',
  'plan',
  'history',
  'settings',
  'configure',
  'start',
  'stop',
  'startAll',
  'stopAll',
  'on',
] as const satisfies readonly (keyof Butler)[]

const LONGEST_TITLE = 80

/** Throws `BUTLER_INVALID_OPTIONS`, so that a mistake shows when the server starts. */
export function readDashboardOptions(butler: unknown, options: ButlerDashboardOptions): DashboardSettings {
  const subject = 'createButlerDashboard(butler, options)'
  refuseRequest('createButlerDashboard(butler)', butler, 'createButlerDashboard(butler, { authorize })')
  checkButler(butler)
  checkMembers(subject, options, members)
  const { authorize, by = () => undefined, title = 'Butler', clock = systemClock() } = options
  const { signOutAt } = options
  expectThat(
    typeof authorize === 'function',
    `${subject}.authorize`,
    authorize,
    'a function such as (req, right) => right === "view" || req.user.isAdmin',
  )
  expectThat(typeof by === 'function', `${subject}.by`, by, 'a function such as (req) => req.user?.name')
  const isPath =
    signOutAt === undefined || (typeof signOutAt === 'string' && /^(\/|(\.\.\/)+)?[\w~-][\w~./?=&%-]*$/.test(signOutAt))
  expectThat(isPath, `${subject}.signOutAt`, signOutAt, 'a path on this server, such as "logout" or "../logout"')
  const isTitle = typeof title === 'string' && title.trim() !== '' && title.length <= LONGEST_TITLE
  expectThat(isTitle, `${subject}.title`, title, `a text of at most ${LONGEST_TITLE} characters`)
  expectThat(
    typeof clock?.callAfter === 'function',
    `${subject}.clock`,
    clock,
    'an object with now, callAt and callAfter',
  )
  return { butler, authorize, by, signOutAt: signOutAt ?? null, title, clock }
}

function checkButler(butler: unknown): asserts butler is Butler {
  const expected = 'what createButler() has made, and the options behind it: createButlerDashboard(butler, options)'
  expectThat(hasMethods(butler, butlerMembers), 'createButlerDashboard(butler)', butler, expected)
}
