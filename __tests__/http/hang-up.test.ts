import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { createConnection, type Socket } from 'node:net'
import express, { type RequestHandler } from 'express'
import { butlerErrorHandler } from '../../lib/http/error-handler'
import { createButlerRouter } from '../../lib/http/router'
import type { TaskRegistry } from '../../lib/registry'
import { aRegistry, callsOf, close, deferred, listen } from '../helpers/http'

const servers: Server[] = []
const died = jest.fn()

beforeAll(() => void process.on('unhandledRejection', died).on('uncaughtException', died))

afterAll(() => void process.off('unhandledRejection', died).off('uncaughtException', died))

afterEach(async () => {
  await Promise.all(servers.splice(0).map(close))
  expect(died).not.toHaveBeenCalled()
})

const requests = [
  // request                       what of the registry is asked   what it answers
  ['GET /butler', 'list', []],
  ['POST /butler', 'startAll', undefined],
  ['DELETE /butler', 'stopAll', undefined],
  ['POST /butler/BackupDatabase', 'start', 'started'],
  ['DELETE /butler/BackupDatabase', 'stop', 'not-running'],
] as const

const stops = requests.filter(([line]) => line.startsWith('DELETE'))

/** A server whose registry thinks until the test has it answer. */
async function openServer({ before = (_req, _res, next) => next() }: { before?: RequestHandler } = {}) {
  const asked = deferred<void>()
  const thought = deferred<unknown>()
  const gone = deferred<ServerResponse>()
  const think = () => {
    asked.resolve()
    return thought.promise
  }
  const registry = aRegistry({ list: think, start: think, stop: think, startAll: think, stopAll: think })
  const failed = jest.fn((_error, _req, _res, next) => next(_error))
  const app = express()
  const noticeClose: RequestHandler = (_req, res, next) => {
    res.once('close', () => gone.resolve(res))
    next()
  }
  app.use(noticeClose, before)
  app.use('/butler', createButlerRouter({ registry: registry as TaskRegistry }))
  app.use(failed, butlerErrorHandler)
  const { server, port } = await listen(app)
  servers.push(server)
  return {
    registry,
    port,
    asked: asked.promise,
    gone: gone.promise,
    answer: thought.resolve,
    fail: thought.reject,
    failed,
  }
}

function ask(port: number, line: string, more = ''): Socket {
  const socket = createConnection(port, '127.0.0.1').setEncoding('utf8')
  socket.on('error', () => {}) // A connection that is cut says so.
  socket.write(`${line} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`)
  return socket
}

/** Lets everything that waits only for promises go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe.each(requests)('a client that hangs up on %s', (line, member, word) => {
  test.each(['reset', 'closed'])('changes nothing of what was asked: the connection is %s', async (how) => {
    const { registry, port, asked, gone, answer } = await openServer()
    const socket = ask(port, line)
    await asked
    if (how === 'reset') socket.resetAndDestroy()
    else socket.destroy()
    await gone
    answer(word)
    await settled()
    expect(callsOf(registry)).toHaveLength(1)
    expect(registry[member]).toHaveBeenCalledTimes(1)
  })

  test('leaves a registry that fails afterwards to the host’s error handler, and the process alive', async () => {
    const { port, asked, gone, fail, failed } = await openServer()
    const socket = ask(port, line)
    await asked
    socket.destroy()
    await gone
    fail(new Error('nobody hears me'))
    await settled()
    expect(failed).toHaveBeenCalledTimes(1)
  })

  test('is not what the next client meets', async () => {
    const { port, asked, gone, answer } = await openServer()
    const socket = ask(port, line)
    await asked
    socket.destroy()
    await gone
    answer(word)
    const reply = await fetch(`http://127.0.0.1:${port}/butler/openapi.json`)
    expect(reply.status).toBe(200)
  })
})

describe.each(stops)('%s', (line, member, word) => {
  test('tells the registry when nobody waits any more', async () => {
    const { registry, port, asked, gone } = await openServer()
    const socket = ask(port, line)
    await asked
    const { signal } = registry[member].mock.lastCall.at(-1)
    expect(signal.aborted).toBe(false)
    socket.destroy()
    await gone
    expect(signal.aborted).toBe(true)
  })

  test('says nothing of that once the answer has come', async () => {
    const { registry, port, asked, answer, gone } = await openServer()
    const socket = ask(port, line)
    await asked
    answer(word)
    await once(socket, 'data')
    socket.destroy()
    await gone
    expect(registry[member].mock.lastCall.at(-1).signal.aborted).toBe(false)
  })

  test('takes a client that has only finished speaking for one that listens', async () => {
    const { registry, port, asked, answer } = await openServer()
    const socket = ask(port, line, 'Connection: close\r\n')
    socket.end()
    await asked
    await settled()
    expect(registry[member].mock.lastCall.at(-1).signal.aborted).toBe(false)
    answer(word)
    let reply = ''
    for await (const chunk of socket) reply += chunk
    expect(reply).toMatch(/^HTTP\/1\.1 (200|404) /)
  })

  test('tells it at once when the client had gone before it was asked', async () => {
    const entered = deferred<void>()
    const { registry, port, gone, asked } = await openServer({
      before: (_req, res, next) => {
        entered.resolve()
        res.once('close', () => setImmediate(next))
      },
    })
    const socket = ask(port, line)
    await entered.promise
    socket.destroy()
    await gone
    await asked
    expect(registry[member]).toHaveBeenCalledTimes(1)
    expect(registry[member].mock.lastCall.at(-1).signal.aborted).toBe(true)
  })

  test('keeps no listener on a connection that lives on', async () => {
    const { port, asked, answer, gone } = await openServer()
    const socket = ask(port, line)
    await asked
    answer(word)
    const res = await gone
    expect(res.listenerCount('close')).toBe(0)
    socket.destroy()
  })
})

test('a start has no signal: what has begun goes on', async () => {
  const { registry, port, asked, answer } = await openServer()
  const socket = ask(port, 'POST /butler/BackupDatabase')
  await asked
  socket.destroy()
  answer('started')
  expect(callsOf(registry)).toEqual([['start', 'BackupDatabase', { trigger: 'manual' }]])
})
