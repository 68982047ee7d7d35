import { fill, h } from './element.mjs'
import { ownZone } from './time.mjs'

/** @import { Store } from './store.mjs' */

/** @typedef {'opensAt' | 'closesAt' | 'timeZone'} FieldName */

const labels = { opensAt: 'Opens at', closesAt: 'Closes at', timeZone: 'Time zone' }

export const fieldNames = /** @type {FieldName[]} */ (Object.keys(labels))

/** One field of the window, with its label and a place to say what is wrong with it. @param {FieldName} name @param {Store} store */
export function windowField(name, store) {
  const error = h('span', { class: 'error small', id: `${name}-error` })
  const input = inputOf(name, error.id, store)
  const label = h('label', { for: name }, labels[name])
  return {
    name,
    input,
    element: h('p', { class: 'field' }, label, input, name === 'timeZone' && zoneList(), error),
    /** What the server says of this field, or `null`: nothing is wrong with it. @param {string | null} message */
    say(message) {
      const isMine = message?.startsWith(`window.${name} `)
      input.setAttribute('aria-invalid', String(isMine === true))
      fill(error, isMine ? message?.replace(`window.${name}`, labels[name]) : null)
    },
  }
}

/** @param {FieldName} name @param {string} errorId @param {Store} store */
function inputOf(name, errorId, store) {
  const isZone = name === 'timeZone'
  const kind = isZone
    ? { type: 'text', list: 'zones', spellcheck: 'false', autocapitalize: 'off' }
    : { type: 'time', required: true }
  const disabled = !store.mayOperate
  const input = h('input', { id: name, name, ...kind, 'aria-describedby': errorId, disabled, autocomplete: 'off' })
  input.value = store.board.settings.window[name]
  return input
}

function zoneList() {
  const zones = new Set([ownZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])
  return h('datalist', { id: 'zones' }, ...[...zones].map((zone) => h('option', { value: zone })))
}
