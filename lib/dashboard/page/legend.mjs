import { h } from './element.mjs'
import { outcomeWords } from './outcome.mjs'

/** What the colours mean. */
export function legend() {
  /** @param {string} outcome @param {string} words */
  const item = (outcome, words) =>
    h('li', {}, h('i', { class: 'swatch', 'data-outcome': outcome, 'aria-hidden': 'true' }), words)
  const outcomes = Object.entries(outcomeWords).map(([outcome, words]) => item(outcome, words))
  return h(
    'ul',
    { class: 'legend', 'aria-label': 'Colours' },
    ...outcomes,
    item('running', 'running'),
    item('mark', 'scheduled'),
    item('maybe', 'some time in the window'),
    item('band', 'the window'),
  )
}
