/**
 * The line in which tasks wait for their turn: in order of joining, a bounded number at once, none before those it comes after.
 * It knows names and nothing of what they stand for.
 */
export class Line {
  #places: number
  readonly #ready = new Set<string>()
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
    const [name] = this.#ready
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

  #oneLessAhead(name: string, settled: string): void {
    const ahead = this.#ahead.get(name)
    if (!ahead?.delete(settled) || ahead.size > 0) return
    this.#ahead.delete(name)
    if (this.#blocked.delete(name)) this.#ready.add(name)
  }
}
