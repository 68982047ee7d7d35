import { BEATS_PER_LEASE } from './nodes'

/**
 * What is known of the changes of a book, from one check to the next. `busy`: it has changed since the last check. `untold`: it has not,
 * but the last change was not told. `told`: it was. `settled`: it was, and for so long that whoever might have something else to tell is
 * dead, or has told it.
 */
export type RestState = 'busy' | 'untold' | 'told' | 'settled'

/** Whether the book has come to rest, and whether that was told which happened last. */
export class Rest {
  #version: string | null | undefined
  /** At how many checks the version was the same. */
  #checks = 0
  /** Versions that were told of before the last check, and since. */
  #toldBefore: ReadonlySet<string | null> = new Set()
  #told = new Set<string | null>()
  /** Something was told that is known only to whoever reads it. */
  #isOpen = false

  /** A change that led to a version was told. */
  tell(version: string): void {
    this.#told.add(version)
  }

  /** Something has changed, and what it was must be read, some time. */
  open(): void {
    this.#isOpen = true
  }

  /** What was open has been read. */
  close(): void {
    this.#isOpen = false
  }

  /** All has been read: what was told long before matters no more. */
  forget(): void {
    this.#toldBefore = this.#told
    this.#told = new Set()
  }

  /** What a version says that was found at a check. */
  check(version: string | null): RestState {
    const isTold = this.#told.has(version) || this.#toldBefore.has(version)
    this.#toldBefore = isTold ? this.#told.add(version) : this.#told
    this.#told = new Set()
    this.#checks = version === this.#version ? this.#checks + 1 : 0
    this.#version = version
    if (this.#checks === 0) return 'busy'
    if (!isTold || this.#isOpen) return 'untold'
    return this.#checks <= BEATS_PER_LEASE ? 'told' : 'settled'
  }
}
