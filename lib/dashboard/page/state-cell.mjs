import { h, write } from './element.mjs'
import { remaining } from './outcome.mjs'
import { cell } from './table.mjs'

/** @import { TaskRow } from '../board' */

const stateWords = {
  idle: 'resting',
  scheduled: 'scheduled',
  queued: 'waiting',
  running: 'running',
  stopping: 'stopping',
}

/** What it does now; only what changes is written, since it may change four times a second. */
export function stateCell() {
  const chip = h('span', { class: 'chip' })
  const bar = h('progress', { max: 1, 'aria-label': 'Progress' })
  const message = h('span', { class: 'small' })
  const element = cell('State', chip, bar, message)
  /** @param {TaskRow} task */
  function update(task) {
    const { state, progress, progressMessage } = task
    const isActive = state === 'running' || state === 'stopping'
    chip.dataset.state = state
    write(chip, stateWords[state])
    bar.hidden = !isActive
    if (isActive && progress !== undefined) bar.value = progress
    else if (bar.hasAttribute('value')) bar.removeAttribute('value')
    const percent = progress === undefined ? null : `${Math.round(progress * 100)} %`
    write(message, isActive ? [percent, progressMessage, remaining(task)].filter(Boolean).join(' · ') : '')
  }
  return { element, update }
}
