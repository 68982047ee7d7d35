import { nightAddress } from './address.mjs'
import { fill, h } from './element.mjs'
import { countsOf, wordsOf } from './outcome.mjs'
import { dayOf } from './time.mjs'

/** @import { NightWithRuns } from '../nights' */
/** @import { RunSummary } from '../histories' */
/** @import { Past } from './past.mjs' */
/** @import { Store } from './store.mjs' */

/** How many runs of a night get a dot; its words count all. */
const MOST_DOTS = 24

/** The last fourteen nights, oldest first: links to look back. @param {Store} store @param {Past} past */
export function fortnightOf(store, past) {
  const element = h('ol', { class: 'fortnight' })
  return {
    element,
    update() {
      const items = past.nights.toReversed().map((night) => nightItem(night, store.zone, night === past.chosen))
      fill(element, ...items)
    },
  }
}

/** @param {NightWithRuns} night @param {string} zone @param {boolean} isChosen */
function nightItem(night, zone, isChosen) {
  const words = nightWords(night)
  const isEmpty = night.runs.length === 0
  const [weekday, ...day] = dayOf(night.opensAt, zone).split(' ')
  const link = h(
    'a',
    { href: nightAddress(night.date), title: words, 'aria-current': isChosen && 'date' },
    h('span', { class: 'weekday' }, weekday),
    h('span', { class: 'date' }, day[0] ?? '', h('span', { class: 'month' }, ` ${day[1]}`)),
    h('span', { class: 'unseen' }, words),
    h(
      'span',
      { class: 'dots', 'aria-hidden': 'true' },
      ...night.runs.slice(0, MOST_DOTS).map(dotOf),
      isEmpty && (night.isKnown ? '–' : '?'),
    ),
  )
  return h('li', {}, link)
}

/** @param {RunSummary} run */
function dotOf({ outcome }) {
  return h('i', { class: 'dot', 'data-outcome': outcome ?? 'running' })
}

/** @param {NightWithRuns} night */
function nightWords({ opensAt, closesAt, runs, isKnown }) {
  if (runs.length === 0 && !isKnown) return 'nothing is known of this night'
  const hours = (Date.parse(closesAt) - Date.parse(opensAt)) / 3_600_000
  const counts = countsOf(runs).map(([outcome, count]) => `${count} ${wordsOf(outcome)}`)
  return `${counts.join(', ') || 'nothing ran'}; the window was open for ${Number(hours.toFixed(2))} hours`
}
