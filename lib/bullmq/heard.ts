/** What has come of what one node told. */
interface Told {
  /** The number of the newest item. */
  newest: number
  /** How many of those before have not come; in PostgreSQL, one may still do so. */
  missing: number
}

/** Which of what others tell has come here: each numbers what it tells, so that who misses something knows it. */
export class Heard {
  readonly #told = new Map<string, Told>()

  /** The first of a node that comes may have any number. */
  count(node: string, number: number): void {
    const { newest, missing } = this.#told.get(node) ?? { newest: number - 1, missing: 0 }
    const change = number > newest ? number - newest - 1 : -1
    this.#told.set(node, { newest: Math.max(newest, number), missing: Math.max(0, missing + change) })
  }

  /** Whether anything has not come, or not yet, that was told since this was last asked. */
  takeMissed(): boolean {
    const missed = [...this.#told].filter(([, { missing }]) => missing > 0)
    for (const [node, { newest }] of missed) this.#told.set(node, { newest, missing: 0 })
    return missed.length > 0
  }

  /** Nothing more comes from nodes that are gone. */
  forget(isGone: (node: string) => boolean): void {
    for (const node of this.#told.keys()) if (isGone(node)) this.#told.delete(node)
  }
}
