import { clockTime, dateOf, dayOf } from './time.mjs'

/** All zones of today are whole quarters of an hour away from UTC. */
const QUARTER = 900_000

/**
 * Where instants of a span lie between two edges; what is before or after it lies on the edge.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} left in pixels
 * @param {number} right
 * @returns {(instant: number | string) => number}
 */
export function scaleOf(from, to, left, right) {
  return (instant) => {
    const inside = Math.min(Math.max(new Date(instant).getTime(), from), to)
    return left + ((inside - from) / (to - from)) * (right - left)
  }
}

/**
 * The whole hours of a zone in a span, however its clocks move: an hour that comes twice is there twice, one that is skipped is not.
 *
 * @param {number} from
 * @param {number} to
 * @param {string} zone
 * @param {number} step only those that this number divides
 */
export function hoursOf(from, to, zone, step) {
  /** @type {{ at: number, text: string, day: string | null }[]} `day`: told at its first hour */
  const hours = []
  let date = ''
  for (let at = Math.ceil(from / QUARTER) * QUARTER; at < to; at += QUARTER) {
    const text = clockTime(at, zone)
    if (!text.endsWith(':00') || Number(text.slice(0, 2)) % step !== 0) continue
    const isNewDay = dateOf(at, zone) !== date
    date = dateOf(at, zone)
    hours.push({ at, text, day: isNewDay ? dayOf(at, zone) : null })
  }
  return hours
}
