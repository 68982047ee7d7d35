import { randomBytes } from 'node:crypto'

/** Who is told. */
export interface Reader {
  /** Takes events that are already written as a stream holds them. */
  write(text: string): void
}

/** How many events are kept for those whose line broke. */
const KEPT = 500

/**
 * What pages are told, in order, each with an id after which it can be resumed. An event is written once, however many read. An id
 * of another feed, or one that is too old, is answered with `reset`: read the state again.
 */
export class Feed {
  readonly readers = new Set<Reader>()
  #epoch = newEpoch()
  #last = 0
  #kept: { number: number; text: string }[] = []
  #isKnown = false

  /** The id of the newest event. */
  get position(): string {
    this.#isKnown = true
    return `${this.#epoch}.${this.#last}`
  }

  tell(event: string, data: object): void {
    this.#last += 1
    const text = `id: ${this.position}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    this.#kept.push({ number: this.#last, text })
    if (this.#kept.length > KEPT) this.#kept.shift()
    for (const reader of this.readers) reader.write(text)
  }

  /** Something happened that nobody was told of: no earlier id can be resumed after. */
  gap(): void {
    if (!this.#isKnown) return
    this.#isKnown = false
    this.#epoch = newEpoch()
    this.#last = 0
    this.#kept = []
  }

  /** Tells a reader what came after an id, and from now on everything. */
  follow(after: string, reader: Reader): void {
    reader.write(this.#since(after))
    this.readers.add(reader)
  }

  #since(after: string): string {
    const [epoch, digits = ''] = after.split('.')
    const number = /^\d{1,15}$/.test(digits) ? Number(digits) : -1
    const first = this.#last - this.#kept.length
    if (epoch !== this.#epoch || number < first || number > this.#last) {
      return `id: ${this.position}\nevent: reset\ndata: {}\n\n`
    }
    const missed = this.#kept.filter((event) => event.number > number)
    return missed.map(({ text }) => text).join('') || ': nothing was missed\n\n'
  }
}

function newEpoch(): string {
  return randomBytes(6).toString('base64url')
}
