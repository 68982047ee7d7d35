import { checkMembers, expectThat } from '../options'
import type { TaskRequest, Trigger } from '../registry'
import type { WaitingEntry } from './store'
import type { RunTracer } from './tracer'

const triggers: readonly Trigger[] = ['window', 'start-all', 'manual']

/** Who asked for a run, as it is kept with the run. */
export type Asked = Pick<WaitingEntry, 'trigger' | 'by' | 'traceparent'>

/** Who asks for a stop, and of what. */
export interface StopRequest extends Partial<TaskRequest> {
  /** Only the run of this id: a later one, and what waits, is left alone. Default: whatever runs or waits. */
  runId?: string | undefined
}

/** Checks who asks before it is kept: what cannot be read back would make the whole memory unreadable. Throws `BUTLER_INVALID_OPTIONS`. */
export function readAsked(call: string, request: Partial<TaskRequest>, usual: Trigger, tracer: RunTracer): Asked {
  checkMembers(`${call}(request)`, request, ['trigger', 'by', 'signal'])
  const { trigger = usual, by = null } = request
  expectThat(triggers.includes(trigger), `${call}(request).trigger`, trigger, `one of ${triggers.join(', ')}`)
  expectThat(by === null || typeof by === 'string', `${call}(request).by`, by, 'a string that says who asks')
  const traceparent = tracer.traceparent()
  return { trigger, by, ...(traceparent !== undefined && { traceparent }) }
}
