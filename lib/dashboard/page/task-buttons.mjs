import { ask, taskPath } from './api.mjs'
import { h, write } from './element.mjs'
import { announce, complain } from './say.mjs'

/** @import { TaskRow } from '../board' */
/** @import { Store } from './store.mjs' */

/** Start, or stop, whichever makes sense. @param {string} name @param {Store} store */
export function taskButtons(name, store) {
  const title = store.task(name)?.title ?? name
  const start = h('button', { type: 'button', 'aria-label': `Start ${title}`, onclick: () => act('POST') }, 'Start')
  const stop = h(
    'button',
    { type: 'button', 'aria-label': `Stop ${title}`, class: 'stop', onclick: () => act('DELETE') },
    'Stop',
  )

  /** @param {'POST' | 'DELETE'} method */
  async function act(method) {
    const pressed = method === 'POST' ? start : stop
    pressed.setAttribute('aria-busy', 'true')
    try {
      const { answer } = await ask(`${method} ${taskPath(name)}`)
      announce(`${title} ${words[/** @type {keyof typeof words} */ (answer)]}.`)
    } catch (error) {
      complain(error)
    } finally {
      pressed.removeAttribute('aria-busy')
    }
  }

  return {
    element: h('span', { class: 'buttons' }, start, stop),
    /** @param {TaskRow} task */
    update: ({ state }) => show(start, stop, state),
  }
}

/** What is disabled would lose the focus of whoever just pressed it. @param {HTMLElement} start @param {HTMLElement} stop @param {TaskRow['state']} state */
function show(start, stop, state) {
  const [canStart, canStop] = [state !== 'running' && state !== 'stopping', state !== 'idle']
  const hadFocus = document.activeElement === start || document.activeElement === stop
  start.hidden = !canStart
  stop.hidden = !canStop
  write(stop, state === 'scheduled' || state === 'queued' ? 'Take off' : state === 'stopping' ? 'Stopping…' : 'Stop')
  const shown = canStart ? start : stop
  if (hadFocus && document.activeElement !== start && document.activeElement !== stop) shown.focus()
}

const words = {
  started: 'has been started',
  'already-running': 'was already running',
  stopped: 'has been stopped',
  'not-running': 'was not running',
  stopping: 'has been asked to stop, and has not ended yet',
}
