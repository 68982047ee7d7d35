import express from 'express'
import { butlerErrorHandler, createButler, createButlerRouter, fileStore } from 'express-butler'
import { createButlerDashboard } from 'express-butler/dashboard'
import helmet from 'helmet'
import {
  closeServer,
  createLogin,
  firstScan,
  listen,
  logRequests,
  makeMedia,
  mediaServerRouter,
  openButler,
  openMediaServer,
  requireToken,
  serveMetrics,
  untilSignal,
  welcome,
} from './server'
import { mediaTasks } from './tasks'

untilSignal(async (atEnd) => {
  const media = await openMediaServer(process.env)
  atEnd(() => media.close())

  const butler = createButler({
    tasks: mediaTasks(media.library),
    window: { opensAt: '02:00', closesAt: '05:00', ...media.window },
    ...(media.queue ? { queue: media.queue } : { store: fileStore(`${media.folders.data}/butler.json`) }),
    concurrency: 2,
    logger: media.logger,
  })
  butler.on('run:ended', (run) => media.logger.info({ run }, `${run.task} ${run.outcome}`))
  atEnd(() => butler.close({ timeoutMs: 10_000 }))

  const app = express()
  app.use(helmet(), logRequests(media.logger))
  const aliases = { AutomaticUpdates: 'CheckForUpdates' } as const
  app.use('/butler', requireToken(media.token), createButlerRouter({ registry: butler, aliases }))
  app.get('/metrics', requireToken(media.token), serveMetrics(butler))
  const { isSignedIn, behindLogin } = createLogin(media.token)
  const page = { authorize: isSignedIn, by: () => 'the page', signOutAt: 'logout' }
  app.use(behindLogin(createButlerDashboard(butler, page)))
  app.use(mediaServerRouter(media, butler))
  app.use(butlerErrorHandler)

  // The port first: until the Butler is open, its routes answer 503; where the port is taken, nothing has begun.
  const server = await listen(app, media)
  atEnd(() => closeServer(server))
  await makeMedia(media)
  await openButler(butler, media)
  await firstScan(media, butler)
  console.log(welcome(media, server))
})
