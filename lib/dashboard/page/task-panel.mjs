import { fill, h } from './element.mjs'
import { switchOf } from './switch.mjs'
import { taskButtons } from './task-buttons.mjs'
import { readable } from './time.mjs'

/** @import { TaskRow } from '../board' */
/** @import { Store } from './store.mjs' */

/** What a task does, what the night will do with it, and what there is to do. @param {TaskRow} task @param {HTMLElement} headline @param {Store} store */
export function taskPanel({ name, description }, headline, store) {
  const sentence = h('p')
  const buttons = store.mayOperate ? taskButtons(name, store) : null
  const toggle = switchOf(name, store)
  const words = h('div', {}, headline, h('p', { class: 'small' }, description ?? ''))
  return {
    element: h(
      'section',
      { class: 'panel', 'aria-label': 'The task' },
      h('p', { class: 'small' }, h('a', { href: '#/' }, '← All tasks')),
      h('div', { class: 'row' }, words, buttons?.element ?? null),
      sentence,
      h('label', { class: 'inline' }, toggle.element, ' runs by itself'),
    ),
    /** @param {TaskRow} task */
    update(task) {
      fill(sentence, readable(task.tonight?.sentence ?? ''))
      buttons?.update(task)
      toggle.update(task)
    },
  }
}
