import { ask, taskPath } from './api.mjs'
import { fill, h } from './element.mjs'
import { durationOf, outcomeChip, outcomeWords, whoAsked } from './outcome.mjs'
import { durationPlot } from './plot.mjs'
import { complain } from './say.mjs'
import { switchOf, taskButtons } from './tasks.mjs'
import { clockTime, exactly, lasting, timeIn } from './time.mjs'
import { runAddress } from './timeline.mjs'

/** @import { Run } from '../../engine/run' */
/** @import { Store } from './store.mjs' */

/** @typedef {Omit<Run, 'log'> & { lines: number }} Listed */

/** The kept runs of one task. @param {Store} store @param {string} name */
export function historyView(store, name) {
  const task = store.task(name)
  const headline = h('h2', { tabindex: '-1' }, task?.title ?? name)
  if (!task) return { ...notFound(headline, `No task is called “${name}”.`), title: name }
  const sentence = h('p')
  const plot = h('div')
  const runs = h('div')
  const filter = h(
    'select',
    { id: 'outcome', onchange: () => load().catch(complain) },
    h('option', { value: '' }, 'all'),
    ...Object.entries(outcomeWords).map(([value, words]) => h('option', { value }, words)),
  )
  const buttons = store.mayOperate ? taskButtons(name, store) : null
  const toggle = switchOf(name, store)
  const element = h(
    'div',
    {},
    h(
      'section',
      { class: 'panel', 'aria-label': 'The task' },
      h(
        'div',
        { class: 'row' },
        h('div', {}, headline, h('p', { class: 'small' }, task.description ?? '')),
        buttons?.element ?? null,
      ),
      sentence,
      h('label', { class: 'inline' }, toggle.element, ' runs by itself'),
    ),
    h(
      'section',
      { class: 'panel wide', 'aria-labelledby': 'runs' },
      h(
        'div',
        { class: 'row' },
        h('h3', { id: 'runs' }, 'Runs'),
        h('p', {}, h('label', { for: 'outcome' }, 'Outcome '), filter),
      ),
      plot,
      runs,
    ),
  )

  async function load() {
    const query = filter.value ? `?outcome=${filter.value}` : ''
    /** @type {{ runs: Listed[], kept: number }} */
    const told = await ask(`GET ${taskPath(name)}/runs${query}`)
    fill(plot, durationPlot(told.runs, store.task(name)?.usualMs ?? null, store.zone))
    fill(
      runs,
      told.runs.length === 0
        ? h('p', { class: 'small' }, told.kept === 0 ? 'It never ran.' : 'None of the kept runs ended so.')
        : runsTable(told.runs, store.zone),
    )
  }

  function update() {
    const row = store.task(name)
    if (!row) return
    fill(sentence, row.tonight?.sentence)
    buttons?.update(row)
    toggle.update(row)
  }

  /** @param {string} kind @param {any} data */
  function hear(kind, data) {
    update()
    if ((kind === 'run' && data.task === name) || kind === 'board') load().catch(complain)
  }

  store.listeners.add(hear)
  update()
  return { element, headline, title: task.title ?? name, ready: load(), close: () => void store.listeners.delete(hear) }
}

/** @param {Listed[]} runs @param {string} zone */
function runsTable(runs, zone) {
  const heads = ['Started', 'Asked by', 'Outcome', 'Took', 'Error', 'Log']
  const rows = runs.map((run) =>
    h(
      'tr',
      { role: 'row' },
      h(
        'th',
        { scope: 'row', role: 'rowheader' },
        h('a', { href: runAddress(run.task, run.id) }, timeIn(run.startedAt, zone)),
      ),
      cell('Asked by', whoAsked(run)),
      cell('Outcome', outcomeChip(run.outcome)),
      cell('Took', lasting(durationOf(run))),
      cell('Error', run.error ? h('span', { class: 'error' }, run.error.message) : ''),
      cell('Log', run.lines === 0 ? '' : `${run.lines} ${run.lines === 1 ? 'line' : 'lines'}`),
    ),
  )
  return h(
    'table',
    { role: 'table' },
    h(
      'thead',
      { role: 'rowgroup' },
      h('tr', { role: 'row' }, ...heads.map((head) => h('th', { scope: 'col', role: 'columnheader' }, head))),
    ),
    h('tbody', { role: 'rowgroup' }, ...rows),
  )
}

/** @param {string} head @param {Node | string} child */
function cell(head, child) {
  return h('td', { role: 'cell', 'data-head': head }, child)
}

/** One run, with what it wrote. @param {Store} store @param {string} name @param {string} id */
export function runView(store, name, id) {
  const title = store.task(name)?.title ?? name
  const headline = h('h2', { tabindex: '-1' }, `${title}, one run`)
  const facts = h('dl')
  const log = h('div')
  const element = h(
    'div',
    {},
    h(
      'section',
      { class: 'panel', 'aria-label': 'The run' },
      headline,
      h('p', {}, h('a', { href: `#/tasks/${encodeURIComponent(name)}` }, 'All its runs')),
      facts,
    ),
    h('section', { class: 'panel', 'aria-labelledby': 'log' }, h('h3', { id: 'log' }, 'Log'), log),
  )

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
  return {
    element,
    headline,
    title: `${title}, one run`,
    ready: load(),
    close: () => void store.listeners.delete(hear),
  }
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
    h('li', {}, h('time', { datetime: at, title: exactly(at, zone) }, clockTime(at, zone)), ' ', message),
  )
  return h('ol', { class: 'log', tabindex: '0', 'aria-label': 'Log lines, oldest first' }, ...lines)
}

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
