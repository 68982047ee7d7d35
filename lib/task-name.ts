import { expectThat } from './options'

/** Words that the router's own paths use, whatever their case. */
const reservedNames: readonly string[] = Object.freeze(['openapi.json'])

const pattern = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/

/**
 * Refuses what cannot be the name of a task. Names appear in URLs, file names, XML and object keys, so they are plain ASCII, and
 * no word that the router needs or that every object already has (`constructor`). Throws `BUTLER_INVALID_OPTIONS`.
 */
export function checkTaskName(subject: string, name: unknown): asserts name is string {
  const text = typeof name === 'string' ? name : ''
  expectThat(pattern.test(text), subject, name, 'a letter, then at most 63 letters, digits, "_", "." or "-"')
  const isReserved = reservedNames.includes(text.toLowerCase()) || text in Object.prototype
  expectThat(!isReserved, subject, name, 'another name, because this word is reserved')
}
