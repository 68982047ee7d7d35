import { ask, Refusal } from './api.mjs'
import { fill, h } from './element.mjs'
import { announce, complain, forgetComplaints } from './say.mjs'
import { switchOf } from './tasks.mjs'
import { clockTime, dayOf, lasting, ownZone, when } from './time.mjs'

/** @import { NightSpan } from '../nights' */
/** @import { Store } from './store.mjs' */

/** @typedef {'opensAt' | 'closesAt' | 'timeZone'} Field */

/** How long after a key the preview is asked for, in milliseconds. */
const TYPING_MS = 200

const labels = { opensAt: 'Opens at', closesAt: 'Closes at', timeZone: 'Time zone' }
const fields = /** @type {Field[]} */ (Object.keys(labels))

/** The window with a preview, and every switch. @param {Store} store */
export function settingsView(store) {
  const headline = h('h2', { tabindex: '-1' }, 'Settings')
  const form = windowForm(store)
  const switches = store.board.tasks.map((task) => ({ task, toggle: switchOf(task.name, store) }))
  const element = h(
    'div',
    {},
    h(
      'section',
      { class: 'panel', 'aria-label': 'The window' },
      headline,
      store.mayOperate ? null : h('p', { class: 'small' }, 'You may look, but not change anything.'),
      form.element,
    ),
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'switches' },
      h('h3', { id: 'switches' }, 'What runs by itself'),
      h(
        'ul',
        { class: 'switches' },
        ...switches.map(({ task, toggle }) =>
          h('li', {}, h('label', {}, toggle.element, ' ', task.title ?? task.name)),
        ),
      ),
    ),
  )

  function update() {
    for (const { task, toggle } of switches) toggle.update(store.task(task.name) ?? task)
  }

  /** @param {string} kind */
  function hear(kind) {
    update()
    if (kind === 'settings' || kind === 'board') form.hearOthers()
  }

  store.listeners.add(hear)
  update()
  return {
    element,
    headline,
    title: 'Settings',
    ready: form.preview(),
    close() {
      form.close()
      store.listeners.delete(hear)
    },
  }
}

/** @param {Store} store */
function windowForm(store) {
  const inputs = Object.fromEntries(fields.map((field) => [field, inputOf(field, store)]))
  const nights = h('ol', { class: 'nights' })
  const others = h('div', { role: 'status' })
  const save = store.mayOperate && h('button', { type: 'submit', class: 'main' }, 'Save the window')
  const rows = fields.map((field) =>
    h(
      'p',
      { class: 'field' },
      h('label', { for: field }, labels[field]),
      inputs[field]?.element ?? null,
      inputs[field]?.error ?? null,
    ),
  )
  const element = h(
    'form',
    { novalidate: true, onsubmit: submit, oninput: () => typed() },
    h('div', { class: 'fields' }, ...rows),
    others,
    h('h3', {}, 'The next five nights'),
    nights,
    save && h('p', { class: 'buttons' }, save),
  )

  /** The settings that are in the fields; a change is made from these. */
  let seen = store.board.settings
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing

  const wanted = () => Object.fromEntries(fields.map((field) => [field, inputs[field]?.element.value.trim() ?? '']))
  const isChanged = () => fields.some((field) => wanted()[field] !== seen.window[field])

  function typed() {
    clearTimeout(typing)
    typing = setTimeout(() => preview().catch(complain), TYPING_MS)
  }

  async function preview() {
    const asked = new URLSearchParams(/** @type {Record<string, string>} */ (wanted()))
    try {
      const told = await ask(`GET api/nights/preview?${asked}`)
      if (String(asked) !== String(new URLSearchParams(/** @type {Record<string, string>} */ (wanted())))) return
      sayAtField(null)
      fill(nights, ...nightLines(told.nights, String(wanted().timeZone)))
    } catch (error) {
      if (!sayAtField(error)) throw error
      fill(nights)
    }
  }

  /** Says what is wrong where it is wrong; whether there is such a place. @param {unknown} error */
  function sayAtField(error) {
    const message = error instanceof Refusal && error.code === 'BUTLER_INVALID_WINDOW' ? error.message : null
    for (const field of fields)
      inputs[field]?.say(
        message?.startsWith(`window.${field} `) ? message.replace(`window.${field}`, labels[field]) : null,
      )
    return message !== null
  }

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault()
    forgetComplaints()
    try {
      const settings = await ask('PATCH api/settings', { body: { window: wanted() }, seen: seen.version })
      seen = settings
      store.hear('settings', settings)
      announce('The window has been saved.')
      fill(others, h('p', { class: 'good' }, 'Saved.'))
    } catch (error) {
      if (error instanceof Refusal && error.status === 412) await store.load().catch(complain)
      else if (!sayAtField(error)) complain(error)
      else inputs[fields.find((field) => inputs[field]?.element.ariaInvalid === 'true') ?? 'opensAt']?.element.focus()
    }
  }

  function take() {
    seen = store.board.settings
    for (const field of fields) if (inputs[field]) inputs[field].element.value = seen.window[field]
    fill(others)
    preview().catch(complain)
  }

  /** Somebody else's change is shown at once where nothing is being typed; else one is told, and decides. */
  function hearOthers() {
    const { settings } = store.board
    if (settings.version === seen.version) return
    if (!isChanged()) return take()
    const { opensAt, closesAt, timeZone } = settings.window
    const words = `Somebody else has changed the settings meanwhile; the window is now ${opensAt} to ${closesAt}, ${timeZone}. Nothing of yours was saved. `
    const mine = h(
      'button',
      {
        type: 'button',
        onclick: () => {
          seen = store.board.settings
          fill(others, h('p', {}, 'Save to put yours in place of theirs.'))
        },
      },
      'Keep mine',
    )
    fill(
      others,
      h(
        'div',
        { class: 'notice' },
        h('p', {}, words),
        h('p', { class: 'buttons' }, h('button', { type: 'button', onclick: take }, 'Take theirs'), mine),
      ),
    )
  }

  return { element, preview, hearOthers, close: () => clearTimeout(typing) }
}

