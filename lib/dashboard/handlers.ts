import type { Request, RequestHandler, Response } from 'express'
import { iso } from '../engine/clock'
import type { MaintenanceWindow } from '../engine/window'
import { ButlerError, shown } from '../errors'
import { waiterOn } from '../http/waiter'
import type { TaskRequest } from '../registry'
import { BoardWatch } from './board'
import { isAllowed } from './doors'
import { Feed } from './feed'
import { Histories } from './histories'
import { fortnightOf, previewOf, timelineAround, timelineOfNow } from './nights'
import type { DashboardSettings } from './options'
import { pageFiles } from './page-files'
import { instantIn, outcomesIn, textIn, wholeIn } from './query'
import type { OperationId } from './routes'
import { etagOf, SeenSettings, versionOf } from './settings-version'
import { Streams } from './stream'

type Handlers = Partial<Record<OperationId, RequestHandler>>

/** What each operation of the table does for whoever has been let in. */
export function handlersOf(settings: DashboardSettings): Record<OperationId, RequestHandler> {
  const histories = new Histories(settings.butler)
  const lookers = looking(settings, histories)
  return {
    ...pageFiles(settings.title),
    ...lookers,
    ...nights(settings, histories),
    ...runs(settings),
    ...acting(settings),
    ...changing(settings),
  }
}

function looking(settings: DashboardSettings, histories: Histories) {
  const { butler, clock } = settings
  const feed = new Feed()
  const watch = new BoardWatch(butler, histories, feed, clock)
  const streams = new Streams(feed, clock, () => void watch.lookNow())
  return {
    async tellBoard(req, res) {
      const mayOperate = await isAllowed(settings, req, 'operate')
      tell(res, { ...(await watch.show()), mayOperate, signOutAt: settings.signOutAt, now: iso(clock.now()) })
    },

    async openStream(req, res) {
      streams.open(req, res, await isAllowed(settings, req, 'operate'))
    },

    async tellPlan(_req, res) {
      tell(res, await butler.plan())
    },
  } satisfies Handlers
}

function nights({ butler, clock }: DashboardSettings, histories: Histories) {
  return {
    async tellTimeline(req, res) {
      const around = instantIn(req.query, 'around')
      const settings = await butler.settings()
      if (around === null) tell(res, await timelineOfNow(settings, clock.now(), histories))
      else tell(res, await timelineAround(settings, around, histories))
    },

    async tellFortnight(_req, res) {
      tell(res, { nights: await fortnightOf(await butler.settings(), clock.now(), histories) })
    },

    async previewNights({ query }, res) {
      const keys = ['opensAt', 'closesAt', 'timeZone'] as const
      const change = keys.flatMap((key) => (query[key] === undefined ? [] : [[key, textIn(query, key)]]))
      const { window } = await butler.settings()
      const wanted: MaintenanceWindow = { ...window, ...Object.fromEntries(change) }
      tell(res, { nights: previewOf(wanted, clock.now()) })
    },
  } satisfies Handlers
}

/** How many runs are told at once, unless more are asked for. */
const USUAL_LIMIT = 50

function runs({ butler }: DashboardSettings) {
  return {
    async tellRuns(req, res) {
      const wanted = outcomesIn(req.query)
      const limit = wholeIn(req.query, 'limit') ?? USUAL_LIMIT
      const kept = await butler.history(taskOf(req))
      const found = wanted ? kept.filter(({ outcome }) => outcome !== null && wanted.has(outcome)) : kept
      tell(res, {
        kept: kept.length,
        runs: found.slice(0, limit).map(({ log, ...run }) => ({ ...run, lines: log.length })),
      })
    },

    async tellRun(req, res) {
      const { runId } = req.params as { runId: string }
      const task = taskOf(req)
      const run = (await butler.history(task)).find(({ id }) => id === runId)
      if (run === undefined) {
        throw new ButlerError('BUTLER_UNKNOWN_RUN', `No run ${shown(runId)} of ${task} is kept; only the newest are.`)
      }
      tell(res, run)
    },
  } satisfies Handlers
}

function acting({ butler, by }: DashboardSettings) {
  const asked = (req: Request): Partial<TaskRequest> => ({ by: by(req) ?? undefined })
  return {
    async startTask(req, res) {
      tell(res, { answer: await butler.start(taskOf(req), asked(req)) })
    },

    async stopTask(req, res) {
      const { signal } = waiterOn(res)
      tell(res, { answer: await butler.stop(taskOf(req), { ...asked(req), signal }) })
    },

    async startAllTasks(req, res) {
      tell(res, await butler.startAll(asked(req)))
    },

    async stopAllTasks(req, res) {
      const { signal } = waiterOn(res)
      await butler.stopAll({ ...asked(req), signal })
      tell(res, { answer: 'stopped' })
    },
  } satisfies Handlers
}

function changing({ butler }: DashboardSettings) {
  const seen = new SeenSettings(butler)
  return {
    async tellSettings(_req, res) {
      const settings = await butler.settings()
      tell(res.set('ETag', etagOf(settings)), { ...settings, version: versionOf(settings) })
    },

    /** `configure` checks what somebody sent. Express 4 takes a body that it has not read for an empty object. */
    async changeSettings(req, res) {
      const settings = await seen.change(req.is('json') ? req.body : undefined, req.get('If-Match'))
      tell(res.set('ETag', etagOf(settings)), { ...settings, version: versionOf(settings) })
    },
  } satisfies Handlers
}

function taskOf({ params }: Request): string {
  return (params as { taskName: string }).taskName
}

/** What holds now belongs to one person, and is old the next moment. */
function tell(res: Response, data: object): void {
  if (res.headersSent || res.destroyed) return
  res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }).json(data)
}
