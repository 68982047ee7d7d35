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

const HEAD = 46
/** Of what stands below the names of the hours. */
const TOP = 40
const LANE = 30
const FOOT = 10
/** The room that the name of a day takes. */
const DAY_NAME = 84

/**
 * @typedef {object} Drawn
 * @property {Timeline} timeline
 * @property {readonly TaskRow[]} tasks
 * @property {string} zone
 * @property {boolean} isToday whether what is to come belongs into it
 */

/** Some hours as a picture whose runs are links. @param {Drawn} drawn @param {number} width in pixels */
export function draw({ timeline, tasks, zone, isToday }, width) {
  const [from, to] = [Date.parse(timeline.from), Date.parse(timeline.to)]
  const isNarrow = width < 620
  const gutter = isNarrow ? 8 : 200
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
    lanes.length === 0 && note('Nothing in these hours', picture),
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
      y: TOP,
      width: Math.max(2, x(closesAt) - x(opensAt)),
      height: height - TOP - FOOT,
      rx: 4,
    }),
  )
}

/** @param {number} from @param {number} to @param {Picture} picture */
function hours(from, to, { x, zone, width, height }) {
  const step = width < 460 ? 6 : width < 900 ? 3 : 2
  const names = hoursOf(from, to, zone, step)
  const days = names.filter(({ day }) => day !== null)
  return names.flatMap(({ at, text, day }) => [
    svg('line', { class: 'hour', x1: x(at), x2: x(at), y1: TOP, y2: height - FOOT }),
    width - x(at) > 24 && svg('text', { class: 'hour-name', x: x(at), y: 33, 'text-anchor': 'middle' }, text),
    day !== null &&
      !isCrowded(
        x(at),
        days.map((next) => x(next.at)),
      ) &&
      svg('text', { class: 'day-name', x: x(at) - 15, y: 14 }, day),
  ])
}

/** Whether the name of the next day leaves no room for that of this one. @param {number} left @param {number[]} lefts */
function isCrowded(left, lefts) {
  return lefts.some((next) => next > left && next - left < DAY_NAME)
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
  const width = Math.max(7, x(endedAt ?? now()) - x(startedAt))
  // What is too short to be seen is drawn longer, but not into the time to come.
  const left = Math.min(x(startedAt), Math.max(x(now()) - width, 0))
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
    svg('title', {}, `now, ${clockTime(at, zone)}`),
    svg('line', { x1: x(at), x2: x(at), y1: 18, y2: height - FOOT }),
    svg('rect', { x: x(at) - 23, y: 1, width: 46, height: 18, rx: 9 }),
    svg('text', { x: x(at), y: 14, 'text-anchor': 'middle' }, clockTime(at, zone)),
  )
}

/** @param {string} words @param {Picture} picture */
function note(words, { isNarrow, gutter }) {
  return svg('text', { class: 'note', x: isNarrow ? gutter : 8, y: HEAD + LANE / 2 + 4 }, words)
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
