import express, { type ErrorRequestHandler } from 'express'
import createError from 'http-errors'
import request from 'supertest'
import { ButlerError, type ButlerErrorCode, statusOf } from '../../lib/errors'
import { butlerErrorHandler } from '../../lib/http/error-handler'
import { callRegistry } from '../../lib/http/registry-call'
import { createButlerRouter } from '../../lib/http/router'
import type { TaskRegistry } from '../../lib/registry'
import { fakeClock } from '../../lib/testing/fake-clock'
import { aHost, aRegistry, type Behaviour, callsOf, deferred, errorIn, json, send } from '../helpers/http'

const unhandled = jest.fn()

beforeAll(() => void process.on('unhandledRejection', unhandled))

afterAll(() => void process.off('unhandledRejection', unhandled))

afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve))
  expect(unhandled).not.toHaveBeenCalled()
})

/** Every request that asks the registry, and what of it is asked. */
const requests = [
  ['GET /butler', 'list'],
  ['POST /butler', 'startAll'],
  ['DELETE /butler', 'stopAll'],
  ['POST /butler/BackupDatabase', 'start'],
  ['DELETE /butler/BackupDatabase', 'stop'],
] as const

/** A host that notes what its error handlers are given. */
function aListeningHost(behaviour: Behaviour) {
  const errors: unknown[] = []
  const app = express()
  app.use('/butler', createButlerRouter({ registry: aRegistry(behaviour) as TaskRegistry }))
  const note: ErrorRequestHandler = (error, _req, _res, next) => {
    errors.push(error)
    next(error)
  }
  app.use(note, butlerErrorHandler)
  return { app, errors }
}

/** Throws another of its kind at every touch. */
function untouchable(depth = 3): object {
  const refuse = () => {
    throw depth > 0 ? untouchable(depth - 1) : new Error('do not touch')
  }
  const traps = ['get', 'has', 'getPrototypeOf', 'ownKeys', 'getOwnPropertyDescriptor', 'set', 'defineProperty']
  return new Proxy({}, Object.fromEntries(traps.map((trap) => [trap, refuse])))
}

const { proxy: revoked, revoke } = Proxy.revocable({}, {})
revoke()

const unreadable = Object.defineProperty(new Error(), 'message', {
  get() {
    throw new Error('no message for you')
  },
})

