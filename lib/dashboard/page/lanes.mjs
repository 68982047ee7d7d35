/** @import { Timeline } from '../nights' */
/** @import { RunSummary } from '../histories' */
/** @import { TaskRow } from '../board' */

/** @typedef {{ name: string, title: string, runs: RunSummary[], mark: Mark | null }} Lane */

/**
 * When a task will start.
 *
 * @typedef {object} Mark
 * @property {string} at
 * @property {string | null} until the end of the time in which a moment is still to be drawn; `null`: it starts at `at`
 * @property {string} words
 */

/**
 * A lane of the timeline for each task that has something to show.
 *
 * @param {Timeline} timeline
 * @param {readonly TaskRow[]} tasks
 * @param {boolean} isToday whether what is to come belongs into it
 * @returns {Lane[]}
 */
export function lanesOf(timeline, tasks, isToday) {
  return tasks
    .map((task) => ({
      name: task.name,
      title: task.title ?? task.name,
      runs: timeline.runs.filter((run) => run.task === task.name),
      mark: isToday ? markOf(task, timeline) : null,
    }))
    .filter(({ runs, mark }) => runs.length > 0 || mark !== null)
}

/**
 * When a task will start within a timeline; `null`: not in it.
 *
 * @param {TaskRow} task
 * @param {Timeline} timeline
 * @returns {Mark | null}
 */
export function markOf({ scheduledFor, nextRun, randomized, tonight }, { to, nights }) {
  if (scheduledFor !== undefined)
    return scheduledFor < to ? { at: scheduledFor, until: null, words: 'scheduled for' } : null
  if (nextRun === undefined || nextRun >= to || tonight === null || tonight.kind === 'skip') return null
  const night = nights.find(({ opensAt }) => opensAt === nextRun)
  return night && randomized
    ? { at: nextRun, until: night.closesAt, words: 'at a random moment after' }
    : { at: nextRun, until: null, words: 'starts' }
}
