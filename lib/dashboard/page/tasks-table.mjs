import { eachTask } from './each-task.mjs'
import { tableBody, tableOf } from './table.mjs'
import { taskRow } from './task-row.mjs'

/** @import { Store } from './store.mjs' */

/** Every task, a row each. @param {Store} store */
export function tasksTable(store) {
  const body = tableBody()
  const heads = ['Task', 'State', 'Next', 'Last run', 'By itself', ...(store.mayOperate ? ['Actions'] : [])]
  return {
    element: tableOf(heads, body, { class: 'tasks', caption: 'All tasks' }),
    update: eachTask(body, store, (task) => taskRow(task, store)),
  }
}
