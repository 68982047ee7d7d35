import { ask } from './api.mjs'
import { confirmed } from './confirm.mjs'
import { h } from './element.mjs'
import { announce, complain } from './say.mjs'
import { readable, timeIn } from './time.mjs'

/** @import { Decision } from '../../engine/plan' */
/** @import { TaskRow } from '../board' */
/** @import { Store } from './store.mjs' */

/** Start all, and stop all: each shows what it would do, and does it only then. @param {Store} store */
export function allButtons(store) {
  return h(
    'p',
    { class: 'buttons' },
    h('button', { type: 'button', onclick: () => startAll(store).catch(complain) }, 'Start all…'),
    h('button', { type: 'button', class: 'stop', onclick: () => stopAll(store).catch(complain) }, 'Stop all…'),
  )
}

/** @param {Store} store */
async function startAll(store) {
  const { decisions } = await ask('GET api/plan')
  const acts = actsIn(decisions)
  const yes = acts.length > 0 ? `Start ${acts.length}` : null
  if (!(await confirmed('Start all that is due?', planLines(decisions, store), yes))) return
  const plan = await ask('POST api/tasks')
  announce(`${actsIn(plan.decisions).length} tasks were started or scheduled.`)
}

/** @param {Decision[]} decisions */
function actsIn(decisions) {
  return decisions.filter(({ kind }) => kind !== 'skip')
}

/** @param {Decision[]} decisions @param {Store} store */
function planLines(decisions, store) {
  const acts = actsIn(decisions).map((decision) => decisionLine(decision, store))
  const rests = decisions.filter(({ kind }) => kind === 'skip').map((decision) => decisionLine(decision, store))
  const isEmpty = acts.length === 0
  return [
    isEmpty ? h('p', {}, 'There is nothing to start: every task rests, or runs already.') : h('ul', {}, ...acts),
    rests.length > 0 &&
      h('details', { open: isEmpty }, h('summary', {}, `${rests.length} are left alone`), h('ul', {}, ...rests)),
  ]
}

/** @param {Decision} decision @param {Store} store */
function decisionLine({ task, kind, reason, sentence }, store) {
  // The moment in the plan is a sample: another one is drawn when it is carried out.
  const words =
    reason === 'random-instant' ? 'Is scheduled for a random moment of what is left of the window.' : readable(sentence)
  return h('li', { 'data-kind': kind }, h('b', {}, store.task(task)?.title ?? task), ' ', words)
}

/** @param {Store} store */
async function stopAll(store) {
  const active = store.board.tasks.filter(({ state }) => state !== 'idle')
  const isEmpty = active.length === 0
  const lines = active.map((task) => stopLine(task, store.zone))
  const body = isEmpty ? h('p', {}, 'Nothing runs, and nothing waits.') : h('ul', {}, ...lines)
  if (!(await confirmed('Stop all?', [body], isEmpty ? null : `Stop ${active.length}`))) return
  await ask('DELETE api/tasks')
  announce('All that ran was asked to stop, and all that waited was taken off.')
}

/** @param {TaskRow} task @param {string} zone */
function stopLine({ name, title, state, scheduledFor }, zone) {
  const isActive = state === 'running' || state === 'stopping'
  return h(
    'li',
    {},
    h('b', {}, title ?? name),
    ' ',
    isActive ? 'is asked to stop.' : 'is taken off the schedule',
    scheduledFor ? ', ' : '',
    scheduledFor ? timeIn(scheduledFor, zone) : '',
  )
}
