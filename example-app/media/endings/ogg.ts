import type { Bytes } from './bytes'

/** What a page begins with, and how long its header is before it tells the lengths of what it holds, in bytes. */
const BEGINS = 'OggS\0'
const HEADER = 27
/** Longest page: a header, 255 lengths, and 255 times 255 bytes. */
const LONGEST_PAGE = HEADER + 255 + 255 * 255
/** What a length says that is continued by the next. */
const CONTINUED = 255
/** A flag of the last page of a stream. */
const LAST = 4

/**
 * In the middle of what an Ogg file ends; `null`: it is whole, as far as anybody can tell. That its last page has not the flag of a
 * last one is no damage: recordings of a radio station have none, because nobody told the program that writes them.
 */
export function oggEndsWithin(bytes: Bytes): 'page' | 'packet' | null {
  // Other things may follow, such as a tag of another format.
  const tail = bytes.read(Math.max(0, bytes.size - 2 * LONGEST_PAGE), 2 * LONGEST_PAGE)
  const at = tail.lastIndexOf(BEGINS, undefined, 'latin1')
  if (at < 0) return null
  const page = tail.subarray(at)
  const count = page[26] ?? 0
  const lengths = page.subarray(HEADER, HEADER + count)
  const held = lengths.reduce((sum, length) => sum + length, 0)
  if (page.length < HEADER + count + held) return 'page'
  const isLast = ((page[5] ?? 0) & LAST) !== 0
  if (lengths.at(-1) === CONTINUED && !isLast) return 'packet'
  return isBeginning(page.subarray(HEADER + count + held)) ? 'page' : null
}

function isBeginning(rest: Buffer): boolean {
  return rest.length > 0 && BEGINS.startsWith(rest.toString('latin1'))
}
