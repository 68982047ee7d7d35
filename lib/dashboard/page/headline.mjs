import { nightAddress } from './address.mjs'
import { fill, h, write } from './element.mjs'
import { countsOf, outcomeChip } from './outcome.mjs'
import { clockTime, dayOf, ownZone, roughly, when } from './time.mjs'

/** @import { Past } from './past.mjs' */
/** @import { Store } from './store.mjs' */

/** What matters most, in two lines: when the window opens or closes, and what is on. @param {Store} store @param {Past} past */
export function headlineOf(store, past) {
  const headline = h('h2', { tabindex: '-1' })
  const subline = h('p', { class: 'small' })
  const verdict = h('p', { class: 'verdict' })
  return {
    element: h('div', {}, headline, subline, verdict),
    headline,
    update() {
      write(headline, windowWords(store, past))
      fill(subline, past.isToday ? activityWords(store) : h('a', { href: '#/' }, 'Back to tonight'))
      fill(verdict, ...verdictOf(store, past))
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
  const due = board.tasks.filter(({ tonight }) => tonight && tonight.kind !== 'skip').length
  const waiting = board.tasks.filter(({ state }) => state === 'scheduled' || state === 'queued').length
  return [
    running === 0 ? 'nothing runs now' : running === 1 ? 'one task runs now' : `${running} tasks run now`,
    board.isOpen
      ? `${waiting || 'nothing'} still to come tonight`
      : `${due} of ${board.tasks.length} tasks are due then`,
    ...(board.isOpen && due > 0 ? [`${due} did not complete`] : []),
    ...(failed > 0 ? [`${failed} failed last time`] : []),
    `times in ${zone}${zone === ownZone ? '' : `; you are in ${ownZone}`}`,
  ].join(' · ')
}

/** How the newest night went, or the one that is looked back on: what an operator wants to know in the morning. @param {Store} store @param {Past} past */
function verdictOf({ board }, { chosen, nights, isToday }) {
  const night = isToday ? nights[0] : chosen
  if (!night) return []
  const counts = countsOf(night.runs)
  const chips = counts.flatMap(([outcome, count]) => [' ', outcomeChip(outcome, count)])
  const name = !isToday ? 'That night' : board.isOpen ? 'Tonight so far' : 'Last night'
  return [
    isToday ? h('a', { href: nightAddress(night.date) }, name) : name,
    ...(counts.length > 0 ? chips : [night.isKnown ? '· nothing ran' : '· nothing is known of it']),
  ]
}
