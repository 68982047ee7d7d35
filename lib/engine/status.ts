import { firstLine } from '../errors'
import type { LastRun, TaskStatus } from '../registry'
import { type Instant, iso } from './clock'
import { foresee, nextNightFor } from './forecast'
import { longestIntervalOf } from './plan'
import type { QueueRecord } from './queue'
import type { Run } from './run'
import type { TaskFacts } from './task'
import type { Calendar } from './window'

/** A task as the list shows it. */
export function toStatus(
  task: TaskFacts,
  enabled: boolean,
  record: QueueRecord,
  calendar: Calendar,
  now: Instant,
): TaskStatus<string> {
  const { state, waiting, lastRun, lastCompletedAt } = record
  const running = lastRun?.outcome === null ? lastRun : null
  return {
    name: task.name,
    enabled,
    state,
    title: task.title,
    description: task.description,
    intervalDays: task.intervalDays,
    longestIntervalDays: longestIntervalOf(task),
    randomized: task.randomized,
    ...(running && running.progress !== null && { progress: running.progress }),
    ...(running && running.progressMessage !== null && { progressMessage: running.progressMessage }),
    ...(waiting?.at && { scheduledFor: waiting.at }),
    ...(enabled && { nextRun: waiting?.at ?? nextOpening(task, record, calendar, now) }),
    ...(lastRun && { lastRun: summaryOf(lastRun) }),
    ...(lastCompletedAt && { lastCompletedAt }),
  }
}

/** When the first night opens that will find the task due, if what runs now completes. */
function nextOpening(task: TaskFacts, record: QueueRecord, calendar: Calendar, now: Instant): string {
  return iso(nextNightFor(task, foresee(record, calendar, now, now), calendar, now).opensAt)
}

function summaryOf({ id, trigger, startedAt, endedAt, outcome, error, result }: Run): LastRun {
  return {
    id,
    trigger,
    startedAt,
    endedAt,
    outcome,
    error: error && firstLine(error.message),
    result: structuredClone(result),
  }
}
