import { once } from 'node:events'
import express from 'express'
import { butlerErrorHandler, butlerTaskNames, createButler, createButlerRouter, fileStore } from 'express-butler'
import { fakeClock, registryContract } from 'express-butler/testing'

const butler = createButler({
  tasks: {
    BackupDatabase: async ({ progress }) => progress(1),
    SendReport: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
  },
  store: fileStore('butler.json'),
  clock: fakeClock(),
})
await butler.open()

const app = express()
app.use('/butler', createButlerRouter({ registry: butler }))
app.use(butlerErrorHandler)
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')

const ask = (method, path) => fetch(`http://127.0.0.1:${server.address().port}/butler${path}`, { method })
const statuses = []
statuses.push((await ask('POST', '/SendReport')).status)
statuses.push((await ask('POST', '/SendReport')).status)
statuses.push((await ask('DELETE', '/SendReport')).status)
statuses.push((await ask('POST', '/EmptyTrash')).status)
const { ButlerTasks } = await (await ask('GET', '')).json()

server.close()
await butler.close()
const listed = ButlerTasks.ButlerTask.map(({ name }) => name)
const known = [butlerTaskNames.length, registryContract.length > 0]
console.log(JSON.stringify({ statuses, listed, known }))
