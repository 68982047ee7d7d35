import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import { butlerErrorHandler } from '../../lib/http/error-handler'
import { createButlerRouter } from '../../lib/http/router'
import type { ButlerRouterOptions } from '../../lib/http/router-options'
import type { TaskRegistry } from '../../lib/registry'

/** What a registry does when it is asked; nonsense is welcome. */
export type Behaviour = {
  [Member in 'list' | 'start' | 'stop' | 'startAll' | 'stopAll']?: (...args: never[]) => unknown
}

/** A registry that does as it is told, answers well where it is told nothing, and remembers who asked for what. */
export function aRegistry(behaviour: Behaviour = {}) {
  const member = (does: (...args: never[]) => unknown) => jest.fn(does) as jest.Mock
  return {
    list: member(behaviour.list ?? (async () => [])),
    start: member(behaviour.start ?? (async () => 'started')),
    stop: member(behaviour.stop ?? (async () => 'stopped')),
    startAll: member(behaviour.startAll ?? (async () => {})),
    stopAll: member(behaviour.stopAll ?? (async () => {})),
  }
}

/** Everything a registry was asked, as `[member, ...arguments]`. */
export function callsOf(registry: ReturnType<typeof aRegistry>): unknown[][] {
  return Object.entries(registry).flatMap(([name, { mock }]) => mock.calls.map((args) => [name, ...args]))
}

/** A server of a host that has mounted the Butler at `/butler` and has no error handler of its own. */
export function aHost(registry: object = aRegistry(), options: Partial<ButlerRouterOptions<string>> = {}): Express {
  const app = express()
  app.use('/butler', createButlerRouter<string>({ registry: registry as TaskRegistry<string>, ...options }))
  app.use(butlerErrorHandler)
  return app
}

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** Asks as it is written: no client tidies the path or adds headers, but for `Host` and `Connection`. */
export async function send(app: Express, line: string, headers: OutgoingHttpHeaders = {}): Promise<Reply> {
  const { server, port } = await listen(app)
  try {
    return await sendTo(port, line, headers)
  } finally {
    await close(server)
  }
}

/** The same of a server that listens already, on the loopback address. */
export async function sendTo(port: number, line: string, headers: OutgoingHttpHeaders = {}): Promise<Reply> {
  const [method, path] = line.split(' ')
  const asking = request({ host: '127.0.0.1', port, method, path, headers, agent: false }).end()
  const [answer] = await once(asking, 'response')
  let body = ''
  for await (const chunk of answer.setEncoding('utf8')) body += chunk
  return { status: answer.statusCode, headers: answer.headers, body }
}

/** A real server on the loopback address. Whoever opens it closes it. */
export async function listen(app: Express): Promise<{ server: Server; port: number }> {
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

export async function close(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

/** What is in `{"errors":[{code, status, message}]}`. */
export function errorIn({ body }: { body: unknown }): { code: string | number; status: number; message: string } {
  const { errors } = (typeof body === 'string' ? JSON.parse(body) : body) as { errors: [never] }
  expect(errors).toHaveLength(1)
  return errors[0]
}

/** For requests whose errors are looked at. */
export const json = { Accept: 'application/json' }

/** A promise in the test's hands. */
export function deferred<Value>() {
  let resolve: (value: Value) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
