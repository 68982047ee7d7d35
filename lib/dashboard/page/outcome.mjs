import { h } from './element.mjs'
import { lasting, now } from './time.mjs'

/** @import { RunSummary } from '../histories' */
/** @import { Outcome } from '../../registry' */
/** @import { TaskRow } from '../board' */

/** @type {Record<Outcome, string>} */
export const outcomeWords = {
  completed: 'completed',
  failed: 'failed',
  stopped: 'stopped',
  'timed-out': 'timed out',
  'window-closed': 'cut off by the window',
  interrupted: 'interrupted',
}

/** @type {Outcome[]} */
const urgent = ['failed', 'timed-out', 'interrupted', 'window-closed']

/** @type {Record<string, string>} */
const signs = { completed: '✓', failed: '✕', stopped: '■', 'timed-out': '◷', 'window-closed': '◧', interrupted: '↯' }

/** @type {Record<RunSummary['trigger'], string>} */
export const triggerWords = { window: 'the window', 'start-all': 'start all', manual: 'by hand' }

/** How a run ended, or how many did so, as words, a sign and a colour. @param {Outcome | null} outcome @param {number} [count] */
export function outcomeChip(outcome, count) {
  const sign = h('span', { 'aria-hidden': 'true' }, `${outcome ? signs[outcome] : '●'}\u00a0`)
  const words = wordsOf(outcome)
  return h(
    'span',
    { class: 'chip', 'data-outcome': outcome ?? 'running' },
    sign,
    count === undefined ? words : `${count} ${words}`,
  )
}

/** @param {Outcome | null} outcome `null`: not yet */
export function wordsOf(outcome) {
  return outcome === null ? 'running' : outcomeWords[outcome]
}

/** How many runs ended how, what needs a look first. @param {readonly Pick<RunSummary, 'outcome'>[]} runs @returns {[Outcome | null, number][]} */
export function countsOf(runs) {
  const kinds = [...urgent, null, .../** @type {Outcome[]} */ (['stopped', 'completed'])]
  return kinds.flatMap((kind) => {
    const count = runs.filter(({ outcome }) => outcome === kind).length
    return count === 0 ? [] : [[kind, count]]
  })
}

/** @param {{ startedAt: string, endedAt: string | null }} run */
export function durationOf({ startedAt, endedAt }) {
  return Math.max(0, (endedAt === null ? now() : Date.parse(endedAt)) - Date.parse(startedAt))
}

/** @param {Pick<RunSummary, 'trigger' | 'by'>} run */
export function whoAsked({ trigger, by }) {
  return by === null ? triggerWords[trigger] : `${triggerWords[trigger]}, ${by}`
}

/**
 * How long a run will still take: by what it has done, else by how long it usually takes; `null` when neither tells.
 *
 * @param {TaskRow} task
 */
export function remaining({ state, progress = 0, lastRun, usualMs }) {
  if (state !== 'running' || !lastRun) return null
  const elapsed = durationOf(lastRun)
  if (progress >= 0.05) return leftWords((elapsed / progress) * (1 - progress))
  if (usualMs === null) return null
  return elapsed < usualMs ? leftWords(usualMs - elapsed) : `longer than its usual ${lasting(usualMs)}`
}

/** @param {number} ms */
function leftWords(ms) {
  return ms < 1_000 ? 'nearly done' : `about ${lasting(ms)} left`
}
