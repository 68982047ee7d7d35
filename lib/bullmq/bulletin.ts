import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** What the book says of a run that has begun, besides the run. */
export interface Begun {
  job: string
  hasPlace: boolean
}

/** Something that one node tells the others. */
export interface Message {
  topic: string
  payload: unknown
  /** Comes with `run:started`. */
  begun?: Begun
  /** What the book's version was once it said the same. */
  version?: string
}

/** How much is told in one go, in messages and in characters, whichever comes first: to pack or to unpack that takes some milliseconds. */
export const MOST_MESSAGES = 200
export const MOST_CHARACTERS = 100_000

/** From how many characters on it is worth while to deflate. A single run is shorter, and stays legible in the database. */
const WORTH_DEFLATING = 1_000

/** Messages that go through the database together. */
export class Bulletin {
  readonly #texts: string[] = []
  #characters = 0

  get isFull(): boolean {
    return this.#texts.length >= MOST_MESSAGES || this.#characters >= MOST_CHARACTERS
  }

  /** Adds a message as it is now; it may change before it is sent. */
  add(message: Message): void {
    const text = JSON.stringify(message)
    this.#texts.push(text)
    this.#characters += text.length
  }

  /** As the text that is sent. Many runs look alike: deflated they need a fifth. */
  pack(): string {
    const text = `[${this.#texts.join()}]`
    return text.length < WORTH_DEFLATING ? text : deflateRawSync(text).toString('base64')
  }
}

/** The messages of a text that a bulletin was packed into. */
export function unpack(text: string): Message[] {
  return JSON.parse(text.startsWith('[') ? text : inflateRawSync(Buffer.from(text, 'base64')).toString())
}
