import { runAddress } from './address.mjs'
import { svg } from './element.mjs'
import { lanesOf } from './lanes.mjs'
import { durationOf, outcomeWords } from './outcome.mjs'
import { hoursOf, scaleOf } from './scale.mjs'
import { clockTime, lasting, now, when } from './time.mjs'

/** @import { NightSpan, Timeline } from '../nights' */
/** @import { RunSummary } from '../histories' */
/** @import { TaskRow } from '../board' */
/** @import { Lane, Mark } from './lanes.mjs' */

const HEAD = 44
const LANE = 30
const FOOT = 10

/**
 * @typedef {object} Drawn
 * @property {Timeline} timeline
 * @property {readonly TaskRow[]} tasks
 * @property {string} zone
 * @property {boolean} isToday whether what is to come belongs into it
 */

/** 24 hours as a picture whose runs are links. @param {Drawn} drawn @param {number} width in pixels */
export function draw({ timeline, tasks, zone, isToday }, width) {
  const [from, to] = [Date.parse(timeline.from), Date.parse(timeline.to)]
  const isNarrow = width < 620
  const gutter = isNarrow ? 8 : 188
  const lanes = lanesOf(timeline, tasks, isToday)
  const laneHeight = isNarrow ? LANE + 12 : LANE
  const height = HEAD + Math.max(lanes.length, 1) * laneHeight + FOOT
  const x = scaleOf(from, to, gutter, width - 8)
  const picture = { x, zone, width, height, gutter, laneHeight, isNarrow }
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': summary(timeline, zone) },
    ...timeline.nights.map((night) => band(night, picture)),
    ...hours(from, to, picture),
    ...lanes.flatMap((lane, index) => laneAt(lane, HEAD + index * laneHeight, picture)),
    lanes.length === 0 && note('Nothing ran or is planned in these hours.', picture),
    from <= now() && now() < to && nowLine(picture),
  )
}

/**
 * @typedef {object} Picture
 * @property {(instant: number | string) => number} x
 * @property {string} zone
 * @property {number} width
 * @property {number} height
 * @property {number} gutter
 * @property {number} laneHeight
 * @property {boolean} isNarrow
 */

/** @param {NightSpan} night @param {Picture} picture */
function band({ opensAt, closesAt }, { x, zone, height }) {
  const words = `window ${clockTime(opensAt, zone)}–${clockTime(closesAt, zone)}`
  return svg(
    'g',
    { class: 'band' },
    svg('title', {}, words),
    svg('rect', {
      x: x(opensAt),
      y: 20,
      width: Math.max(2, x(closesAt) - x(opensAt)),
      height: height - 20 - FOOT,
      rx: 4,
    }),
  )
}

/** @param {number} from @param {number} to @param {Picture} picture */
function hours(from, to, { x, zone, width, height }) {
  const step = width < 460 ? 6 : width < 900 ? 3 : 2
  return hoursOf(from, to, zone, step).flatMap(({ at, text, day }) => [
    svg('line', { class: 'hour', x1: x(at), x2: x(at), y1: 38, y2: height - FOOT }),
    width - x(at) > 24 && svg('text', { class: 'hour-name', x: x(at), y: 33, 'text-anchor': 'middle' }, text),
    day !== null && svg('text', { class: 'day-name', x: x(at) - 14, y: 13 }, day),
  ])
}

/** @param {Lane} lane @param {number} top @param {Picture} picture */
function laneAt({ name, title, runs, mark }, top, picture) {
  const { width, gutter, laneHeight, isNarrow } = picture
  const middle = top + laneHeight - LANE / 2
  const longest = isNarrow ? 44 : 26
  const shortTitle = title.length > longest ? `${title.slice(0, longest - 1)}…` : title
  return [
    svg('line', { class: 'lane', x1: gutter, x2: width - 8, y1: middle, y2: middle }),
    svg('text', { class: 'lane-name', x: 8, y: isNarrow ? top + 12 : middle + 4 }, shortTitle, svg('title', {}, title)),
    mark && markAt(mark, title, middle, picture),
    ...runs.map((run) => bar(run, name, title, middle, picture)),
  ]
}

/** @param {Mark} mark @param {string} title @param {number} middle @param {Picture} picture */
function markAt({ at, until, words }, title, middle, { x, zone }) {
  const label = `${title}: ${words} ${when(at, zone)}`
  const [left, right] = [x(at), x(until ?? at)]
  const shape = until
    ? svg('rect', { class: 'maybe', x: left, y: middle - 7, width: Math.max(6, right - left), height: 14, rx: 7 })
    : svg('path', { class: 'mark', d: `M${left} ${middle - 8}l8 8-8 8-8-8z` })
  return svg('g', { role: 'img', 'aria-label': label }, svg('title', {}, label), shape)
}

/** @param {RunSummary} run @param {string} name @param {string} title @param {number} middle @param {Picture} picture */
function bar(run, name, title, middle, { x, zone }) {
  const { id, startedAt, endedAt, outcome } = run
  const left = x(startedAt)
  const width = Math.max(7, x(endedAt ?? now()) - left)
  const how = outcome ? outcomeWords[outcome] : 'running'
  const label = `${title}: ${how}, started ${when(startedAt, zone)}, ${lasting(durationOf(run))}`
  return svg(
    'a',
    { href: runAddress(name, id), class: 'bar', 'data-outcome': outcome ?? 'running', 'aria-label': label },
    svg('title', {}, label),
    svg('rect', { x: left, y: middle - 9, width, height: 18, rx: 3 }),
    outcome === 'failed' && svg('path', { class: 'cross', d: `M${left + 1} ${middle - 3}l5 6m0-6l-5 6` }),
  )
}

/** @param {Picture} picture */
function nowLine({ x, height, zone }) {
  const at = now()
  return svg(
    'g',
    { class: 'now' },
    svg('line', { x1: x(at), x2: x(at), y1: 16, y2: height - FOOT }),
    svg('circle', { cx: x(at), cy: 17, r: 4 }),
    svg('title', {}, `now, ${clockTime(at, zone)}`),
  )
}

/** @param {string} words @param {Picture} picture */
function note(words, { width, gutter }) {
  return svg(
    'text',
    { class: 'lane-name', x: gutter + (width - gutter) / 2, y: HEAD + 20, 'text-anchor': 'middle' },
    words,
  )
}

/** @param {Timeline} timeline @param {string} zone */
function summary({ from, to, runs, nights }, zone) {
  const failed = runs.filter(({ outcome }) => outcome === 'failed').length
  const windows = nights.map(({ opensAt, closesAt }) => `${when(opensAt, zone)} to ${clockTime(closesAt, zone)}`)
  return (
    `From ${when(from, zone)} to ${when(to, zone)}, ${zone}: ` +
    `${runs.length} runs, ${failed} failed; window ${windows.join(' and ')}`
  )
}
