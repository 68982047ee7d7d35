import { eachTask } from './each-task.mjs'
import { h } from './element.mjs'
import { switchOf } from './switch.mjs'

/** @import { TaskRow } from '../board' */
/** @import { Store } from './store.mjs' */

/** The switch of every task. @param {Store} store */
export function switchesOf(store) {
  const element = h('ul', { class: 'switches' })
  return { element, update: eachTask(element, store, (task) => switchItem(task, store)) }
}

/** @param {TaskRow} task @param {Store} store */
function switchItem({ name, title }, store) {
  const toggle = switchOf(name, store)
  return { element: h('li', {}, h('label', {}, toggle.element, ' ', title ?? name)), update: toggle.update }
}