/** @param {Field} field @param {Store} store */
function inputOf(field, store) {
  const error = h('span', { class: 'error small', id: `${field}-error` })
  const kind =
    field === 'timeZone'
      ? { type: 'text', list: 'zones', spellcheck: 'false', autocapitalize: 'off' }
      : { type: 'time', required: true }
  const element = h('input', {
    id: field,
    name: field,
    ...kind,
    'aria-describedby': error.id,
    disabled: !store.mayOperate,
    autocomplete: 'off',
  })
  element.value = store.board.settings.window[field]
  const zones = field === 'timeZone' ? zoneList() : null
  return {
    element,
    error: zones ? h('span', {}, zones, error) : error,
    /** @param {string | null} message */
    say(message) {
      element.setAttribute('aria-invalid', String(message !== null))
      fill(error, message)
    },
  }
}

function zoneList() {
  const zones = new Set([ownZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])
  return h('datalist', { id: 'zones' }, ...[...zones].map((zone) => h('option', { value: zone })))
}

/** @param {NightSpan[]} nights @param {string} zone */
function nightLines(nights, zone) {
  const usual = Math.max(...nights.map(length))
  return nights.map((night) => {
    const { opensAt, closesAt } = night
    const own = zone === ownZone ? null : h('small', { class: 'own' }, ` (${when(opensAt, ownZone)} for you)`)
    const moved = length(night) !== usual || offsetMoves(night, zone) ? h('b', {}, ' clocks change') : null
    return h(
      'li',
      {},
      `${dayOf(opensAt, zone)}, ${clockTime(opensAt, zone)}–${clockTime(closesAt, zone)}: ${lasting(length(night))}`,
      own,
      moved,
    )
  })
}

/** @param {NightSpan} night */
function length({ opensAt, closesAt }) {
  return Date.parse(closesAt) - Date.parse(opensAt)
}

/** @param {NightSpan} night @param {string} zone */
function offsetMoves({ opensAt, closesAt }, zone) {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' })
  const offset = (/** @type {string} */ at) =>
    format.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName')?.value
  return offset(opensAt) !== offset(closesAt)
}
