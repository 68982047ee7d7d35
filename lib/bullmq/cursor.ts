import type { Instant } from '../engine/clock'

/** How many events BullMQ reads at once from PostgreSQL. */
const MOST_AT_ONCE = 100

/**
 * Where somebody is who reads events. PostgreSQL numbers an event before others can see it, so one may turn up after another that has
 * a higher number: for `lagMs` what has been read is read again, and only what is new counts.
 */
export class Cursor {
  readonly #lagMs: number
  #place: string
  /** What has been read behind the place, and when it turned up; in the order of the ids. */
  #fresh: { id: string; at: Instant }[] = []

  constructor(place: string, lagMs: number) {
    this.#place = place
    this.#lagMs = lagMs
  }

  /** The id to read on from. What was read before it is too old for anything to turn up there. */
  place(now: Instant): string {
    while (this.#fresh[0] && Math.abs(now - this.#fresh[0].at) >= this.#lagMs) this.#pass()
    return this.#place
  }

  /** Whether there is something that is read again. */
  get isBehind(): boolean {
    return this.#fresh.length > 0
  }

  /** Takes note of what was read, and leaves what is new. When no more could be read at once, whoever is late is not waited for. */
  advance<Event>(events: readonly (readonly [id: string, Event])[], now: Instant): Event[] {
    const known = new Set(this.#fresh.map(({ id }) => id))
    const unknown = events.filter(([id]) => !known.has(id))
    const added = unknown.map(([id]) => ({ id, at: now }))
    this.#fresh = [...this.#fresh, ...added].sort((one, other) => Number(one.id) - Number(other.id))
    if (this.#lagMs === 0 || events.length >= MOST_AT_ONCE) while (this.isBehind) this.#pass()
    return unknown.map(([, event]) => event)
  }

  #pass(): void {
    this.#place = this.#fresh.shift()?.id ?? this.#place
  }
}
