/** Who is told that something has ceased to work, and that it works again. */
export interface OutageListener {
  began(err: unknown): void
  ended(): void
}

/** Something that is tried again and again: of each time that it does not work is told once, however often it fails then. */
export class Outage {
  readonly #listener: OutageListener
  #isOn = false

  constructor(listener: OutageListener) {
    this.#listener = listener
  }

  failed(err: unknown): void {
    if (this.#isOn) return
    this.#isOn = true
    this.#listener.began(err)
  }

  worked(): void {
    if (!this.#isOn) return
    this.#isOn = false
    this.#listener.ended()
  }
}
