import type { Instant } from './clock'

/** One call that was asked for. `place` is where the heap keeps it; −1 once it is out. */
interface WakeUp {
  at: Instant
  order: number
  callback: () => void
  place: number
}

/**
 * Calls that were asked for, earliest first, those of one instant in the order of asking: a binary heap in which each member
 * knows its place, so that adding and removing cost the same whether ten wait or a hundred thousand.
 */
export class WakeUps {
  readonly #heap: WakeUp[] = []
  #asked = 0

  /** The instant of the earliest, `Infinity` when there is none. */
  get first(): Instant {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** How many have been asked for so far. */
  get asked(): number {
    return this.#asked
  }

  /** Adds a call; the function returned removes it again. */
  add(at: Instant, callback: () => void): () => void {
    const wakeUp = { at, order: this.#asked++, callback, place: this.#heap.length }
    this.#heap.push(wakeUp)
    this.#rise(wakeUp)
    return () => this.#remove(wakeUp)
  }

  /** Takes out the earliest if its instant has come and it was among the first `asked`, and returns what to call. */
  takeDue(now: Instant, asked = Number.POSITIVE_INFINITY): (() => void) | undefined {
    const first = this.#heap[0]
    if (!first || first.at > now || first.order >= asked) return undefined
    this.#remove(first)
    return first.callback
  }

  #remove(wakeUp: WakeUp): void {
    const { place } = wakeUp
    if (place < 0) return
    wakeUp.place = -1
    const last = this.#heap.pop()
    if (!last || last === wakeUp) return
    this.#put(last, place)
    this.#rise(last)
    this.#sink(last)
  }

  #rise(wakeUp: WakeUp): void {
    while (wakeUp.place > 0) {
      const above = this.#heap[(wakeUp.place - 1) >> 1]
      if (!above || !isBefore(wakeUp, above)) return
      this.#swap(above, wakeUp)
    }
  }

  #sink(wakeUp: WakeUp): void {
    for (;;) {
      const left = this.#heap[2 * wakeUp.place + 1]
      const right = this.#heap[2 * wakeUp.place + 2]
      const below = right && left && isBefore(right, left) ? right : left
      if (!below || !isBefore(below, wakeUp)) return
      this.#swap(wakeUp, below)
    }
  }

  #swap(above: WakeUp, below: WakeUp): void {
    const { place } = above
    this.#put(above, below.place)
    this.#put(below, place)
  }

  #put(wakeUp: WakeUp, place: number): void {
    wakeUp.place = place
    this.#heap[place] = wakeUp
  }
}

function isBefore(one: WakeUp, other: WakeUp): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at
}
