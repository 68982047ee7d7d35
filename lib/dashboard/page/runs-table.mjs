import { runAddress } from './address.mjs'
import { h } from './element.mjs'
import { durationOf, outcomeChip, whoAsked } from './outcome.mjs'
import { cell, rowOf, tableBody, tableOf } from './table.mjs'
import { lasting, timeIn } from './time.mjs'

/** @import { Run } from '../../engine/run' */

/** A run as the API lists it: how many lines it wrote instead of the lines. @typedef {Omit<Run, 'log'> & { lines: number }} ListedRun */

/** @param {ListedRun[]} runs newest first @param {string} zone */
export function runsTable(runs, zone) {
  const heads = ['Started', 'Asked by', 'Outcome', 'Took', 'Error', 'Log']
  return tableOf(heads, tableBody(...runs.map((run) => runRow(run, zone))))
}

/** @param {ListedRun} run @param {string} zone */
function runRow(run, zone) {
  return rowOf(
    [h('a', { href: runAddress(run.task, run.id) }, timeIn(run.startedAt, zone))],
    cell('Asked by', whoAsked(run)),
    cell('Outcome', outcomeChip(run.outcome)),
    cell('Took', lasting(durationOf(run))),
    cell('Error', run.error ? h('span', { class: 'error' }, run.error.message) : ''),
    cell('Log', run.lines === 0 ? '' : `${run.lines} ${run.lines === 1 ? 'line' : 'lines'}`),
  )
}
