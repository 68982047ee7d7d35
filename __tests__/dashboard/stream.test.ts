import { once } from 'node:events'
import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import compression from 'compression'
import type { Express, RequestHandler } from 'express'
import request from 'supertest'
import { held } from '../helpers/butler'
import { openDashboard } from '../helpers/dashboard'
import { close, json, listen } from '../helpers/http'
import { until } from '../helpers/until'

interface Told {
  id: string
  event: string
  data: { name?: string; state?: string } & Record<string, unknown>
}

const lines: { asking: ClientRequest; end: () => Promise<void> }[] = []

afterEach(async () => {
  for (const { end } of lines.splice(0)) await end()
})

/** One page's line: everything it is told. */
async function follow(app: Express, after: string, headers = {}) {
  const { server, port } = await listen(app)
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  const path = `/ops/api/events?after=${encodeURIComponent(after)}`
  const asking = ask({ host: '127.0.0.1', port, path, headers, agent: false }).end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  asking.on('error', () => {})
  answer.on('error', () => {})
  const end = async () => {
    asking.destroy()
    if (server.listening) await close(server)
  }
  lines.push({ asking, end })
  return { answer, server, sockets, events: () => eventsIn(text), text: () => text }
}

function eventsIn(text: string): Told[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const [, id, event, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? []
      return id && event && data ? [{ id, event, data: JSON.parse(data) }] : []
    })
}

const positionOf = async (app: Express) => (await request(app).get('/ops/api/board')).body.position as string
const find = (events: Told[], event: string) => events.filter((told) => told.event === event)

test('a page is told when the Butler cannot be asked, once, and to read all again when it can be', async () => {
  const { app, butler, clock } = await openDashboard({ tasks: { work: held() } })
  const line = await follow(app, await positionOf(app))
  const list = jest.spyOn(butler, 'list').mockRejectedValue(new Error('the queue is away'))
  await butler.start('work')
  for (let second = 0; second < 20; second += 1) await clock.moveBy(1_000)
  await until(() => find(line.events(), 'away').length === 1)
  expect(find(line.events(), 'reset')).toEqual([])
  expect(list.mock.calls.length).toBeLessThan(10)
  list.mockRestore()
  await clock.moveBy(6_000)
  await until(() => find(line.events(), 'reset').length === 1)
  expect(find(line.events(), 'away')).toHaveLength(1)
  const { body } = await request(app).get('/ops/api/board').expect(200)
  expect(body.tasks).toMatchObject([{ name: 'work', state: 'running' }])
})

test('a run of which nobody told is told when it is seen', async () => {
  const { app, butler, clock } = await openDashboard({ tasks: { work: held() } })
  const line = await follow(app, await positionOf(app))
  await request(app).get('/ops/api/timeline').expect(200)
  // As when another machine could not say that it had started something.
  const emit = jest.spyOn(butler, 'emit').mockReturnValue(true)
  await butler.start('work')
  emit.mockRestore()
  for (let second = 0; second < 6; second += 1) await clock.moveBy(1_000)
  await until(() => find(line.events(), 'task').length > 0)
  expect(find(line.events(), 'run')).toMatchObject([{ data: { task: 'work', outcome: null } }])
  expect((await request(app).get('/ops/api/timeline')).body.runs).toMatchObject([{ task: 'work' }])
})

test('a server that closes is not held up by the pages that are open', async () => {
  const { app, clock } = await openDashboard()
  const line = await follow(app, await positionOf(app))
  const closed = once(line.server, 'close')
  line.server.close()
  await clock.moveBy(1_000)
  await closed
})

test('a page is told what changes after the board it has, each change with an id', async () => {
  const { app, butler, clock } = await openDashboard({ tasks: { work: held(), rest: held() } })
  const line = await follow(app, await positionOf(app))
  await butler.start('work')
  await clock.moveBy(250)
  await until(() => find(line.events(), 'task').length > 0)
  expect(find(line.events(), 'run')).toMatchObject([{ data: { task: 'work', outcome: null } }])
  expect(find(line.events(), 'task')).toMatchObject([{ data: { name: 'work', state: 'running' } }])
  expect(new Set(line.events().map(({ id }) => id)).size).toBe(line.events().length)
})

