import { h } from './element.mjs'
import { clockTime, dayOf, lasting, ownZone, when } from './time.mjs'

/** @import { NightSpan } from '../nights' */

/** The nights that a window would have, a line each. @param {NightSpan[]} nights @param {string} zone */
export function nightLines(nights, zone) {
  const usual = Math.max(...nights.map(length))
  return nights.map((night) => {
    const { opensAt, closesAt } = night
    const isOdd = length(night) !== usual || offsetMoves(night, zone)
    return h(
      'li',
      {},
      `${dayOf(opensAt, zone)}, ${clockTime(opensAt, zone)}–${clockTime(closesAt, zone)}: ${lasting(length(night))}`,
      zone === ownZone ? null : h('small', { class: 'own' }, ` (${when(opensAt, ownZone)} for you)`),
      isOdd && h('b', {}, ' clocks change'),
    )
  })
}

/** @param {NightSpan} night */
function length({ opensAt, closesAt }) {
  return Date.parse(closesAt) - Date.parse(opensAt)
}

/** @param {NightSpan} night @param {string} zone */
function offsetMoves({ opensAt, closesAt }, zone) {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' })
  const offset = (/** @type {string} */ at) =>
    format.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName')?.value
  return offset(opensAt) !== offset(closesAt)
}
