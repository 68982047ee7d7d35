/**
 * The line in which tasks wait for their turn: in order of joining, a bounded number at once, none before those it comes after: such
 * a one joins when the last of them has settled. It knows names and nothing of what they stand for.
 */
export class Line {
  #places: number
  readonly #ready = new Set<string>()
  // Goes on where it stopped. A new one would walk past all that were taken, and so make a long line quadratic.
  #next = this.#ready.values()
  readonly #blocked = new Set<string>()
  readonly #ahead = new Map<string, Set<string>>()
  readonly #behind = new Map<string, Set<string>>()

  constructor(places: number) {
    this.#places = places
  }

  /** Says who must settle before `name` may be taken, whether or not it has joined yet. */
  expect(name: string, after: readonly string[]): void {
    if (after.length === 0) return
    this.#ahead.set(name, new Set(after))
    for (const other of after) {
      const behind = this.#behind.get(other) ?? new Set()
      this.#behind.set(other, behind.add(name))
    }
  }

  join(name: string): void {
    const list = this.#ahead.has(name) ? this.#blocked : this.#ready
    list.add(name)
  }

  /** Forgets a name that waits no more. */
  leave(name: string): void {
    this.#ready.delete(name)
    this.#blocked.delete(name)
    for (const other of this.#ahead.get(name) ?? []) this.#behind.get(other)?.delete(name)
    this.#ahead.delete(name)
  }

  /** The next name, which now has a place; `undefined` while nobody may go. */
  take(): string | undefined {
    if (this.#places < 1) return undefined
    const name = this.#first()
    if (name === undefined) return undefined
    this.#places -= 1
    this.leave(name)
    return name
  }

  /** A place that was taken is free again. */
  giveBack(): void {
    this.#places += 1
  }

  /** Whoever waited for this name waits for it no more. */
  settle(name: string): void {
    for (const other of this.#behind.get(name) ?? []) this.#oneLessAhead(other, name)
    this.#behind.delete(name)
  }

  /** Whoever it passes is taken, so all that are ready are still ahead of it. At the end of the line it has to begin anew. */
  #first(): string | undefined {
    const { value, done } = this.#next.next()
    if (!done || this.#ready.size === 0) return value
    this.#next = this.#ready.values()
    return this.#first()
  }

  #oneLessAhead(name: string, settled: string): void {
    const ahead = this.#ahead.get(name)
    if (!ahead?.delete(settled) || ahead.size > 0) return
    this.#ahead.delete(name)
    if (this.#blocked.delete(name)) this.#ready.add(name)
  }
}
