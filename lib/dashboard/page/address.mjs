/** Where the page shows a task and its runs. @param {string} task */
export function taskAddress(task) {
  return `#/tasks/${encodeURIComponent(task)}`
}

/** Where it shows one run. @param {string} task @param {string} run */
export function runAddress(task, run) {
  return `${taskAddress(task)}/runs/${encodeURIComponent(run)}`
}

/** Where it looks back on a night. @param {string} date */
export function nightAddress(date) {
  return `#/nights/${date}`
}
