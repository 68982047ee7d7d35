import { eachTask } from './each-task.mjs'
import { h } from './element.mjs'
import { tableBody, tableOf } from './table.mjs'
import { taskRow } from './task-row.mjs'

/** @import { Store } from './store.mjs' */

/** Every task, a row each. @param {Store} store */
export function tasksTable(store) {
  const body = tableBody()
  const heads = ['Task', 'State', 'Next', 'Last run', 'By itself', ...(store.mayOperate ? ['Actions'] : [])]
  const table = tableOf(heads, body, { class: 'tasks', caption: 'All tasks' })
  const nothing = h(
    'p',
    { class: 'small' },
    'There are no tasks: give createButler some, or start a machine that has any.',
  )
  const rows = eachTask(body, store, (task) => taskRow(task, store))

  function showEither() {
    table.hidden = store.board.tasks.length === 0
    nothing.hidden = !table.hidden
  }

  showEither()
  return {
    element: h('div', {}, nothing, table),
    /** @param {string} [name] */
    update(name) {
      rows(name)
      showEither()
    },
  }
}
