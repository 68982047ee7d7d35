import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Redis } from 'ioredis'
import { bullmqQueue } from '../../lib/bullmq'
import { createButler } from '../../lib/butler'
import { openTelemetry } from '../../lib/opentelemetry'
import { describeWithRedis, ownPrefix, sharedRedis } from '../helpers/databases'
import { until } from '../helpers/until'
import { closedWindow } from '../helpers/windows'

jest.setTimeout(30_000)

/** One process of many, as far as tracing goes. */
function aNode(task: 'Scan' | 'Tag', connection: object, prefix: string) {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const queue = bullmqQueue({ connection, prefix })
  const tracer = openTelemetry({ tracerProvider })
  const tasks = { [task]: async () => {} }
  return { butler: createButler({ tasks, window: closedWindow(), queue, tracer }), exporter, tracerProvider }
}

describeWithRedis('on Redis', () => {
  test('the span of a run is of the process that runs it, and linked to the request on another one', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    const redis = await sharedRedis()
    const prefix = ownPrefix()
    const [here, there] = [aNode('Scan', redis, prefix), aNode('Tag', redis, prefix)]
    try {
      await there.butler.open()
      await here.butler.open()
      const request = here.tracerProvider.getTracer('the host').startSpan('request')
      const call = () => here.butler.start('Tag' as never)
      expect(await context.with(trace.setSpan(context.active(), request), call)).toBe('started')
      await until(() => there.exporter.getFinishedSpans().length > 0)
      const { traceId, spanId } = request.spanContext()
      expect(there.exporter.getFinishedSpans()).toMatchObject([
        { name: 'run Tag', links: [{ context: { traceId, spanId } }] },
      ])
      expect(here.exporter.getFinishedSpans()).toEqual([])
    } finally {
      for (const { butler } of [here, there]) await butler.close()
      context.disable()
      const client = new Redis(redis)
      const keys = await client.keys(`{${prefix}}:*`)
      if (keys.length > 0) await client.del(keys)
      await client.quit()
    }
  })
})
