import express from 'express'
import { butlerTaskNames, createButler, createButlerRouter } from 'express-butler'
import * as openApi from 'express-openapi-validator'
import { param, validationResult } from 'express-validator'
import { statuses, taskList } from './tasks.mjs'

/** A host's registry that costs nothing, so that what is measured is the router. */
const registry = {
  list: async () => statuses,
  start: async () => 'started',
  stop: async () => 'stopped',
  startAll: async () => {},
  stopAll: async () => {},
}

function answerEmpty(_req, res) {
  res.status(200).end()
}

function answerList(_req, res) {
  res.json(taskList)
}

function refuseInvalid(req, res, next) {
  const errors = validationResult(req)
  if (errors.isEmpty()) next()
  else res.status(400).json({ errors: errors.array() })
}

const openApiDocument = {
  openapi: '3.0.3',
  info: { title: 'Butler', version: '1' },
  paths: {
    '/butler/{taskName}': {
      post: {
        parameters: [
          { name: 'taskName', in: 'path', required: true, schema: { type: 'string', enum: [...butlerTaskNames] } },
        ],
        responses: { 200: { description: 'Started' } },
      },
    },
  },
}

/** The servers that can be compared. Each is as plain as it can be. */
const servers = {
  'a bare route': (app) => app.post('/butler/:taskName', answerEmpty),
  'a bare router': (app) => app.use('/butler', express.Router().post('/:taskName', answerEmpty)),
  'our router': (app) => app.use('/butler', createButlerRouter({ registry })),
  'express-validator': (app) =>
    app.post('/butler/:taskName', param('taskName').isIn(butlerTaskNames), refuseInvalid, answerEmpty),
  'express-openapi-validator': (app) =>
    app
      .use(openApi.middleware({ apiSpec: openApiDocument, validateResponses: false }))
      .post('/butler/:taskName', answerEmpty),
  'res.json': (app) => app.get('/butler', answerList),
  'a Butler': async (app) => {
    const tasks = Object.fromEntries(butlerTaskNames.map((name) => [name, async () => ({ files: 1200 })]))
    const butler = createButler({ tasks })
    await butler.open()
    for (const name of butlerTaskNames) await butler.start(name)
    app.use('/butler', createButlerRouter({ registry: butler }))
  },
}

const [, , name] = process.argv
const app = express()
await servers[name](app)
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', () => process.send(process.cpuUsage()))
process.on('disconnect', () => process.exit(0))
