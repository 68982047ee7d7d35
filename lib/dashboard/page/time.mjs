import { h } from './element.mjs'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The zone of whoever reads. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** How far this machine's clock is from the server's, in milliseconds. */
let ahead = 0

/** @param {string} now the server's, ISO 8601 */
export function setNow(now) {
  ahead = Date.now() - Date.parse(now)
}

/** What the server's clock shows. */
export function now() {
  return Date.now() - ahead
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map()

/**
 * @param {Intl.DateTimeFormatOptions} options
 * @param {string} timeZone
 */
function format(options, timeZone) {
  const key = JSON.stringify([options, timeZone])
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone })
  formats.set(key, known)
  return known
}

/**
 * A sentence of the server for people: `due on 2026-01-17` becomes `due on Sat 17 Jan`, in one piece.
 *
 * @param {string} sentence
 */
export function readable(sentence) {
  return sentence.replace(/\b\d{4}-\d\d-\d\d\b/g, (date) => dayOf(`${date}T12:00Z`, 'UTC').replaceAll(' ', '\u00a0'))
}

/** `02:00` @param {string | number} instant @param {string} zone */
export function clockTime(instant, zone) {
  return format({ hour: '2-digit', minute: '2-digit' }, zone).format(new Date(instant))
}

/** `02:00:09` @param {string | number} instant @param {string} zone */
export function clockSecond(instant, zone) {
  return format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }, zone).format(new Date(instant))
}

/** `Wed 14 Jan` @param {string | number} instant @param {string} zone */
export function dayOf(instant, zone) {
  return format({ weekday: 'short', day: 'numeric', month: 'short' }, zone).format(new Date(instant)).replace(',', '')
}

/** `Wednesday 14 January 2026 at 02:00:00 CET` @param {string | number} instant @param {string} zone */
export function exactly(instant, zone) {
  return format({ dateStyle: 'full', timeStyle: 'long' }, zone).format(new Date(instant))
}

/** `2026-01-14` @param {string | number} instant @param {string} zone */
export function dateOf(instant, zone) {
  const { year, month, day } = Object.fromEntries(
    format({ year: 'numeric', month: '2-digit', day: '2-digit' }, zone)
      .formatToParts(new Date(instant))
      .map(({ type, value }) => [type, value]),
  )
  return `${year}-${month}-${day}`
}

/** `today 02:00`, `tomorrow 02:00`, `Sun 18 Jan 02:00` @param {string | number} instant @param {string} zone */
export function when(instant, zone) {
  const date = dateOf(instant, zone)
  const days = Math.round((Date.parse(date) - Date.parse(dateOf(now(), zone))) / DAY)
  const day = days === 0 ? 'today' : days === 1 ? 'tomorrow' : days === -1 ? 'yesterday' : dayOf(instant, zone)
  return `${day} ${clockTime(instant, zone)}`
}

/** `2 h 5 min`, `12 s` @param {number} ms */
export function lasting(ms) {
  if (ms < 950) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = Math.round(ms / SECOND)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10 && seconds % 60 > 0) return `${minutes} min ${seconds % 60} s`
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 > 0 ? `${hours} h ${minutes % 60} min` : `${hours} h`
  return `${Math.round(hours / 24)} days`
}

/** `in 3 h`, `5 min ago`, roughly. @param {string | number} instant */
export function roughly(instant) {
  const ms = new Date(instant).getTime() - now()
  const size = Math.abs(ms)
  if (size < MINUTE) return ms < 0 ? 'just now' : 'in less than a minute'
  const [count, unit] =
    size < HOUR ? [size / MINUTE, 'min'] : size < 2 * DAY ? [size / HOUR, 'h'] : [size / DAY, 'days']
  return ms < 0 ? `${Math.round(count)} ${unit} ago` : `in ${Math.round(count)} ${unit}`
}

/**
 * An instant in the window's zone, with the reader's own time where that differs.
 *
 * @param {string} instant
 * @param {string} zone
 * @param {(instant: string, zone: string) => string} [words]
 */
export function timeIn(instant, zone, words = when) {
  const [there, here] = [clockTime(instant, zone), clockTime(instant, ownZone)]
  const own = there === here ? null : h('small', { class: 'own' }, ` (${when(instant, ownZone)} for you)`)
  return h('time', { datetime: instant, title: exactly(instant, zone) }, words(instant, zone), own)
}
