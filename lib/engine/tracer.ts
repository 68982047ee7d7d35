import type { Logger } from './logger'
import type { Ending, Run } from './run'

/** One run, as a tracer sees it. */
export interface RunTrace {
  /** Calls the task's function so that what it does belongs to the run. What that throws passes. */
  within<Value>(call: () => Value): Value
  /** The run has ended. `thrown`: what its task threw, if it did. */
  end(ending: Ending, thrown: unknown): void
}

/** Puts something around every run of this process, such as the span of `express-butler/opentelemetry`. */
export interface RunTracer {
  /** Where whoever asks for runs is in a trace of their own, as a W3C `traceparent`: kept until they run. `undefined`: nowhere. */
  traceparent(): string | undefined
  /** A run begins. `traceparent`: where it was asked for. */
  begin(run: Run, traceparent: string | undefined): RunTrace
}

export const noTrace: RunTrace = { within: (call) => call(), end() {} }

/** The default: nobody watches. */
export const untraced: RunTracer = { traceparent: () => undefined, begin: () => noTrace }

/** A tracer that cannot hurt the runs that it watches: what it throws is logged. */
export function harmless(tracer: RunTracer, logger: Logger): RunTracer {
  const complain = (err: unknown) => logger.error({ err }, 'The tracer failed; the Butler goes on.')
  function attempt<Value>(act: () => Value, otherwise: Value): Value {
    try {
      return act()
    } catch (err) {
      complain(err)
      return otherwise
    }
  }
  return {
    traceparent: () => attempt(() => tracer.traceparent(), undefined),
    begin(run, traceparent) {
      const trace = attempt(() => tracer.begin(run, traceparent), noTrace)
      return {
        within(call) {
          let isCalled = false
          const callIt = () => {
            isCalled = true
            return call()
          }
          try {
            return trace.within(callIt)
          } catch (thrown) {
            if (isCalled) throw thrown
            complain(thrown)
            return call()
          }
        },
        end: (ending, thrown) => attempt(() => trace.end(ending, thrown), undefined),
      }
    },
  }
}
