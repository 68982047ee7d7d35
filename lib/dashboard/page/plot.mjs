import { h, svg } from './element.mjs'
import { durationOf, wordsOf } from './outcome.mjs'
import { lasting, when } from './time.mjs'

/** @import { Outcome } from '../../registry' */

/** @typedef {{ startedAt: string, endedAt: string | null, outcome: Outcome | null }} Plotted */

const WIDTH = 600
const HEIGHT = 96
/** Where the bars stand. */
const GROUND = HEIGHT - 4
const TALLEST = GROUND - 4
/** How many of the newest runs are shown, and how few still take all of the width. */
const MOST = 50
const FEWEST = 14

/**
 * How long the runs of a task took, oldest on the left; `null`: there is nothing to compare.
 *
 * @param {readonly Plotted[]} runs newest first
 * @param {number | null} usualMs
 * @param {string} zone
 */
export function durationPlot(runs, usualMs, zone) {
  const ended = runs.filter(({ endedAt }) => endedAt !== null).slice(0, MOST)
  if (ended.length < 2) return null
  const words = plotWords(ended, usualMs, zone)
  return h(
    'figure',
    { class: 'plot' },
    svg(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': `Durations: ${words}`,
      },
      line('lane', GROUND),
      ...barsOf(ended.toReversed(), longestOf(ended), zone),
      usualLine(usualMs, longestOf(ended)),
    ),
    h('figcaption', { class: 'small' }, words),
  )
}

/** @param {readonly Plotted[]} runs */
function longestOf(runs) {
  return Math.max(...runs.map(durationOf), 1)
}

/** @param {readonly Plotted[]} runs @param {number | null} usualMs @param {string} zone */
function plotWords(runs, usualMs, zone) {
  const longest = runs.reduce((one, other) => (durationOf(other) > durationOf(one) ? other : one))
  const usual = usualMs === null ? '' : `, usually ${lasting(usualMs)}`
  return `${runs.length} runs, longest ${lasting(durationOf(longest))} (${when(longest.startedAt, zone)})${usual}`
}

/** @param {readonly Plotted[]} runs @param {number} most @param {string} zone */
function barsOf(runs, most, zone) {
  const step = WIDTH / Math.max(runs.length, FEWEST)
  return runs.map((run, index) => {
    const height = Math.max(3, (durationOf(run) / most) * TALLEST)
    const place = { x: (index + 0.15) * step, y: GROUND - height, width: step * 0.7, height, rx: 1 }
    const words = `${when(run.startedAt, zone)}: ${wordsOf(run.outcome)}, ${lasting(durationOf(run))}`
    return svg('rect', { 'data-outcome': run.outcome, ...place }, svg('title', {}, words))
  })
}

/** @param {number | null} usualMs @param {number} most */
function usualLine(usualMs, most) {
  if (usualMs === null || usualMs > most) return null
  return line('usual', GROUND - (usualMs / most) * TALLEST)
}

/** @param {string} name @param {number} y */
function line(name, y) {
  return svg('line', { class: name, 'vector-effect': 'non-scaling-stroke', x1: 0, x2: WIDTH, y1: y, y2: y })
}
