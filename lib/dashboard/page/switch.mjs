import { ask, Refusal } from './api.mjs'
import { h } from './element.mjs'
import { announce, complain } from './say.mjs'

/** @import { TaskRow } from '../board' */
/** @import { Store } from './store.mjs' */

/** Whether a task runs by itself, and a way to change that. @param {string} name @param {Store} store */
export function switchOf(name, store) {
  const { title } = store.task(name) ?? {}
  const box = h('input', {
    type: 'checkbox',
    role: 'switch',
    'aria-label': `${title ?? name} runs by itself`,
    disabled: !store.mayOperate,
    onchange: flip,
  })
  async function flip() {
    const isOn = box.checked
    try {
      const settings = await ask('PATCH api/settings', {
        body: { enabled: { [name]: isOn } },
        seen: store.board.settings.version,
      })
      store.hear('settings', settings)
      announce(`${title ?? name} ${isOn ? 'runs by itself again' : 'no longer runs by itself'}.`)
    } catch (error) {
      complain(error)
      if (error instanceof Refusal && error.status === 412) await store.load()
      box.checked = store.board.settings.enabled[name] === true
    }
  }
  return {
    element: box,
    /** @param {TaskRow} task */
    update({ enabled }) {
      if (document.activeElement !== box || box.checked !== enabled) box.checked = enabled
    },
  }
}
