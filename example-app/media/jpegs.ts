/** Where a JPEG ends. Inside of one that ffmpeg made, these two bytes come nowhere else. */
const END = Buffer.from([0xff, 0xd9])
/** Most bytes of one picture: a thumbnail has some thousand. */
const LARGEST = 8 * 1024 * 1024

/** Cuts a stream of JPEGs, as ffmpeg writes them one after the other, into the single ones. */
export class Jpegs {
  #begun = Buffer.alloc(0)

  /** Takes what has come, and returns what is complete now. */
  take(chunk: Buffer): Buffer[] {
    const complete: Buffer[] = []
    // The last byte may be the first of the two.
    let lookFrom = Math.max(0, this.#begun.length - 1)
    let rest = Buffer.concat([this.#begun, chunk])
    for (let end = rest.indexOf(END, lookFrom); end >= 0; end = rest.indexOf(END, lookFrom)) {
      complete.push(rest.subarray(0, end + END.length))
      rest = rest.subarray(end + END.length)
      lookFrom = 0
    }
    if (rest.length > LARGEST) throw new Error(`a picture of more than ${LARGEST} bytes`)
    this.#begun = rest
    return complete
  }
}
