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

/** @type {Record<string, string>} */
const signs = { completed: '✓', failed: '✕', stopped: '■', 'timed-out': '⧗', 'window-closed': '◧', interrupted: '⚡' }

/** @type {Record<RunSummary['trigger'], string>} */
export const triggerWords = { window: 'the window', 'start-all': 'start all', manual: 'by hand' }

/** How a run ended, as a word, a sign and a colour. @param {Outcome | null} outcome */
export function outcomeChip(outcome) {
  const sign = h('span', { 'aria-hidden': 'true' }, outcome ? `${signs[outcome]} ` : '● ')
  return h(
    'span',
    { class: 'chip', 'data-outcome': outcome ?? 'running' },
    sign,
    outcome ? outcomeWords[outcome] : 'running',
  )
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
  if (progress >= 0.05) return `about ${lasting((elapsed / progress) * (1 - progress))} left`
  if (usualMs === null) return null
  return elapsed < usualMs ? `about ${lasting(usualMs - elapsed)} left` : `longer than its usual ${lasting(usualMs)}`
}
