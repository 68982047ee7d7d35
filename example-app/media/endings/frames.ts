import type { Bytes } from './bytes'

/** A piece of sound with a header of its own, which says how long it is. */
export interface Frame {
  /** In bytes, with its header. */
  length: number
  /** Frames of one file are of one kind: what looks like another is none. */
  kind: string
}

/** A format that is nothing but frames. */
export interface FrameFormat {
  /** How many bytes `frameOf` must see. */
  header: number
  /** `undefined`: here begins no frame. */
  frameOf(header: Buffer): Frame | undefined
}

/** What a file of frames holds. */
export interface Framed {
  firstAt: number
  /** Whole ones. */
  count: number
  /** Whether it ends in the middle of one that follows right upon another. */
  endsWithin: boolean
}

/** How far into the file the first frame is looked for, in bytes: players allow for some rubbish. */
const FIRST_WITHIN = 64 * 1_024

/** How many frames in a row are no chance. */
const IN_A_ROW = 3
/** All formats that we know have it. */
const SYNC = 0xff

/** Goes through all frames of a file. `undefined`: it has none. */
export function readFrames(format: FrameFormat, bytes: Bytes, from: number): Framed | undefined {
  const walk = new Walk(format, bytes)
  const firstAt = walk.next(from, Math.min(bytes.size, from + FIRST_WITHIN))
  if (firstAt === undefined) return undefined
  let count = 0
  for (let at: number | undefined = firstAt; at !== undefined; ) {
    const end: number | undefined = walk.isBeginning(at) ? Infinity : walk.endOf(at)
    if (end === undefined) {
      // Something else lies between, or comes after them.
      at = walk.next(at, bytes.size)
    } else if (end > bytes.size) {
      return { firstAt, count, endsWithin: true }
    } else {
      count += 1
      at = end
    }
  }
  return { firstAt, count, endsWithin: false }
}

class Walk {
  readonly #format: FrameFormat
  readonly #bytes: Bytes
  #kind: string | undefined

  constructor(format: FrameFormat, bytes: Bytes) {
    this.#format = format
    this.#bytes = bytes
  }

  /** Where the frame at a place ends; `undefined`: there is none. */
  endOf(at: number, kind = this.#kind): number | undefined {
    const frame = this.#frameAt(at)
    return frame && (kind === undefined || frame.kind === kind) ? at + frame.length : undefined
  }

  /** Whether the file ends in the middle of what may be a header. */
  isBeginning(at: number): boolean {
    const rest = this.#bytes.read(at, this.#format.header)
    return rest.length > 0 && rest.length < this.#format.header && rest[0] === SYNC
  }

  /** The next place at which a frame begins that others follow: what looks like one may be anything. */
  next(from: number, before: number): number | undefined {
    for (let at = from; at < before; at += 1) {
      const kind = this.#kind ?? this.#frameAt(at)?.kind
      if (!this.#isRow(at, kind)) continue
      this.#kind = kind
      return at
    }
    return undefined
  }

  #isRow(from: number, kind: string | undefined): boolean {
    let at: number | undefined = from
    for (let frames = 0; frames < IN_A_ROW && at !== undefined; frames += 1) at = this.endOf(at, kind)
    return at !== undefined
  }

  #frameAt(at: number): Frame | undefined {
    const { header, frameOf } = this.#format
    const bytes = this.#bytes.read(at, header)
    return bytes.length < header ? undefined : frameOf(bytes)
  }
}
