/** What has come of what one node told. */
interface Told {
  /** The number of the newest item. */
  newest: number
  /** Those before it that have not come; in PostgreSQL, one may still do so. */
  missing: Set<number>
}

/** The most numbers that are kept: who has missed so many has missed something. */
const MOST = 10_000

/** Which of what others tell has come here: each numbers what it tells, so that who misses something knows it. */
export class Heard {
  readonly #told = new Map<string, Told>()

  /** The first of a node that comes may have any number. */
  count(node: string, number: number): void {
    const told = this.#told.get(node)
    if (!told) this.#told.set(node, { newest: number, missing: new Set() })
    else if (number <= told.newest) told.missing.delete(number)
    else {
      const end = Math.min(number, told.newest + MOST)
      for (let missing = told.newest + 1; missing < end; missing += 1) told.missing.add(missing)
      told.newest = number
    }
  }

  /** Whether anything has not come, or not yet, that was told since this was last asked. */
  takeMissed(): boolean {
    let isMissed = false
    for (const { missing } of this.#told.values()) {
      isMissed ||= missing.size > 0
      missing.clear()
    }
    return isMissed
  }

  /** Nothing more comes from nodes that are gone. */
  forget(isGone: (node: string) => boolean): void {
    for (const node of this.#told.keys()) if (isGone(node)) this.#told.delete(node)
  }
}
