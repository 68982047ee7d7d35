import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** What the book says of a run that has begun, besides the run. */
export interface Begun {
  job: string
  hasPlace: boolean
}

/** Something that one node tells the others. */
export interface Told {
  topic: string
  payload: unknown
  /** Comes with `run:started`. */
  begun?: Begun
  /** What the book's version was once it said the same. */
  version?: string
}

/** How much is told in one go, in items: to pack or to unpack that many takes a millisecond or two. */
export const MOST_ITEMS = 200

/** From how many characters on it is worth while to deflate. A single run is shorter, and stays legible in the database. */
const WORTH_DEFLATING = 1_000

/** An item as it is told now; it may change before it is sent. */
export function write(item: Told): string {
  return JSON.stringify(item)
}

/** Several items as the text that goes through the database. Many runs look alike: deflated they need a fifth. */
export function pack(items: readonly string[]): string {
  const text = `[${items.join()}]`
  return text.length < WORTH_DEFLATING ? text : deflateRawSync(text).toString('base64')
}

/** The items of a text that `pack` made. */
export function unpack(text: string): Told[] {
  return JSON.parse(text.startsWith('[') ? text : inflateRawSync(Buffer.from(text, 'base64')).toString())
}
