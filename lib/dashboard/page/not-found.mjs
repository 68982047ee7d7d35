import { h } from './element.mjs'

/** @param {HTMLElement} headline @param {string} words */
export function notFound(headline, words) {
  const element = h(
    'section',
    { class: 'panel', 'aria-label': 'Not found' },
    headline,
    h('p', {}, words, ' ', h('a', { href: '#/' }, 'Back to tonight')),
  )
  return { element, headline, title: 'Not found', ready: Promise.resolve(), close() {} }
}
