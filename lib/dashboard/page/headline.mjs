import { fill, h, write } from './element.mjs'
import { clockTime, dayOf, ownZone, roughly, when } from './time.mjs'

/** @import { Past } from './past.mjs' */
/** @import { Store } from './store.mjs' */

/** What matters most, in two lines: when the window opens or closes, and what is on. @param {Store} store @param {Past} past */
export function headlineOf(store, past) {
  const headline = h('h2', { tabindex: '-1' })
  const subline = h('p', { class: 'small' })
  return {
    element: h('div', {}, headline, subline),
    headline,
    update() {
      write(headline, windowWords(store, past))
      fill(subline, past.isToday ? activityWords(store) : h('a', { href: '#/' }, 'Back to tonight'))
    },
  }
}

/** @param {Store} store @param {Past} past */
function windowWords({ board, zone }, { chosen }) {
  if (chosen) return `The night of ${dayOf(chosen.opensAt, zone)}`
  const { night, isOpen } = board
  if (isOpen) return `The window is open until ${clockTime(night.closesAt, zone)}`
  return `The window opens ${when(night.opensAt, zone)}, ${roughly(night.opensAt)}`
}

/** @param {Store} store */
function activityWords({ board, zone }) {
  const running = board.tasks.filter(({ state }) => state === 'running' || state === 'stopping').length
  const failed = board.tasks.filter(({ lastRun }) => lastRun?.outcome === 'failed').length
  const planned = board.tasks.filter(({ tonight }) => tonight && tonight.kind !== 'skip').length
  return [
    running === 0 ? 'nothing runs now' : running === 1 ? 'one task runs now' : `${running} tasks run now`,
    `${planned} of ${board.tasks.length} tasks are due ${board.isOpen ? 'tonight' : 'then'}`,
    ...(failed > 0 ? [`${failed} failed last time`] : []),
    `times in ${zone}${zone === ownZone ? '' : `; you are in ${ownZone}`}`,
  ].join(' · ')
}
