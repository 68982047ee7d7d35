import { byId, h } from './element.mjs'

/** Says something to those who listen to the page instead of looking at it. Politely, and seldom: never progress. @param {string} text */
export function announce(text) {
  const announcer = byId('announcer')
  announcer.textContent = announcer.textContent === text ? `${text} ` : text
}

/** Shows what went wrong until somebody has seen it. What is shown already is not said again. @param {unknown} error */
export function complain(error) {
  const message = error instanceof Error ? error.message : String(error)
  if (byId('notices').querySelector('p')?.textContent === message) return
  const close = h('button', { type: 'button', class: 'quiet', onclick: () => notice.remove() }, 'Close')
  const notice = h('div', { class: 'notice' }, h('p', {}, message), close)
  byId('notices').replaceChildren(notice)
}

export function forgetComplaints() {
  byId('notices').replaceChildren()
}
