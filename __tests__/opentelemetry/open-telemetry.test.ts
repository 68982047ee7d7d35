import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import express from 'express'
import request from 'supertest'
import { createButler } from '../../lib/butler'
import type { Memory } from '../../lib/engine/store'
import type { RunTracer } from '../../lib/engine/tracer'
import { createButlerRouter } from '../../lib/http/router'
import { openTelemetry } from '../../lib/opentelemetry'
import { held, NIGHT, openButler, stubborn } from '../helpers/butler'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = provider.getTracer('the host')

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
})

afterEach(() => exporter.reset())

afterAll(() => {
  trace.disable()
  context.disable()
})

const spans = () => exporter.getFinishedSpans()
const spanOf = (name: string) => spans().find((span) => span.name === name)

/** Does something inside of a span of the host's, as it would inside of a request that is traced. */
async function inSpan<Value>(name: string, act: () => Promise<Value>): Promise<{ value: Value; spanId: string }> {
  return tracer.startActiveSpan(name, async (span) => {
    const value = await act()
    span.end()
    return { value, spanId: span.spanContext().spanId }
  })
}

const traced = { tracer: openTelemetry() }

describe('a run', () => {
  test('is a span that tells whose it is and how it ended', async () => {
    const { butler, ended } = await openButler({ ...traced, tasks: { Scan: async () => {} } })
    const end = ended('Scan')
    await butler.start('Scan')
    const { id } = await end
    expect(spans()).toHaveLength(1)
    expect(spanOf('run Scan')).toMatchObject({
      instrumentationScope: { name: 'express-butler' },
      attributes: {
        'butler.task': 'Scan',
        'butler.run.id': id,
        'butler.trigger': 'manual',
        'butler.night': '2026-01-14',
        'butler.outcome': 'completed',
      },
      status: { code: SpanStatusCode.UNSET },
      ended: true,
    })
  })

  test('has the spans of its task for children, those after a pause and those of what it calls, too', async () => {
    const child = async (name: string) => {
      await new Promise((resolve) => setImmediate(resolve))
      tracer.startSpan(name).end()
    }
    const { butler, ended } = await openButler({
      ...traced,
      tasks: {
        Scan: async () => {
          tracer.startSpan('at once').end()
          await child('later')
          await Promise.all([child('one'), child('other')])
        },
      },
    })
    const end = ended('Scan')
    await butler.start('Scan')
    await end
    const run = spanOf('run Scan')?.spanContext()
    for (const name of ['at once', 'later', 'one', 'other']) {
      expect(spanOf(name)?.parentSpanContext?.spanId).toBe(run?.spanId)
      expect(spanOf(name)?.spanContext().traceId).toBe(run?.traceId)
    }
  })

  test('that fails has the status of an error, and the exception with its stack', async () => {
    const { butler, ended } = await openButler({
      ...traced,
      tasks: {
        Scan: () => {
          throw Object.assign(new RangeError('The disk is full.'), { code: 'ENOSPC' })
        },
      },
    })
    const end = ended('Scan')
    await butler.start('Scan')
    await end
    expect(spanOf('run Scan')).toMatchObject({
      attributes: { 'butler.outcome': 'failed' },
      status: { code: SpanStatusCode.ERROR, message: 'The disk is full.' },
      events: [
        {
          name: 'exception',
          attributes: {
            'exception.message': 'The disk is full.',
            'exception.stacktrace': expect.stringContaining('open-telemetry.test'),
          },
        },
      ],
    })
  })

  test.each([
    ['a text', 'No.', 'The task threw "No.", which is no Error.'],
    ['nothing', undefined, 'The task threw undefined, which is no Error.'],
    [
      'what throws when it is read',
      new Proxy(
        {},
        {
          get() {
            throw new Error('No.')
          },
        },
      ),
      'The task threw something that cannot be read, which is no Error.',
    ],
  ])('that throws %s is told as well, and its span ends', async (_, thrown, message) => {
    const { butler, ended } = await openButler({ ...traced, tasks: { Scan: () => Promise.reject(thrown) } })
    const end = ended('Scan')
    await butler.start('Scan')
    expect((await end).outcome).toBe('failed')
    expect(spanOf('run Scan')?.status).toEqual({ code: SpanStatusCode.ERROR, message })
  })

  test('that is timed out has the status of an error; one that was stopped has not', async () => {
    const { butler, clock } = await openButler({ ...traced, tasks: { Scan: { run: held(), timeoutMs: 60_000 } } })
    await butler.start('Scan')
    await clock.moveBy(60_000)
    await butler.start('Scan')
    await butler.stop('Scan')
    expect(spans().map(({ attributes, status }) => [attributes['butler.outcome'], status.code])).toEqual([
      ['timed-out', SpanStatusCode.ERROR],
      ['stopped', SpanStatusCode.UNSET],
    ])
  })
})

