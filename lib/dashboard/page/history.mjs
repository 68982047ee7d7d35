import { h } from './element.mjs'
import { notFound } from './not-found.mjs'
import { runsPanel } from './runs-panel.mjs'
import { complain } from './say.mjs'
import { taskPanel } from './task-panel.mjs'

/** @import { Store } from './store.mjs' */

/** One task, with its kept runs. @param {Store} store @param {string} name */
export function historyView(store, name) {
  const task = store.task(name)
  const title = task?.title ?? name
  const headline = h('h2', { tabindex: '-1' }, title)
  if (!task) return { ...notFound(headline, `No task is called “${name}”.`), title }
  const panel = taskPanel(task, headline, store)
  const runs = runsPanel(name, store)

  function update() {
    const row = store.task(name)
    if (row) panel.update(row)
  }

  /** @param {string} kind @param {any} data */
  function hear(kind, data) {
    update()
    if ((kind === 'run' && data.task === name) || kind === 'board') runs.load().catch(complain)
  }

  store.listeners.add(hear)
  update()
  const close = () => void store.listeners.delete(hear)
  return { element: h('div', {}, panel.element, runs.element), headline, title, ready: runs.load(), close }
}
