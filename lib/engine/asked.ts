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

const members = ['trigger', 'by', 'signal'] as const satisfies readonly (keyof TaskRequest)[]

/** Checks what is to be stopped: a misspelt `runId` would stop a later run. Throws `BUTLER_INVALID_OPTIONS`. */
export function readStop(call: 'stop' | 'stopAll', request: StopRequest): Pick<StopRequest, 'signal' | 'runId'> {
  checkMembers(`${call}(request)`, request, call === 'stop' ? [...members, 'runId'] : members)
  const { signal, runId } = request
  expectThat(runId === undefined || typeof runId === 'string', `${call}(request).runId`, runId, 'the id of a run')
  return { signal, runId }
}

/** Checks who asks before it is kept: what cannot be read back would make the whole memory unreadable. Throws `BUTLER_INVALID_OPTIONS`. */
export function readAsked(call: string, request: Partial<TaskRequest>, usual: Trigger, tracer: RunTracer): Asked {
  checkMembers(`${call}(request)`, request, members)
  const { trigger = usual, by = null } = request
  expectThat(triggers.includes(trigger), `${call}(request).trigger`, trigger, `one of ${triggers.join(', ')}`)
  expectThat(by === null || typeof by === 'string', `${call}(request).by`, by, 'a string that says who asks')
  const traceparent = tracer.traceparent()
  return { trigger, by, ...(traceparent !== undefined && { traceparent }) }
}