describe.each(requests)('when %s makes the registry fail', (line, member) => {
  test.each<[string, () => unknown, string]>([
    // what it fails with       it                             what the developer reads
    ['an Error', () => new Error('the disk is full'), 'the disk is full'],
    ['an Error with a status', () => Object.assign(new Error('gone'), { status: 410 }), 'gone'],
    ['a frozen Error', () => Object.freeze(new Error('frozen')), 'frozen'],
    ['undefined', () => undefined, 'it threw undefined, which is no Error'],
    ['null', () => null, 'it threw null, which is no Error'],
    ['a string', () => 'oops', 'it threw "oops", which is no Error'],
    ['the word route', () => 'route', 'it threw "route", which is no Error'],
    ['the word router', () => 'router', 'it threw "router", which is no Error'],
    ['a number', () => 404, 'it threw 404, which is no Error'],
    ['an object', () => ({ status: 404 }), 'it threw {"status":404}, which is no Error'],
    ['an object without a prototype', () => Object.create(null), 'it threw {}, which is no Error'],
    ['a symbol', () => Symbol('oops'), 'it threw Symbol(oops), which is no Error'],
    [
      'an Error whose message is a symbol',
      () => Object.assign(new Error(), { message: Symbol('oops') }),
      'what it threw cannot be read',
    ],
    ['an Error whose message cannot be read', () => unreadable, 'what it threw cannot be read'],
    ['a Proxy of an Error', () => new Proxy(new Error('behind a proxy'), {}), 'behind a proxy'],
    ['a revoked Proxy', () => revoked, 'what it threw cannot be read'],
    ['something that nobody may touch', () => untouchable(0), 'what it threw cannot be read'],
    ['something that nobody may touch, nor what it throws', () => untouchable(), 'what it threw cannot be read'],
  ])('with %s, it is a 500 with a code, thrown or rejected', async (_, make, reason) => {
    const thrown = make()
    const failures = [() => Promise.reject(thrown), throwing(thrown), () => thenable(throwing(thrown))]
    for (const failure of failures) {
      const { app, errors } = aListeningHost({ [member]: failure })
      const reply = await send(app, line, json)
      expect(errorIn(reply)).toEqual({ code: 'BUTLER_REGISTRY_FAILED', status: 500, message: 'Internal Server Error' })
      expect(errors).toHaveLength(1)
      expect(errors[0]).toBeInstanceOf(Error)
      expect(errors[0]).toMatchObject({ expose: false })
      const { message } = errors[0] as Error
      expect(message).toContain(`registry.${member}(`)
      expect(message).toContain(reason)
      expect(message).toContain('To choose the status, reject with a ButlerError or an error of http-errors.')
    }
  })

  test('it can be found in `cause`', async () => {
    const thrown = new Error('the disk is full')
    const { app, errors } = aListeningHost({ [member]: async () => Promise.reject(thrown) })
    await send(app, line)
    expect((errors[0] as Error).cause).toBe(thrown)
  })

  test.each(Object.entries(statusOf))('with the code %s, it is a %i', async (code, status) => {
    const error = new ButlerError(code as ButlerErrorCode, 'In so many words.')
    const { app, errors } = aListeningHost({ [member]: () => Promise.reject(error) })
    const reply = await send(app, line, json)
    const isTold = status < 500 || code === 'BUTLER_TASK_NOT_IMPLEMENTED'
    expect(errorIn(reply)).toMatchObject({ code, status })
    expect(errorIn(reply).message === 'In so many words.').toBe(isTold)
    expect(errors[0]).toMatchObject({ name: expect.stringContaining('Error'), code, status, cause: error })
    expect(createError.isHttpError(errors[0])).toBe(true)
    if (status === 503) expect(reply.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    else expect(reply.headers).not.toHaveProperty('retry-after')
  })

  test('with a ButlerError of another copy of the package, it keeps its code', async () => {
    const error = Object.assign(new Error('away'), { name: 'ButlerError', code: 'BUTLER_UNAVAILABLE', status: 503 })
    const reply = await send(aListeningHost({ [member]: throwing(error) }).app, line, json)
    expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_UNAVAILABLE', status: 503 })
  })

  test.each([
    ['a code that nobody knows', { code: 'BUTLER_ON_HOLIDAY', status: 418 }],
    ['a code that every object has', { code: 'constructor', status: 418 }],
    ['no code', { status: 418 }],
    ['no status', { code: 'BUTLER_UNAVAILABLE' }],
    ['another name after all', { name: 'TypeError', code: 'BUTLER_UNAVAILABLE', status: 503 }],
    ['a status that is none', { code: 'BUTLER_UNAVAILABLE', status: '503' }],
  ])('with something that calls itself ButlerError but has %s, it is a 500', async (_, members) => {
    const error = Object.assign(new Error('x'), { name: 'ButlerError' }, members)
    const reply = await send(aListeningHost({ [member]: throwing(error) }).app, line, json)
    expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_REGISTRY_FAILED', status: 500 })
  })

  test('with an error of http-errors, that passes as it is', async () => {
    const headers = { 'WWW-Authenticate': 'Bearer' }
    const thrown = createError(402, 'Pay first.', { headers, code: 'NO_MONEY' })
    const { app, errors } = aListeningHost({ [member]: async () => Promise.reject(thrown) })
    const reply = await send(app, line, json)
    expect(errors).toEqual([thrown])
    expect(errors[0]).toBe(thrown)
    expect(errorIn(reply)).toEqual({ code: 402, status: 402, message: 'Pay first.' })
    expect(reply.headers['www-authenticate']).toBe('Bearer')
  })
})

describe('an answer that is no answer', () => {
  const nonsense: [string, unknown, string][] = [
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['true', true, 'true'],
    ['200', 200, '200'],
    ['NaN', Number.NaN, 'NaN'],
    ['an empty string', '', '""'],
    ['another case', 'Started', '"Started"'],
    ['an inherited member', 'constructor', '"constructor"'],
    ['a list', ['started'], '["started"]'],
    ['an object', { status: 'started' }, '{"status":"started"}'],
    ['a bigint', 1n, '1'],
    ['a function', () => 'started', 'a function'],
    ['a circle', circle(), 'an object'],

    ['an Error', new Error('started'), 'an Error'],
  ]

  test.each(nonsense)('to a start: %s', async (_, word, shown) => {
    const { app, errors } = aListeningHost({ start: async () => word })
    const reply = await send(app, 'POST /butler/BackupDatabase', json)
    expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_REGISTRY_ANSWER', status: 500 })
    expect((errors[0] as Error).message).toBe(
      `registry.start("BackupDatabase") resolved with ${shown}; expected "started" or "already-running".`,
    )
  })

  test.each([...nonsense, ['a word of start', 'started', '"started"'] as const])(
    'to a stop: %s',
    async (_, word, shown) => {
      const { app, errors } = aListeningHost({ stop: () => word })
      const reply = await send(app, 'DELETE /butler/BackupDatabase', json)
      expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_REGISTRY_ANSWER', status: 500 })
      expect((errors[0] as Error).message).toBe(
        `registry.stop("BackupDatabase") resolved with ${shown}; expected "stopped" or "stopping" or "not-running".`,
      )
    },
  )

  test('to a start: something that nobody may touch', async () => {
    const { app } = aListeningHost({ start: async () => guarded({}) })
    const reply = await send(app, 'POST /butler/BackupDatabase', json)
    expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_REGISTRY_ANSWER', status: 500 })
  })

  const good = { name: 'BackupDatabase', enabled: true, state: 'idle' }

  test.each<[string, unknown, string]>([
    // what                       the answer                      what the developer reads
    ['nothing', undefined, 'registry.list() is undefined; expected an array of { name, enabled, state }.'],
    ['null', null, 'registry.list() is null; expected an array'],
    ['a word', 'idle', 'registry.list() is "idle"; expected an array'],
    ['a number', 14, 'registry.list() is 14; expected an array'],
    ['an object by name', { BackupDatabase: good }, 'registry.list() is {"BackupDatabase"'],
    ['a Set', new Set([good]), 'registry.list() is a Set; expected an array'],
    ['what is like an array', { length: 1, 0: good }, 'expected an array'],
    ['a list with null', [good, null], 'registry.list()[1] is null; expected an object'],
    ['a list of names', ['BackupDatabase'], 'registry.list()[0] is "BackupDatabase"; expected an object'],
    ['no name', [{ ...good, name: undefined }], 'registry.list()[0].name is undefined; expected a string.'],
    ['a name that is no string', [{ ...good, name: 7 }], 'registry.list()[0].name is 7; expected a string.'],
    [
      'no switch',
      [{ ...good, enabled: undefined }],
      'registry.list()[0].enabled is undefined; expected true or false.',
    ],
    ['a switch as a number', [{ ...good, enabled: 1 }], 'registry.list()[0].enabled is 1; expected true or false.'],
    [
      'a switch as a word',
      [{ ...good, enabled: 'true' }],
      'registry.list()[0].enabled is "true"; expected true or false.',
    ],
    [
      'no state',
      [{ ...good, state: undefined }],
      'registry.list()[0].state is undefined; expected one of idle, scheduled, queued, running, stopping.',
    ],
    [
      'a state that nobody knows',
      [{ ...good, state: 'asleep' }],
      'registry.list()[0].state is "asleep"; expected one of',
    ],
    ['a state of every object', [{ ...good, state: 'constructor' }], 'registry.list()[0].state is "constructor"'],
    ['a title as a number', [{ ...good, title: 7 }], 'registry.list()[0].title is 7; expected a string.'],
    [
      'a description as a list',
      [{ ...good, description: ['x'] }],
      'registry.list()[0].description is ["x"]; expected a string.',
    ],
    [
      'an interval as a word',
      [{ ...good, intervalDays: '3' }],
      'registry.list()[0].intervalDays is "3"; expected whole days.',
    ],
    ['half a day', [{ ...good, intervalDays: 0.5 }], 'registry.list()[0].intervalDays is 0.5; expected whole days.'],
    [
      'an interval that is no number',
      [{ ...good, intervalDays: Number.NaN }],
      'registry.list()[0].intervalDays is NaN; expected whole days.',
    ],
    [
      'an interval for ever',
      [{ ...good, intervalDays: Number.POSITIVE_INFINITY }],
      'registry.list()[0].intervalDays is Infinity',
    ],
    [
      'randomized as a number',
      [{ ...good, randomized: 0 }],
      'registry.list()[0].randomized is 0; expected true or false.',
    ],
    [
      'a progress as a word',
      [{ ...good, progress: 'half' }],
      'registry.list()[0].progress is "half"; expected a number',
    ],
    ['a progress as a bigint', [{ ...good, progress: 1n }], 'registry.list()[0].progress is 1; expected a number'],
    ['a name twice', [good, good], `registry.list()[1].name is "${good.name}"; expected each name once`],
    ['a progress that is no number', [{ ...good, progress: Number.NaN }], 'registry.list()[0].progress is NaN'],
    [
      'words as a number',
      [{ ...good, progressMessage: 5 }],
      'registry.list()[0].progressMessage is 5; expected a string',
    ],
    [
      'a number as an instant',
      [{ ...good, nextRun: 0 }],
      'registry.list()[0].nextRun is 0; expected an instant in ISO',
    ],
    [
      'a word as an instant',
      [{ ...good, scheduledFor: 'soon' }],
      'registry.list()[0].scheduledFor is "soon"; expected an',
    ],
    [
      'a date that is none',
      [{ ...good, nextRun: new Date('x') }],
      'registry.list()[0].nextRun is Invalid Date; expected',
    ],
    [
      'a number as a run',
      [{ ...good, lastRun: 5 }],
      'registry.list()[0].lastRun is 5; expected an object with id, trigger',
    ],
    [
      'a list as a run',
      [{ ...good, lastRun: [] }],
      'registry.list()[0].lastRun is []; expected an object with id, trigger',
    ],
    [
      'a task that nobody allows, with nonsense',
      [{ ...good, name: 'Unheard', enabled: 'x' }],
      'registry.list()[0].enabled is "x"',
    ],
    [
      'a bigint, which JSON cannot hold',
      [{ ...good, lastRun: { result: 1n } }],
      'registry.list() has a task that JSON cannot hold',
    ],
    [
      'a circle, which JSON cannot hold',
      [{ ...good, lastRun: circle() }],
      'registry.list() has a task that JSON cannot hold',
    ],
    [
      'a toJSON that throws',
      [{ ...good, lastRun: { toJSON: throwing('x') } }],
      'registry.list() has a task that JSON cannot hold: "x"',
    ],
  ])('to a list: %s', async (_, answer, message) => {
    for (const accept of ['application/json', 'application/xml']) {
      const { app, errors } = aListeningHost({ list: async () => answer })
      const reply = await send(app, 'GET /butler', { accept })
      expect(reply.status).toBe(500)
      expect(errors).toEqual([expect.objectContaining({ code: 'BUTLER_REGISTRY_ANSWER', expose: false })])
      expect((errors[0] as Error).message).toContain(message)
    }
  })

  const member = { get: throwing(new Error('x')) }

  test.each<[string, () => unknown]>([
    ['a member that throws when it is read', () => [Object.defineProperty({ ...good }, 'state', member)]],
    ['a task that nobody may touch', () => [untouchable()]],
    ['a list that nobody may touch', () => guarded([])],
    ['an object that nobody may touch', () => guarded({})],
  ])('to a list: %s', async (_, make) => {
    const answer = make()
    const { app } = aListeningHost({ list: async () => answer })
    const reply = await send(app, 'GET /butler', json)
    expect(errorIn(reply)).toMatchObject({ code: expect.stringMatching(/^BUTLER_REGISTRY_/), status: 500 })
  })

  test('that answers twice: the first counts', async () => {
    const start = () =>
      thenable((resolve: (word: string) => void, reject: (error: Error) => void) => {
        resolve('already-running')
        resolve('started')
        reject(new Error('changed my mind'))
        throw new Error('again')
      })
    await request(aHost(aRegistry({ start })))
      .post('/butler/BackupDatabase')
      .expect(202, '')
  })
})

describe('a registry that does not answer', () => {
  /** A request that is under way until the clock moves. */
  async function ask(line: string, options: { registryTimeoutMs?: number | null } = {}) {
    const clock = fakeClock()
    const called = deferred<void>()
    const late = deferred<unknown>()
    const silence = () => {
      called.resolve()
      return late.promise
    }
    const registry = aRegistry({ list: silence, start: silence, stop: silence, startAll: silence, stopAll: silence })
    const reply = send(aHost(registry, { clock, ...options }), line, json)
    await called.promise
    return { clock, registry, reply, answerLate: late.resolve }
  }

  test.each(requests)('%s: 503 with Retry-After after ten seconds', async (line, member) => {
    const { clock, reply, registry } = await ask(line)
    await clock.moveBy(10_000)
    const { headers, body } = await reply
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(errorIn({ body })).toMatchObject({ code: 'BUTLER_UNAVAILABLE', status: 503 })
    expect(errorIn({ body }).message).toMatch(/^The Butler cannot reach .* Try again later\.$/)
    expect(callsOf(registry)).toHaveLength(1)
    expect(registry[member]).toHaveBeenCalledTimes(1)
  })

  test.each([
    ['GET /butler', []],
    ['POST /butler', undefined],
    ['DELETE /butler', undefined],
    ['POST /butler/BackupDatabase', 'started'],
    ['DELETE /butler/BackupDatabase', 'stopped'],
  ])('%s: is heard until then', async (line, answer) => {
    const { clock, reply, answerLate } = await ask(line)
    await clock.moveBy(9_999)
    answerLate(answer)
    expect((await reply).status).toBe(200)
  })

  test('is waited for as long as the host says', async () => {
    const { clock, reply } = await ask('POST /butler/BackupDatabase', { registryTimeoutMs: 250 })
    await clock.moveBy(250)
    expect((await reply).status).toBe(503)
  })

  test('is waited for without end, where the host says so', async () => {
    const { clock, reply, answerLate } = await ask('DELETE /butler', { registryTimeoutMs: null })
    await clock.moveBy(86_400_000)
    answerLate(undefined)
    expect((await reply).status).toBe(200)
  })

  test.each(requests.filter(([line]) => line.startsWith('DELETE')))(
    'learns by the signal of %s that nobody waits any more',
    async (line, member) => {
      const { clock, reply, registry } = await ask(line)
      const { signal } = registry[member].mock.lastCall.at(-1)
      await clock.moveBy(9_999)
      expect(signal.aborted).toBe(false)
      await clock.moveBy(1)
      await reply
      expect(signal.aborted).toBe(true)
    },
  )

  test.each<[string, 'resolve' | 'reject', unknown]>([
    ['an answer', 'resolve', 'started'],
    ['nonsense', 'resolve', undefined],
    ['an error', 'reject', new Error('too late')],
    ['nothing', 'reject', undefined],
  ])('is not heard when it is late with %s', async (_, how, value) => {
    const clock = fakeClock()
    const late = deferred<unknown>()
    const [answer, fail] = [jest.fn(), jest.fn()]
    callRegistry(
      { asked: 'registry.start("x")', call: () => late.promise, answer, fail },
      { registryTimeoutMs: 10_000, clock },
    )
    await clock.moveBy(10_000)
    late[how](value)
    await clock.moveBy(10_000)
    expect(answer).not.toHaveBeenCalled()
    expect(fail.mock.calls).toEqual([[expect.objectContaining({ code: 'BUTLER_UNAVAILABLE' })]])
  })

  test('leaves no timer behind when it answers in time', async () => {
    const cancel = jest.fn()
    const clock = { ...fakeClock(), callAfter: jest.fn(() => cancel) }
    await send(aHost(aRegistry(), { clock }), 'POST /butler/BackupDatabase')
    await send(aHost(aRegistry({ start: throwing(new Error('x')) }), { clock }), 'POST /butler/BackupDatabase')
    expect(clock.callAfter.mock.calls).toEqual(Array(2).fill([10_000, expect.any(Function)]))
    expect(cancel).toHaveBeenCalledTimes(2)
  })
})

test.each(requests)('a host that has answered %s already is not disturbed', async (line) => {
  const failed = jest.fn((_error, _req, _res, _next) => {})
  const app = express()
  app.use((_req, res, next) => {
    res.send('the host’s own')
    next()
  })
  app.use('/butler', createButlerRouter({ registry: aRegistry() as TaskRegistry }))
  app.use(failed)
  expect(await send(app, line)).toMatchObject({ status: 200, body: 'the host’s own' })
  expect(failed).not.toHaveBeenCalled()
})

test.each(requests)('a host that has begun to answer %s ends its answer itself', async (line) => {
  const failed = jest.fn((_error, _req, res, _next) => res.end())
  const app = express()
  app.use((_req, res, next) => {
    res.write('the host’s ')
    next()
    setImmediate(() => res.end('own'))
  })
  app.use('/butler', createButlerRouter({ registry: aRegistry() as TaskRegistry }))
  app.use(failed)
  expect(await send(app, line)).toMatchObject({ status: 200, body: 'the host’s own' })
})

function throwing(thrown: unknown): () => never {
  return () => {
    throw thrown
  }
}

/** What `await` takes for a promise. */
function thenable(then: (resolve: never, reject: never) => void): object {
  return Object.fromEntries([['then', then]])
}

function circle(): object {
  const object: Record<string, unknown> = { name: 'BackupDatabase' }
  object.self = object
  return object
}

/** Lets itself be resolved with, and nothing more. */
function guarded(target: object): object {
  const refuse = throwing(new Error('do not touch'))
  return new Proxy(target, {
    get: (_, key) => (key === 'then' ? undefined : refuse()),
    has: refuse,
    getPrototypeOf: refuse,
    ownKeys: refuse,
  })
}
