import { ask, Refusal } from './api.mjs'
import { fill, h } from './element.mjs'
import { nightLines } from './night-preview.mjs'
import { announce, complain, forgetComplaints } from './say.mjs'
import { fieldNames, windowField } from './window-field.mjs'

/** @import { MaintenanceWindow } from '../../engine/window' */
/** @import { Store } from './store.mjs' */

/** How long after a key the nights are asked for, in milliseconds. */
const TYPING_MS = 200

/** The window as it is typed, with the nights that it would have. */
export class WindowForm {
  #store
  #fields
  #nights = h('ol', { class: 'nights' })
  /** What has become of a change, and what somebody else has done meanwhile. */
  #news = h('div', { role: 'status' })
  /** The settings that the fields were filled from: a change is made from these. */
  #seen
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing

  /** @param {Store} store */
  constructor(store) {
    this.#store = store
    this.#seen = store.board.settings
    this.#fields = fieldNames.map((name) => windowField(name, store))
    const save = store.mayOperate && h('button', { type: 'submit', class: 'main' }, 'Save the window')
    this.element = h(
      'form',
      { novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#submit(event), oninput: () => this.#typed() },
      h('div', { class: 'fields' }, ...this.#fields.map(({ element }) => element)),
      this.#news,
      h('h3', {}, 'The next five nights'),
      this.#nights,
      save && h('p', { class: 'buttons' }, save),
    )
  }

  /** Shows the nights of the window as it is typed, or says at the field what is wrong with it. */
  async preview() {
    const asked = this.#query
    try {
      const { nights } = await ask(`GET api/nights/preview?${asked}`)
      if (asked !== this.#query) return
      this.#sayAtField(null)
      fill(this.#nights, ...nightLines(nights, this.#typedWindow.timeZone))
    } catch (error) {
      if (asked !== this.#query) return
      if (!this.#sayAtField(error)) throw error
      fill(this.#nights, h('li', { class: 'small' }, 'They are shown as soon as the window is one.'))
    }
  }

  /** Somebody else's change is shown at once where nothing is being typed; else one is told, and decides. */
  hearOthers() {
    const { settings } = this.#store.board
    if (settings.version === this.#seen.version) return
    const isSameWindow = fieldNames.every((name) => settings.window[name] === this.#seen.window[name])
    if (isSameWindow) this.#seen = settings
    else if (this.#isChanged) fill(this.#news, this.#conflict(settings.window))
    else this.#take()
  }

  close() {
    clearTimeout(this.#typing)
  }

  /** @returns {MaintenanceWindow} */
  get #typedWindow() {
    const [opensAt = '', closesAt = '', timeZone = ''] = this.#fields.map(({ input }) => input.value.trim())
    return { opensAt, closesAt, timeZone }
  }

  get #query() {
    return String(new URLSearchParams({ ...this.#typedWindow }))
  }

  get #isChanged() {
    return fieldNames.some((name) => this.#typedWindow[name] !== this.#seen.window[name])
  }

  #typed() {
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => this.preview().catch(complain), TYPING_MS)
  }

  /** Says what is wrong where it is wrong; whether it is something about the window. @param {unknown} error */
  #sayAtField(error) {
    const message = error instanceof Refusal && error.code === 'BUTLER_INVALID_WINDOW' ? error.message : null
    for (const field of this.#fields) field.say(message)
    return message !== null
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault()
    forgetComplaints()
    try {
      this.#seen = await ask('PATCH api/settings', { body: { window: this.#typedWindow }, seen: this.#seen.version })
      this.#store.hear('settings', this.#seen)
      announce('The window has been saved.')
      fill(this.#news, h('p', { class: 'good' }, 'Saved.'))
    } catch (error) {
      if (error instanceof Refusal && error.status === 412) await this.#store.load().catch(complain)
      else if (this.#sayAtField(error)) this.#focusOnWrong()
      else complain(error)
    }
  }

  #focusOnWrong() {
    const wrong = this.#fields.find(({ input }) => input.ariaInvalid === 'true') ?? this.#fields[0]
    wrong?.input.focus()
  }

  /** Fills the fields with what holds. */
  #take() {
    this.#seen = this.#store.board.settings
    for (const { name, input } of this.#fields) input.value = this.#seen.window[name]
    fill(this.#news)
    this.preview().catch(complain)
  }

  /** What is typed may then overwrite what holds. */
  #keep() {
    this.#seen = this.#store.board.settings
    fill(this.#news, h('p', {}, 'Save to put yours in place of theirs.'))
  }

  /** @param {MaintenanceWindow} theirs */
  #conflict({ opensAt, closesAt, timeZone }) {
    const words = `Somebody else has changed the settings meanwhile; the window is now ${opensAt} to ${closesAt}, ${timeZone}. Nothing of yours was saved. `
    const take = h('button', { type: 'button', onclick: () => this.#take() }, 'Take theirs')
    const keep = h('button', { type: 'button', onclick: () => this.#keep() }, 'Keep mine')
    return h('div', { class: 'notice' }, h('p', {}, words), h('p', { class: 'buttons' }, take, keep))
  }
}
