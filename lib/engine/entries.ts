import type { Asked } from './asked'
import type { Plan } from './plan'
import type { NewEntry } from './queue'
import type { WaitingEntry } from './store'
import type { TaskFacts } from './task'
import type { Night } from './window'

/**
 * What a plan decided, as the queue takes it: what the window made must not start once the window has closed, and a task comes after
 * those that the same plan starts or schedules. What the window makes it makes once a night, however many processes open it.
 */
export function entriesOf(made: Plan, tasks: ReadonlyMap<string, TaskFacts>, asked: Asked): NewEntry[] {
  const { trigger } = asked
  const until = trigger === 'window' ? (made.night?.closesAt ?? null) : null
  const night = made.night?.date as string
  const once = trigger === 'window' && made.night ? `${made.night.opensAt}/${made.night.closesAt}` : null
  const acting = made.decisions.filter(({ kind }) => kind !== 'skip')
  const names = new Set(acting.map(({ task }) => task))
  return acting.map(({ task, at = null }) => {
    const after = (tasks.get(task)?.after ?? []).filter((name) => names.has(name))
    return { task, ...asked, at, until, after, draw: at === null ? null : { night, at }, once }
  })
}

/** Whether an entry was made by a window that is not the one that is open now, or for a task that has been switched off since. */
export function isStale(waiting: WaitingEntry | null, night: Night | null, enabled: boolean): boolean {
  if (waiting === null || waiting.until === null) return false
  return !enabled || night === null || Date.parse(waiting.until) !== night.closesAt
}
