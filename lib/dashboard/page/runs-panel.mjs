import { ask, taskPath } from './api.mjs'
import { fill, h } from './element.mjs'
import { outcomeWords } from './outcome.mjs'
import { durationPlot } from './plot.mjs'
import { runsTable } from './runs-table.mjs'
import { complain } from './say.mjs'

/** @import { ListedRun } from './runs-table.mjs' */
/** @import { Store } from './store.mjs' */

/** The kept runs of a task: how long they took, and how each ended. @param {string} name @param {Store} store */
export function runsPanel(name, store) {
  const plot = h('div')
  const runs = h('div')
  const filter = outcomeFilter(() => load().catch(complain))
  const head = h(
    'div',
    { class: 'row' },
    h('h3', { id: 'runs' }, 'Runs'),
    h('p', {}, h('label', { for: filter.id }, 'Outcome '), filter),
  )

  async function load() {
    const query = filter.value ? `?outcome=${filter.value}` : ''
    /** @type {{ runs: ListedRun[], kept: number }} */
    const told = await ask(`GET ${taskPath(name)}/runs${query}`)
    fill(plot, durationPlot(told.runs, store.task(name)?.usualMs ?? null, store.zone))
    const nothing = told.kept === 0 ? 'It never ran.' : 'None of the kept runs ended so.'
    fill(runs, told.runs.length === 0 ? h('p', { class: 'small' }, nothing) : runsTable(told.runs, store.zone))
  }

  return { element: h('section', { class: 'panel wide', 'aria-labelledby': 'runs' }, head, plot, runs), load }
}

/** @param {() => void} onchange */
function outcomeFilter(onchange) {
  const outcomes = Object.entries(outcomeWords).map(([value, words]) => h('option', { value }, words))
  return h('select', { id: 'outcome', onchange }, h('option', { value: '' }, 'all'), ...outcomes)
}
