/**
 * A process that shows the operator's page until a signal ends it: `node page-process.js <port> <file>`. It tells what happens in
 * lines of JSON. It does what a careful host does: no more requests, wait for those that are there, then close the Butler.
 */
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import express from 'express'
import { createButler } from '../../lib/butler'
import { createButlerDashboard } from '../../lib/dashboard'
import { fileStore } from '../../lib/engine/file-store'
import { closedWindow } from './windows'

const [port = '', file = ''] = process.argv.slice(2)

function tell(told: object): void {
  writeSync(1, `${JSON.stringify(told)}\n`)
}

async function main(): Promise<void> {
  const butler = createButler({
    tasks: { Quick: async () => 'done', Other: async () => {} },
    window: closedWindow(),
    store: fileStore(file),
  })
  await butler.open()
  const app = express().use('/ops', createButlerDashboard(butler, { authorize: () => true }))
  const server = app.listen(Number(port), '127.0.0.1')
  await once(server, 'listening')
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      const began = performance.now()
      await new Promise((resolve) => server.close(resolve))
      await butler.close()
      tell({ closed: performance.now() - began })
    })
  }
  tell({ open: true })
}

main().catch((error) => {
  tell({ crashed: String(error) })
  process.exit(1)
})
