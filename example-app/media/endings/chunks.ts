import type { Bytes } from './bytes'
import { HEADER, type Layout } from './layouts'

/** Most chunks that are looked at: a recording of a day in fragments of a second has two for each. */
const MOST_CHUNKS = 200_000

/**
 * Where the content of a file ends by what its chunks say, when that is beyond the file. `null`: it is not, or nobody knew. What follows
 * after it may be anything: tags, or nothing that anybody knows.
 */
export function contentEnd({ first, aligned, chunkOf, content }: Layout, bytes: Bytes, from: number): number | null {
  let at = from + first
  for (let count = 0; count < MOST_CHUNKS; count += 1) {
    const header = bytes.read(at, HEADER)
    if (header.length < HEADER) return null
    const chunk = chunkOf(header, bytes)
    const isContent = content.test(chunk.name)
    if (chunk.held === null || (chunk.held === 0 && isContent)) return null
    const end = at + chunk.header + chunk.held
    if (isContent && end > bytes.size) return end
    at = Math.ceil(end / aligned) * aligned
  }
  return null
}
