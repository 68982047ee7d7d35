import { fill, h } from './element.mjs'
import { draw } from './timeline.mjs'

/** @import { Past } from './past.mjs' */
/** @import { Store } from './store.mjs' */

/** The place of the timeline, as wide as the page lets it be. @param {Store} store @param {Past} past */
export function pictureOf(store, past) {
  const element = h('div', { class: 'picture' })
  return {
    element,
    update() {
      const width = Math.floor(element.clientWidth)
      const { timeline, isToday } = past
      if (!timeline || width === 0) return
      const { tasks } = store.board
      keepFocus(element, () => fill(element, draw({ timeline, tasks, zone: store.zone, isToday }, width)))
    },
  }
}

/** Draws anew without taking the focus from a bar. @param {Element} picture @param {() => void} redraw */
function keepFocus(picture, redraw) {
  const href = picture.contains(document.activeElement) ? document.activeElement?.getAttribute('href') : null
  redraw()
  if (href && !picture.contains(document.activeElement)) {
    for (const link of picture.querySelectorAll('a')) if (link.getAttribute('href') === href) link.focus()
  }
}
