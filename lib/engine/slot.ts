import type { TaskState } from '../registry'
import type { Cancel } from './clock'
import type { QueueRecord } from './queue'
import type { Run } from './run'
import type { Memory, TaskMemory } from './store'
import type { Task } from './task'

/** A run from the moment it holds its task's slot until it has been written down as ended. */
export interface Active {
  readonly run: Run
  readonly stop: AbortController
  /** Where in a trace it was asked for. */
  readonly traceparent: string | undefined
  /** It has one of the line's places, because a plan made it. */
  readonly hasPlace: boolean
  /** Resolves when the run is stored and the task about to be called; rejects when it could not be stored. */
  started: Promise<void>
  /** Never rejects. */
  ended: Promise<void>
}

/** All that the queue holds of one task. */
export interface Slot {
  readonly task: Task
  readonly memory: TaskMemory
  active: Active | null
  /** Forgets the instant that the task waits for. */
  forget: Cancel
}

/** The slot of a task, with what is remembered of it; a task that is new is remembered from now on. */
export function slotOf(task: Task, { tasks }: Memory): Slot {
  const known = Object.hasOwn(tasks, task.name) ? tasks[task.name] : undefined
  const memory = known ?? { runs: [], waiting: null, draw: null, lastCompletedOn: null }
  tasks[task.name] = memory
  return { task, memory, active: null, forget() {} }
}

export function isWaiting(slot: Slot): boolean {
  return slot.memory.waiting !== null
}

export function stateOf({ active, memory: { waiting } }: Slot): TaskState {
  if (active) return active.stop.signal.aborted ? 'stopping' : 'running'
  if (waiting) return waiting.at === null ? 'queued' : 'scheduled'
  return 'idle'
}

/** What a plan and a list want to know. */
export function recordOf(slot: Slot): QueueRecord {
  const { waiting, draw, lastCompletedOn, runs } = slot.memory
  const lastCompletedAt = slot.memory.lastCompletedAt ?? endOf(runs.findLast(({ outcome }) => outcome === 'completed'))
  const record = { state: stateOf(slot), waiting, draw, lastCompletedOn, lastRun: runs.at(-1) ?? null }
  return { ...record, ...(lastCompletedAt && { lastCompletedAt }) }
}

function endOf(run: Run | undefined): string | null {
  return run?.endedAt ?? null
}
