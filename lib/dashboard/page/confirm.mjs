import { h } from './element.mjs'

/**
 * Shows what would be done, and asks whether to. Escape, and closing it, mean no.
 *
 * @param {string} title
 * @param {(Node | string | null | false)[]} body
 * @param {string | null} yes `null`: there is nothing to do
 * @returns {Promise<boolean>}
 */
export function confirmed(title, body, yes) {
  const cancel = h(
    'button',
    { type: 'button', class: 'quiet', onclick: () => dialog.close('') },
    yes === null ? 'Close' : 'Cancel',
  )
  const go = yes !== null && h('button', { type: 'button', class: 'main', onclick: () => dialog.close('yes') }, yes)
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'dialog-title' },
    h('h2', { id: 'dialog-title' }, title),
    ...body,
    h('p', { class: 'buttons' }, go, cancel),
  )
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'yes')
      dialog.remove()
    })
  })
}