test('its head tells everybody on the way to hand it on at once', async () => {
  const { app } = await openDashboard()
  const { answer } = await follow(app, '')
  expect(answer.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  })
})

test('who asks only for its head holds no line', async () => {
  const { app } = await openDashboard()
  const { headers } = await request(app).head('/ops/api/events').expect(200)
  expect(headers['content-type']).toContain('text/event-stream')
})

test('who only looks takes no line from operators, however many they open', async () => {
  const { app } = await openDashboard({ authorize: (req, right) => right === 'view' || req.query.after === 'boss' })
  const { server, port } = await listen(app)
  const come = async (after: string) => {
    const path = `/ops/api/events?after=${after}`
    const asking = ask({ host: '127.0.0.1', port, path, agent: false, headers: json }).end()
    asking.on('error', () => {})
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    return answer.resume().statusCode
  }
  try {
    expect(new Set(await Promise.all(Array.from({ length: 900 }, () => come('anybody'))))).toEqual(new Set([200]))
    expect(await come('anybody')).toBe(503)
    expect(await come('boss')).toBe(200)
  } finally {
    await close(server)
  }
})

test('what a page missed while its line was broken is told when it is back', async () => {
  const { app, butler, clock } = await openDashboard({ tasks: { work: held() } })
  const line = await follow(app, await positionOf(app))
  await butler.start('work')
  await clock.moveBy(250)
  await until(() => find(line.events(), 'task').length > 0)
  const seen = line.events().at(-1)?.id as string
  await lines.pop()?.end()
  await butler.stop('work')
  await clock.moveBy(30_000)
  const again = await follow(app, 'ignored', { 'Last-Event-ID': seen })
  await until(() => find(again.events(), 'task').length > 0)
  expect(again.events()[0]).toMatchObject({ event: 'run', data: { outcome: 'stopped' } })
  expect(find(again.events(), 'task').at(-1)).toMatchObject({ data: { name: 'work', state: 'idle' } })
  expect(find(again.events(), 'reset')).toEqual([])
})

test.each(['', 'nonsense', 'other.3', '.'])(
  'a page that says it knows %j is told to read the board again',
  async (after) => {
    const { app } = await openDashboard()
    const line = await follow(app, after)
    await until(() => line.events().length > 0)
    expect(line.events()).toMatchObject([{ event: 'reset' }])
  },
)

test('a page that was away for long while things happened is told to read the board again', async () => {
  const { app, butler, clock } = await openDashboard({ tasks: { work: held() } })
  const position = await positionOf(app)
  await clock.moveBy(61_000)
  await butler.start('work')
  const line = await follow(app, position)
  await until(() => line.events().length > 0)
  expect(line.events()).toMatchObject([{ event: 'reset' }])
})

test('a page that was away while nothing happened missed nothing', async () => {
  const { app, clock } = await openDashboard()
  const position = await positionOf(app)
  await clock.moveBy(61_000)
  const line = await follow(app, position)
  await until(() => line.text().includes('nothing was missed'))
  expect(line.events()).toEqual([])
})

test('new settings and the opening of the window are told', async () => {
  const { app, butler, clock } = await openDashboard({ at: '2026-01-14T12:00:30Z' })
  const line = await follow(app, await positionOf(app))
  await butler.configure({ window: { opensAt: '12:01', closesAt: '13:00' } })
  await clock.moveBy(250)
  await until(() => find(line.events(), 'settings').length > 0)
  expect(find(line.events(), 'settings')[0]?.data).toMatchObject({
    window: { opensAt: '12:01' },
    version: expect.any(String),
  })
  await clock.moveBy(40_000)
  await until(() => find(line.events(), 'night').some(({ data }) => data.isOpen === true))
})

