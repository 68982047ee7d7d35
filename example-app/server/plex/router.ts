import { Router } from 'express'
import { type Butler, refuseOtherOrigins, sendTree } from 'express-butler'
import createError from 'http-errors'
import type { MediaServer } from '../media-server'
import { requireToken } from '../token'
import { activitiesOf, taskOfActivity } from './activities'
import { aboutServer, identity } from './identity'
import { settingsFor, settingsTree } from './settings'
import { changeFor } from './settings-change'

/**
 * What clients of a media server ask for around `/butler`: who the server is, the Butler's settings, and what runs. All of it needs
 * the token but `/identity`, by which clients find out whether they have found the right server before they tell it any, and pages of
 * other origins change nothing. Everything else is a 404.
 */
export function mediaServerRouter({ token, machineIdentifier }: MediaServer, butler: Butler): Router {
  const router = Router()
  router.get('/identity', function tellIdentity(req, res) {
    sendTree(req, res, identity(machineIdentifier))
  })
  router.use(refuseOtherOrigins(), requireToken(token))
  router.get('/', function tellServer(req, res) {
    sendTree(req, res, aboutServer(machineIdentifier))
  })
  mountSettings(router, butler)
  mountActivities(router, butler)
  router.use(function refuseUnknown({ method, path }, _res, next) {
    next(createError(404, `There is nothing at ${method} ${path}; GET / tells what there is.`))
  })
  return router
}

/** Some clients write the colon as `%3A`. */
const prefs = (below = '') => ['/\\:/prefs', '/%3A/prefs'].map((path) => path + below)

function mountSettings(router: Router, butler: Butler): void {
  const all = async () => settingsFor(await butler.list(), await butler.settings(), await butler.defaults())

  router.get(prefs(), async function listSettings(req, res) {
    sendTree(req, res, settingsTree(await all()))
  })
  router.get(prefs('/get'), async function tellSetting(req, res) {
    const { id } = req.query
    if (typeof id !== 'string')
      throw createError(400, 'Which setting? Expected its id, as in /:/prefs/get?id=ButlerStartHour.')
    const found = (await all()).filter((setting) => setting.id === id)
    if (found.length === 0)
      throw createError(404, 'There is no setting of this id; GET /:/prefs lists those that there are.')
    sendTree(req, res, settingsTree(found))
  })
  router.put(prefs(), async function changeSettings(req, res) {
    await butler.configure(changeFor(req.query, await butler.settings()))
    res.status(200).end()
  })
}

function mountActivities(router: Router, butler: Butler): void {
  router.get('/activities', async function listActivities(req, res) {
    sendTree(req, res, activitiesOf(await butler.list()))
  })
  /** 200 also when the run has not ended within the grace time: it has been asked to, and clients know no other success here. */
  router.delete('/activities/:uuid', async function cancelActivity(req, res) {
    const { uuid } = req.params
    const task = taskOfActivity(await butler.list(), uuid)
    const answer = task === undefined ? 'not-running' : await butler.stop(task.name, { runId: uuid })
    if (answer === 'not-running')
      throw createError(404, 'Nothing of this id is running; GET /activities lists what is.')
    res.status(200).end()
  })
}
