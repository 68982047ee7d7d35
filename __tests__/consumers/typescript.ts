import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type Router } from 'express'
import {
  type Butler,
  butlerErrorHandler,
  butlerTaskNames,
  createButler,
  createButlerRouter,
  fileStore,
  type TaskDefinition,
  type TaskRegistry,
} from 'express-butler'
import { type FakeClock, fakeClock, registryContract } from 'express-butler/testing'

const report: TaskDefinition = {
  run: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
  weekdays: ['mon', 'fri'],
}
const clock: FakeClock = fakeClock()
const butler = createButler({
  tasks: { BackupDatabase: async ({ progress }) => progress(1), SendReport: report },
  store: fileStore('butler.json'),
  clock,
})
const sameButler: Butler<'BackupDatabase' | 'SendReport'> = butler
const registry: TaskRegistry<'BackupDatabase' | 'SendReport'> = sameButler
const router: Router = createButlerRouter({ registry })

export function mistakes() {
  // @ts-expect-error No task has this name.
  butler.start('SendRaport')
  // @ts-expect-error Nobody implements this name.
  createButlerRouter({ registry, taskNames: ['SendRaport'] })
  // @ts-expect-error There is no such day.
  createButler({ tasks: { SendReport: { run: () => {}, weekdays: ['friday'] } } })
  // @ts-expect-error A task cannot come after one that is not there.
  createButler({ tasks: { SendReport: { run: () => {}, after: ['EmptyTrash'] } } })
}

async function main(): Promise<void> {
  await butler.open()
  const app = express()
  app.use('/butler', router)
  app.use(butlerErrorHandler)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const { port } = server.address() as AddressInfo
  const ask = (method: string, path: string) => fetch(`http://127.0.0.1:${port}/butler${path}`, { method })
  const statuses: number[] = []
  statuses.push((await ask('POST', '/SendReport')).status)
  statuses.push((await ask('POST', '/SendReport')).status)
  statuses.push((await ask('DELETE', '/SendReport')).status)
  statuses.push((await ask('POST', '/EmptyTrash')).status)
  const list = (await (await ask('GET', '')).json()) as { ButlerTasks: { ButlerTask: { name: string }[] } }

  server.close()
  await butler.close()
  const listed = list.ButlerTasks.ButlerTask.map(({ name }) => name)
  const known = [butlerTaskNames.length, registryContract.length > 0]
  console.log(JSON.stringify({ statuses, listed, known }))
}

void main()
