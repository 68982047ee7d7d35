import {
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import type { Ending, Run } from '../engine/run'
import type { RunTrace, RunTracer } from '../engine/tracer'
import { checkMembers, expectThat } from '../options'

export interface OpenTelemetryOptions {
  /** Where spans go. Default: the provider that the host registers with `@opentelemetry/api`, now or later; without one, nowhere. */
  tracerProvider?: TracerProvider
}

/**
 * A span around every run, for `createButler({ tracer: openTelemetry() })`. It is the root of a trace of its own, linked to the span
 * in which somebody asked for the run; spans that the task makes become its children. Throws `BUTLER_INVALID_OPTIONS`.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): RunTracer {
  checkMembers('openTelemetry(options)', options, ['tracerProvider'])
  const { tracerProvider = trace } = options
  const isProvider = typeof tracerProvider?.getTracer === 'function'
  expectThat(isProvider, 'openTelemetry(options).tracerProvider', tracerProvider, 'a TracerProvider of OpenTelemetry')
  const tracer = tracerProvider.getTracer('express-butler')
  return {
    traceparent: hereAsTraceparent,
    begin(run, traceparent) {
      // Whatever happens to be active now, such as a request that set a timer long ago, is not what the run belongs to.
      const spanOptions = { root: true, attributes: attributesOf(run), links: linksTo(traceparent) }
      return traceOf(tracer.startSpan(`run ${run.task}`, spanOptions, ROOT_CONTEXT))
    },
  }
}

function traceOf(span: Span): RunTrace {
  return {
    within: (call) => context.with(trace.setSpan(ROOT_CONTEXT, span), call),
    end(ending, thrown) {
      tellEnding(span, ending, thrown)
      span.end()
    },
  }
}

function attributesOf({ id, task, trigger, date }: Run) {
  return { 'butler.task': task, 'butler.run.id': id, 'butler.trigger': trigger, 'butler.night': date }
}

function tellEnding(span: Span, { outcome, error }: Ending, thrown: unknown): void {
  span.setAttribute('butler.outcome', String(outcome))
  if (error !== null) span.recordException({ ...error, stack: stackOf(thrown) })
  if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, message: error?.message })
  if (outcome === 'timed-out') span.setStatus({ code: SpanStatusCode.ERROR, message: 'It outstayed its time limit.' })
}

/** Anything can be thrown, and reading it may throw again. */
function stackOf(thrown: unknown): string | undefined {
  try {
    const { stack } = Object(thrown) as Partial<Error>
    return typeof stack === 'string' ? stack : undefined
  } catch {
    return undefined
  }
}

function hereAsTraceparent(): string | undefined {
  const here = trace.getSpanContext(context.active())
  if (here === undefined || !isSpanContextValid(here)) return undefined
  return `00-${here.traceId}-${here.spanId}-${here.traceFlags.toString(16).padStart(2, '0')}`
}

/** What was kept may have been written by somebody else, so what is no traceparent links to nothing. */
function linksTo(traceparent = ''): Link[] {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? []
  if (!traceId || !spanId || !flags) return []
  return [{ context: { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true } }]
}
