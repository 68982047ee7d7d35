import { allButtons } from './all-tasks.mjs'
import { h } from './element.mjs'
import { fortnightOf } from './fortnight.mjs'
import { oncePerFrame } from './frame.mjs'
import { headlineOf } from './headline.mjs'
import { legend } from './legend.mjs'
import { Past } from './past.mjs'
import { pictureOf } from './picture.mjs'
import { complain } from './say.mjs'
import { tasksTable } from './tasks-table.mjs'

/** @import { RunSummary } from '../histories' */
/** @import { Store } from './store.mjs' */

/** What runs now, what ran and what will: the first screen. @param {Store} store @param {string} [night] a night to look back on, by its date */
export function homeView(store, night) {
  const past = new Past(night)
  const parts = {
    headline: headlineOf(store, past),
    picture: pictureOf(store, past),
    fortnight: fortnightOf(store, past),
    table: tasksTable(store),
  }
  const redraw = oncePerFrame(() => {
    for (const part of [parts.headline, parts.fortnight, parts.picture]) part.update()
  })
  const load = () => past.load().then(redraw)
  const forget = follow(store, { past, load, redraw, ...parts })
  redraw()
  return {
    element: layout(store, parts),
    headline: parts.headline.headline,
    title: night ?? 'Tonight',
    ready: load(),
    close: forget,
  }
}

/**
 * @typedef {object} Parts
 * @property {ReturnType<typeof headlineOf>} headline
 * @property {ReturnType<typeof pictureOf>} picture
 * @property {ReturnType<typeof fortnightOf>} fortnight
 * @property {ReturnType<typeof tasksTable>} table
 */

/** @param {Store} store @param {Parts} parts */
function layout(store, { headline, picture, fortnight, table }) {
  const top = h('div', { class: 'row' }, headline.element, store.mayOperate && allButtons(store))
  return h(
    'div',
    {},
    h('section', { class: 'panel', 'aria-label': 'Tonight' }, top, picture.element, legend()),
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'nights' },
      h('h3', { id: 'nights' }, 'The last fortnight'),
      fortnight.element,
    ),
    h('section', { class: 'panel wide', 'aria-labelledby': 'tasks' }, h('h3', { id: 'tasks' }, 'Tasks'), table.element),
  )
}

/**
 * Keeps all of it up to date with what happens, with time, and with the width of the page; returns what ends that.
 *
 * @param {Store} store
 * @param {Parts & { past: Past, load: () => Promise<void>, redraw: () => void }} view
 */
function follow(store, { past, load, redraw, picture, table }) {
  /** @param {string} kind @param {any} data */
  function hear(kind, data) {
    if (kind === 'task') table.update(data.name)
    if (kind === 'settings' || kind === 'board') table.update()
    if (kind === 'run') past.hear(/** @type {RunSummary} */ (data))
    if (kind === 'night' || kind === 'settings' || kind === 'board') load().catch(complain)
    redraw()
  }
  const size = new ResizeObserver(redraw)
  const minute = setInterval(() => load().catch(() => {}), 60_000)
  const second = setInterval(() => table.update(), 1_000)
  size.observe(picture.element)
  store.listeners.add(hear)
  return () => {
    size.disconnect()
    clearInterval(minute)
    clearInterval(second)
    store.listeners.delete(hear)
  }
}