describe('who asked for it', () => {
  test('is linked, and not its parent: a request over HTTP', async () => {
    const { butler, ended } = await openButler({ ...traced, tasks: { Scan: async () => {} } })
    const app = express()
    app.use((_req, res, next) =>
      tracer.startActiveSpan('POST', (span) => {
        res.on('finish', () => span.end())
        next()
      }),
    )
    app.use('/butler', createButlerRouter({ registry: butler }))
    const end = ended('Scan')
    await request(app).post('/butler/Scan').expect(200)
    await end
    const [asked, run] = [spanOf('POST')?.spanContext(), spanOf('run Scan')]
    expect(run?.links).toMatchObject([{ context: { traceId: asked?.traceId, spanId: asked?.spanId, traceFlags: 1 } }])
    expect(run?.parentSpanContext).toBeUndefined()
    expect(run?.spanContext().traceId).not.toBe(asked?.traceId)
  })

  test('is still linked hours later, when what a start-all scheduled runs after a restart', async () => {
    const tasks = { Tag: { run: async () => {}, randomized: true } }
    const first = await openButler({ ...traced, tasks, at: NIGHT })
    await first.butler.stop('Tag') // The window has scheduled it already.
    const { spanId } = await inSpan('start all', () => first.butler.startAll())
    const memory = first.store.memory() as Memory
    await first.butler.close()
    const { clock } = await openButler({ ...traced, tasks, at: NIGHT, memory })
    await clock.moveTo('2026-01-14T05:00Z')
    expect(spanOf('run Tag')?.links).toMatchObject([{ context: { spanId } }])
  })

  test('is the one who asked, also for what waits until a run of somebody else ends', async () => {
    const work = stubborn()
    const { butler, ended } = await openButler({
      ...traced,
      concurrency: 1,
      tasks: { Clean: work, Tidy: { run: async () => {}, after: ['Clean'] } },
    })
    const { spanId } = await inSpan('start all', () => butler.startAll())
    const end = ended('Tidy')
    await inSpan('another', async () => work.finish())
    await end
    expect(spanOf('run Tidy')?.links).toMatchObject([{ context: { spanId } }])
  })

  test('is nobody when the window starts it, whoever set its timer', async () => {
    const { butler, clock } = await openButler({ ...traced, tasks: { Scan: async () => {} } })
    await inSpan('change', () => butler.configure({ window: { opensAt: '03:00' } }))
    await inSpan('time passes', () => clock.moveTo('2026-01-15T03:00Z'))
    expect(spanOf('run Scan')).toMatchObject({ links: [], attributes: { 'butler.trigger': 'window' } })
    expect(spanOf('run Scan')?.parentSpanContext).toBeUndefined()
  })
})

test('what is active where a run begins does not reach its task', async () => {
  const seen: unknown[] = []
  const { butler, ended } = await openButler({
    ...traced,
    tasks: { Scan: () => void seen.push(propagation.getActiveBaggage()) },
  })
  const end = ended('Scan')
  const baggage = propagation.createBaggage({ tenant: { value: 'ada' } })
  await context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () => butler.start('Scan'))
  await end
  expect(seen).toEqual([undefined])
})

test('a provider of the host’s own gets the spans in place of the registered one', async () => {
  const own = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(own)] })
  const { butler, ended } = await openButler({
    tracer: openTelemetry({ tracerProvider }),
    tasks: { Scan: async () => {} },
  })
  const end = ended('Scan')
  await butler.start('Scan')
  await end
  expect(own.getFinishedSpans().map(({ name }) => name)).toEqual(['run Scan'])
  expect(spans()).toEqual([])
})

test('without any provider runs run', async () => {
  trace.disable()
  const { butler, ended } = await openButler({ tracer: openTelemetry(), tasks: { Scan: async () => 'done' } })
  const end = ended('Scan')
  await butler.start('Scan')
  expect((await end).outcome).toBe('completed')
  trace.setGlobalTracerProvider(provider)
})

describe('a tracer that fails costs nobody a run', () => {
  const fail = () => {
    throw new Error('The collector is gone.')
  }
  test.each<[string, Partial<RunTracer>]>([
    ['when it is asked where somebody is', { traceparent: fail }],
    ['when a run begins', { begin: fail }],
    ['when a task is called', { begin: () => ({ within: fail, end() {} }) }],
    ['when it has nothing for a run', { begin: () => undefined as never }],
    ['when a run ends', { begin: () => ({ within: (call) => call(), end: fail }) }],
  ])('%s', async (_, broken) => {
    let calls = 0
    const { butler, ended, logger } = await openButler({
      tracer: { ...openTelemetry(), ...broken },
      tasks: { Scan: async () => ++calls },
    })
    const end = ended('Scan')
    expect(await butler.start('Scan')).toBe('started')
    expect(await end).toMatchObject({ outcome: 'completed', result: 1 })
    expect(logger.lines).toContain('error: The tracer failed; the Butler goes on.')
  })
})

test.each([
  [() => openTelemetry({ tracerProvider: {} as never }), 'tracerProvider is {}; expected a TracerProvider'],
  [() => openTelemetry({ provider } as never), 'has "provider", which nothing reads'],
  [
    () => createButler({ tasks: {}, tracer: {} as never }),
    '.tracer is {}; expected what openTelemetry() returns, or an object with the methods',
  ],
  [
    () => createButler({ tasks: {}, tracer: openTelemetry as never }),
    '.tracer is a function; expected what openTelemetry() returns',
  ],
])('%s is refused', (make, message) => {
  expect(make).toThrow(expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS' }))
  expect(make).toThrow(message)
})
