import type { Trigger } from '../registry'
import type { Plan } from './plan'
import type { NewEntry } from './queue'
import type { Task } from './task'

/** What a plan decided, as the queue takes it: what the window made must not start once the window has closed. */
export function entriesOf(
  made: Plan,
  tasks: ReadonlyMap<string, Task>,
  trigger: Trigger,
  by: string | null,
): NewEntry[] {
  const until = trigger === 'window' ? (made.night?.closesAt ?? null) : null
  const night = made.night?.date as string
  return made.decisions.flatMap(({ task, kind, at = null }) => {
    if (kind === 'skip') return []
    const after = tasks.get(task)?.after ?? []
    return { task, trigger, by, at, until, after: [...after], draw: at === null ? null : { night, at } }
  })
}
