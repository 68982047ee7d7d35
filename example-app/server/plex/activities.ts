import type { TaskStatus, Tree } from 'express-butler'

/** The owner. There are no other users. */
const OWNER = 1

type Listed = Pick<TaskStatus, 'name' | 'title' | 'state' | 'progress' | 'progressMessage' | 'lastRun'>

/** What runs, as clients know activities: one for each run, called by the run's id. */
export function activitiesOf(tasks: readonly Listed[]): Tree {
  const activities = tasks.flatMap((task) => {
    const uuid = runOf(task)
    return uuid === null ? [] : [{ uuid, ...activityOf(task) }]
  })
  return { MediaContainer: { size: activities.length, Activity: activities } }
}

/** `progress` is in whole per cent, and -1 when the task does not say. What has been asked to stop cannot be cancelled any more. */
function activityOf({ name, title = name, state, progress, progressMessage = '' }: Listed) {
  return {
    type: `butler.${name}`,
    cancellable: state === 'running',
    userID: OWNER,
    title,
    subtitle: progressMessage,
    progress: progress === undefined ? -1 : Math.round(progress * 100),
  }
}

/** The task whose run an activity is; `undefined` when that run has ended, or never was. */
export function taskOfActivity<Task extends Listed>(tasks: readonly Task[], uuid: string): Task | undefined {
  return tasks.find((task) => runOf(task) === uuid)
}

function runOf({ state, lastRun }: Listed): string | null {
  const isRunning = state === 'running' || state === 'stopping'
  return isRunning && lastRun !== undefined && lastRun.outcome === null ? lastRun.id : null
}
