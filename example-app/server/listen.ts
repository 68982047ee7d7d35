import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { OperatorError } from '../library/operator-error'
import type { MediaServer } from './media-server'

/** Longest wait for requests that are being answered when the server closes, in milliseconds. */
const LAST_ANSWERS_MS = 3_000

/** Serves an app. Rejects with an `OperatorError` when nobody can be served there. */
export async function listen(app: RequestListener, media: MediaServer): Promise<Server> {
  const server = createServer(app)
  try {
    await once(server.listen(media.port, media.host), 'listening')
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, media)
  }
  return server
}

function explain(error: NodeJS.ErrnoException, { host, port }: MediaServer): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${host} is taken. Set PORT to another one, or stop what listens there.`,
    EACCES: `Port ${port} may not be used by this account. Set PORT to one from 1024.`,
    EADDRNOTAVAIL: `HOST is ${host}, which is no address of this machine.`,
    ENOTFOUND: `HOST is ${host}, which is no address of this machine.`,
  }
  const reason = reasons[error.code ?? '']
  return reason ? new OperatorError(reason, { cause: error }) : error
}

/** Takes no more requests, and waits for the answers that are on their way; who only keeps a line open is hung up on. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const timer = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS)
  await closed
  clearTimeout(timer)
}