test('a task that writes a thousand lines costs the page one word', async () => {
  const work = held()
  const chatty = async (context: { log(line: string): void }) => {
    for (let line = 0; line < 1_000; line += 1) context.log(`line ${line}`)
    return work(context as never)
  }
  const { app, butler, clock } = await openDashboard({ tasks: { chatty } as never })
  const line = await follow(app, await positionOf(app))
  await butler.start('chatty')
  await clock.moveBy(1_000)
  await until(() => find(line.events(), 'task').length > 0)
  expect(find(line.events(), 'log')).toMatchObject([{ data: { task: 'chatty' } }])
})

test('a quiet line has a heartbeat, and ends after a minute so that the page is asked again who it is', async () => {
  const { app, clock } = await openDashboard()
  const line = await follow(app, await positionOf(app))
  await clock.moveBy(15_000)
  await until(() => line.text().includes(': here\n\n'))
  const ended = once(line.answer, 'end')
  await clock.moveBy(60_000)
  await ended
})

test('behind compression an event arrives when it happens', async () => {
  const { app, butler, clock } = await openDashboard({
    before: [compression({ threshold: 0 })],
    tasks: { work: held() },
  })
  const line = await follow(app, await positionOf(app), { 'Accept-Encoding': 'gzip' })
  await butler.start('work')
  await clock.moveBy(250)
  await until(() => find(line.events(), 'task').length > 0)
})

test('whatever collects an answer before it is sent is told to let each event go', async () => {
  const flush = jest.fn()
  const collecting: RequestHandler = (_req, res, next) => next(void Object.assign(res, { flush }))
  const { app, clock } = await openDashboard({ before: [collecting] })
  const line = await follow(app, await positionOf(app))
  const before = flush.mock.calls.length
  await clock.moveBy(15_000)
  await until(() => line.text().includes(': here'))
  expect(flush.mock.calls.length).toBe(before + 1)
})

test('a reader that does not read is dropped; the others, and the tasks, notice nothing', async () => {
  const { app, butler } = await openDashboard({ tasks: { work: held() } })
  const position = await positionOf(app)
  const slow = await follow(app, position)
  slow.answer.pause()
  const closed = jest.fn()
  const dropped = () => closed.mock.calls.length > 0
  for (const socket of slow.sockets) socket.once('close', closed)
  const quick = await follow(app, position)
  const message = 'x'.repeat(1_000)
  let rounds = 0
  await butler.start('work')
  // Far more than the kernel's own buffers take.
  await until(async () => {
    rounds += 1
    const run = { id: String(rounds), task: 'work', error: { name: 'Error', message: message.repeat(100) } }
    butler.emit('run:started', run as never, 'here')
    await until(() => find(quick.events(), 'run').at(-1)?.data.id === run.id)
    return dropped() || rounds > 300
  })
  expect(dropped()).toBe(true)
  expect(await butler.list()).toMatchObject([{ state: 'running' }])
})

test('three hundred pages make the Butler be asked as often as one', async () => {
  const { app, butler, clock } = await openDashboard({ tasks: { work: held() } })
  const position = await positionOf(app)
  const { server, port } = await listen(app)
  const list = jest.spyOn(butler, 'list')
  let told = 0
  const pages = Array.from({ length: 300 }, () => {
    const asking = ask({ host: '127.0.0.1', port, path: `/ops/api/events?after=${position}`, agent: false }).end()
    asking.on('error', () => {})
    asking.on('response', (answer) =>
      answer.on('data', (chunk) => (told += Number(String(chunk).includes('event: task')))),
    )
    return once(asking, 'response')
  })
  try {
    await Promise.all(pages)
    await butler.start('work')
    await clock.moveBy(250)
    await until(() => told >= 300)
    expect(list).toHaveBeenCalledTimes(1)
  } finally {
    await close(server)
  }
})
