import { h } from './element.mjs'
import { switchesOf } from './switches.mjs'
import { WindowForm } from './window-form.mjs'

/** @import { Store } from './store.mjs' */

/** What an operator may change while the server runs: the window, and what runs by itself. @param {Store} store */
export function settingsView(store) {
  const headline = h('h2', { tabindex: '-1' }, 'Settings')
  const form = new WindowForm(store)
  const switches = switchesOf(store)
  const hint = store.mayOperate ? null : h('p', { class: 'small' }, 'You may look, but not change anything.')
  const element = h(
    'div',
    {},
    h('section', { class: 'panel', 'aria-label': 'The window' }, headline, hint, form.element),
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'switches' },
      h('h3', { id: 'switches' }, 'What runs by itself'),
      switches.element,
    ),
  )

  /** @param {string} kind */
  function hear(kind) {
    switches.update()
    if (kind === 'settings' || kind === 'board') form.hearOthers()
  }

  function close() {
    form.close()
    store.listeners.delete(hear)
  }

  store.listeners.add(hear)
  return { element, headline, title: 'Settings', ready: form.preview(), close }
}
