import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** How much is read at once. */
const WINDOW = 64 * 1_024

/** The bytes of a file, at any place. It waits for the disk, so it is for threads. */
export class Bytes {
  readonly size: number
  readonly #file: number
  #window: Buffer = Buffer.alloc(0)
  #from = 0

  static use<Result>(path: string, work: (bytes: Bytes) => Result): Result {
    const file = openSync(path, 'r')
    try {
      return work(new Bytes(file))
    } finally {
      closeSync(file)
    }
  }

  private constructor(file: number) {
    this.#file = file
    this.size = fstatSync(file).size
  }

  /** Fewer where the file ends before. */
  read(at: number, length: number): Buffer {
    const from = at - this.#from
    if (from >= 0 && from + length <= this.#window.length) return this.#window.subarray(from, from + length)
    const wanted = Math.min(Math.max(length, WINDOW), Math.max(0, this.size - at))
    const buffer = Buffer.alloc(wanted)
    this.#window = buffer.subarray(0, readSync(this.#file, buffer, 0, wanted, at))
    this.#from = at
    return this.#window.subarray(0, length)
  }
}
