import { runAddress, taskAddress } from './address.mjs'
import { fill, h } from './element.mjs'
import { durationOf, outcomeChip } from './outcome.mjs'
import { stateCell } from './state-cell.mjs'
import { switchOf } from './switch.mjs'
import { cell, rowOf } from './table.mjs'
import { taskButtons } from './task-buttons.mjs'
import { lasting, readable, roughly, timeIn } from './time.mjs'

/** @import { TaskRow } from '../board' */
/** @import { Store } from './store.mjs' */

/** What there is to know of a task in a line, and what there is to do. @param {TaskRow} task @param {Store} store */
export function taskRow({ name, title, description }, store) {
  const state = stateCell()
  const next = cell('Next')
  const last = cell('Last run')
  const toggle = switchOf(name, store)
  const buttons = store.mayOperate ? taskButtons(name, store) : null
  const link = h('a', { class: 'title', href: taskAddress(name) }, title ?? name)
  const element = rowOf(
    [link, h('span', { class: 'description' }, description ?? '')],
    state.element,
    next,
    last,
    cell('By itself', toggle.element),
    buttons && h('td', { role: 'cell', class: 'actions' }, buttons.element),
  )
  return {
    element,
    /** @param {TaskRow} task */
    update(task) {
      element.dataset.state = task.state
      state.update(task)
      fill(next, ...nextOf(task, store.zone))
      fill(last, ...lastOf(task, store.zone))
      toggle.update(task)
      buttons?.update(task)
    },
  }
}

/** @param {TaskRow} task @param {string} zone */
function nextOf({ enabled, scheduledFor, nextRun, tonight, state }, zone) {
  if (state === 'running' || state === 'stopping') return []
  const at = scheduledFor ?? nextRun
  const exact =
    at === undefined ? null : h('span', {}, timeIn(at, zone), ' ', h('span', { class: 'small whole' }, roughly(at)))
  const why = tonight && h('span', { class: 'small why' }, readable(tonight.sentence))
  return [enabled || at !== undefined ? exact : h('span', {}, 'Only by hand'), why]
}

/** @param {TaskRow} task @param {string} zone */
function lastOf({ name, lastRun }, zone) {
  if (!lastRun) return [h('span', { class: 'small' }, 'never ran')]
  const { id, outcome, error, startedAt } = lastRun
  const took = outcome === null ? 'since' : `${lasting(durationOf(lastRun))} ·`
  return [
    h('a', { class: 'plain', href: runAddress(name, id) }, outcomeChip(outcome)),
    h('span', { class: 'small' }, `${took} `, timeIn(startedAt, zone)),
    error && h('span', { class: 'small error', title: error }, error),
  ]
}
