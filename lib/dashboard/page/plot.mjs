import { h, svg } from './element.mjs'
import { durationOf } from './outcome.mjs'
import { lasting, when } from './time.mjs'

/** @import { Outcome } from '../../engine/run' */

const HEIGHT = 96
const MOST = 50

/**
 * How long the runs of a task took, oldest on the left.
 *
 * @param {readonly { startedAt: string, endedAt: string | null, outcome: Outcome | null }[]} runs newest first
 * @param {number | null} usualMs
 * @param {string} zone
 */
export function durationPlot(runs, usualMs, zone) {
  const ended = runs
    .filter(({ endedAt }) => endedAt !== null)
    .slice(0, MOST)
    .reverse()
  if (ended.length < 2) return null
  const longest = ended.reduce((one, other) => (durationOf(one) > durationOf(other) ? one : other))
  const most = Math.max(durationOf(longest), 1)
  const words = `${ended.length} runs, longest ${lasting(durationOf(longest))} (${when(longest.startedAt, zone)})${usualMs === null ? '' : `, usually ${lasting(usualMs)}`}`
  const step = 600 / Math.max(ended.length, 12)
  const bars = ended.map((run, index) => {
    const height = Math.max(3, (durationOf(run) / most) * (HEAD - 4))
    return svg('rect', {
      'data-outcome': run.outcome,
      x: index * step + 1,
      y: HEAD - height,
      width: step - 3,
      height,
      rx: 2,
    })
  })
  const usual =
    usualMs !== null &&
    usualMs <= most &&
    svg('line', {
      class: 'usual',
      x1: 0,
      x2: 600,
      y1: HEAD - (usualMs / most) * (HEAD - 4),
      y2: HEAD - (usualMs / most) * (HEAD - 4),
    })
  return h(
    'figure',
    { class: 'plot' },
    svg(
      'svg',
      {
        viewBox: `0 0 600 ${HEIGHT}`,
        preserveAspectRatio: 'xMinYMid',
        role: 'img',
        'aria-label': `Durations: ${words}`,
      },
      svg('line', { class: 'lane', x1: 0, x2: 600, y1: HEAD, y2: HEAD }),
      ...bars,
      usual,
    ),
    h('figcaption', { class: 'small' }, words),
  )
}

const HEAD = HEIGHT - 4
