import { h } from './element.mjs'
import { complain } from './say.mjs'

/** The way out, where the host has one. @param {string} at */
export function signOutButton(at) {
  async function signOut() {
    const answer = await fetch(at, { method: 'POST' }).catch(() => null)
    if (answer?.ok) location.reload()
    else complain('You could not be signed out; the server does not answer as it should.')
  }
  return h('button', { type: 'button', class: 'quiet', onclick: signOut }, 'Sign out')
}
