import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { backupOf } from '../library/backups'
import type { MediaServer } from './media-server'

/** What a person is told when all is ready: where the server is, and three calls to try with their answers. */
export function welcome({ host, token, folders, library }: MediaServer, server: Server): string {
  const { port } = server.address() as AddressInfo
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const base = `http://${isEverywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}/butler`
  const header = `-H 'X-Plex-Token: ${token}'`
  return `
The media server listens on ${base.replace('/butler', '')}
  media   ${folders.media}
  data    ${folders.data}
  token   ${token}
  page    ${base.replace('/butler', '/')}, which asks a person for that token

Three calls to try in another terminal:

  curl ${header} -H 'Accept: application/json' ${base}
    200 {"ButlerTasks":{"ButlerTask":[{"name":"BackupDatabase",…},…]}}: all tasks, and how each last went

  curl -i -X POST ${header} ${base}/BackupDatabase
    200 and no body: it runs, and soon there is ${folders.backups}/${backupOf(library.now())}

  curl -i -X POST '${base}/DeepMediaAnalysis?X-Plex-Token=${encodeURIComponent(token)}'
    200, or 202 when it runs already; DELETE in place of POST stops it: 200, or 404 when it does not run

Ctrl-C ends the server in order.
`
}
