import { h } from './element.mjs'

// Roles are told because a narrow page lays tables out as blocks, which would take them away.

/** @param {string[]} heads @param {HTMLElement} body @param {{ class?: string, caption?: string }} [more] */
export function tableOf(heads, body, { class: className, caption } = {}) {
  const columns = heads.map((head) => h('th', { scope: 'col', role: 'columnheader' }, head))
  return h(
    'table',
    { class: className, role: 'table' },
    caption && h('caption', { class: 'unseen' }, caption),
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...columns)),
    body,
  )
}

/** @param {...HTMLElement} rows */
export function tableBody(...rows) {
  return h('tbody', { role: 'rowgroup' }, ...rows)
}

/** @param {(Node | null)[]} heading what the row is about @param {...(HTMLElement | null)} cells */
export function rowOf(heading, ...cells) {
  return h('tr', { role: 'row' }, h('th', { scope: 'row', role: 'rowheader' }, ...heading), ...cells)
}

/** @param {string} head of its column, which a narrow page shows in the cell @param {...(Node | string)} children */
export function cell(head, ...children) {
  return h('td', { role: 'cell', 'data-head': head }, ...children)
}
