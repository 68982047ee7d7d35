import { byId, h } from './element.mjs'
import { historyView } from './history.mjs'
import { homeView } from './home.mjs'
import { Live } from './live.mjs'
import { notFound } from './not-found.mjs'
import { runView } from './run.mjs'
import { announce, complain, forgetComplaints } from './say.mjs'
import { settingsView } from './settings.mjs'
import { signOutButton } from './sign-out.mjs'
import { Store } from './store.mjs'

/**
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {HTMLElement} headline
 * @property {string} title
 * @property {Promise<unknown>} ready
 * @property {() => void} close
 */

const store = new Store()
const siteTitle = document.title
/** @type {View | null} */
let view = null

/** @returns {View} */
function viewOf() {
  const [room, name, kind, id] = location.hash.replace(/^#\/?/, '').split('/').map(decoded)
  if (!room) return homeView(store)
  if (room === 'nights' && name) return homeView(store, name)
  if (room === 'tasks' && name && kind === 'runs' && id) return runView(store, name, id)
  if (room === 'tasks' && name) return historyView(store, name)
  if (room === 'settings') return settingsView(store)
  return notFound(h('h2', { tabindex: '-1' }, 'Not found'), 'There is nothing at this address.')
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** @param {boolean} [isFirst] whoever has just come starts at the top, not at the heading */
function show(isFirst) {
  view?.close()
  forgetComplaints()
  view = viewOf()
  byId('main').replaceChildren(view.element)
  view.ready.catch(complain)
  document.title = `${view.title} · ${siteTitle}`
  for (const link of document.querySelectorAll('nav a')) {
    const href = link.getAttribute('href')
    const isHere = (href === '#/settings') === location.hash.startsWith('#/settings')
    // A task, a run and a night are found below tonight, and are not it.
    if (isHere) link.setAttribute('aria-current', href === (location.hash || '#/') ? 'page' : 'true')
    else link.removeAttribute('aria-current')
  }
  if (!isFirst) view.headline.focus()
}

/** Failures are worth a word to those who only listen; that all is well is not. @param {string} kind @param {any} data */
function tellFailures(kind, data) {
  if (kind !== 'run' || data.outcome === null || data.outcome === 'completed') return
  announce(`${store.task(data.task)?.title ?? data.task}: ${data.outcome}.`)
}

/** Reads the state, and shows it when it is the first. */
async function load() {
  try {
    const couldOperate = store.mayOperate
    const position = await store.load()
    if (view === null) begin()
    // Buttons come and go with the right to press them.
    else if (store.mayOperate !== couldOperate) location.reload()
    return position
  } catch (error) {
    if (view === null) complain(error)
    throw error
  }
}

function begin() {
  if (store.signOutAt !== null) byId('line').after(signOutButton(store.signOutAt))
  store.listeners.add(tellFailures)
  show(true)
  window.addEventListener('hashchange', () => show())
}

byId('skip').addEventListener('click', () => byId('main').focus())
void new Live(load, (kind, data) => store.hear(kind, data), complain).start()
