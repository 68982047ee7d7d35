import { taskAddress } from './address.mjs'
import { ask, taskPath } from './api.mjs'
import { fill, h } from './element.mjs'
import { durationOf, outcomeChip, whoAsked } from './outcome.mjs'
import { complain } from './say.mjs'
import { clockSecond, exactly, lasting, timeIn } from './time.mjs'

/** @import { Run } from '../../engine/run' */
/** @import { Store } from './store.mjs' */

/** One run, with what it wrote. @param {Store} store @param {string} name @param {string} id */
export function runView(store, name, id) {
  const title = store.task(name)?.title ?? name
  const headline = h('h2', { tabindex: '-1' }, `${title}, one run`)
  const facts = h('dl')
  const log = h('div')
  async function load() {
    /** @type {Run} */
    const run = await ask(`GET ${taskPath(name)}/runs/${encodeURIComponent(id)}`)
    fill(facts, ...factsOf(run, store.zone))
    fill(log, run.log.length === 0 ? h('p', { class: 'small' }, 'It wrote nothing.') : logList(run, store.zone))
  }

  /** @param {string} kind @param {any} data */
  function hear(kind, data) {
    const isOurs = (kind === 'run' && data.id === id) || (kind === 'log' && data.runId === id)
    if (isOurs || kind === 'board' || (kind === 'task' && data.lastRun?.id === id)) load().catch(complain)
  }

  store.listeners.add(hear)
  const close = () => void store.listeners.delete(hear)
  return { element: layout(headline, name, facts, log), headline, title: `${title}, one run`, ready: load(), close }
}

/** @param {HTMLElement} headline @param {string} name @param {HTMLElement} facts @param {HTMLElement} log */
function layout(headline, name, facts, log) {
  const all = h('p', { class: 'small' }, h('a', { href: taskAddress(name) }, '← All its runs'))
  return h(
    'div',
    {},
    h('section', { class: 'panel', 'aria-label': 'The run' }, all, headline, facts),
    h('section', { class: 'panel', 'aria-labelledby': 'log' }, h('h3', { id: 'log' }, 'Log'), log),
  )
}

/** @param {Run} run @param {string} zone */
function factsOf(run, zone) {
  const { startedAt, endedAt, outcome, error, progress, progressMessage, result } = run
  /** @type {[string, Node | string | null][]} */
  const facts = [
    ['Outcome', outcomeChip(outcome)],
    ['Asked by', whoAsked(run)],
    ['Started', timeIn(startedAt, zone, exactly)],
    ['Ended', endedAt === null ? null : timeIn(endedAt, zone, exactly)],
    ['Took', lasting(durationOf(run))],
    [
      'Progress',
      progress === null || outcome === 'completed' ? null : `${Math.round(progress * 100)} % ${progressMessage ?? ''}`,
    ],
    [
      'Error',
      error && h('span', { class: 'error' }, [error.name, error.code].filter(Boolean).join(' '), ': ', error.message),
    ],
    ['Result', result === null ? null : h('pre', { tabindex: '0' }, JSON.stringify(result, null, 2))],
  ]
  return facts.flatMap(([name, value]) => (value === null ? [] : [h('dt', {}, name), h('dd', {}, value)]))
}

/** @param {Run} run @param {string} zone */
function logList({ log }, zone) {
  const lines = log.map(({ at, message }) =>
    h('li', {}, h('time', { datetime: at, title: exactly(at, zone) }, clockSecond(at, zone)), h('span', {}, message)),
  )
  return h('ol', { class: 'log', tabindex: '0', 'aria-label': 'Log lines, oldest first' }, ...lines)
}
