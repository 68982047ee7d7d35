import type { Request, Response } from 'express'
import type { Clock } from '../engine/clock'
import { ButlerError } from '../errors'
import type { Feed, Reader } from './feed'

/** How often a quiet line is given a sign of life, in milliseconds, so that no proxy takes it for dead. */
const HEARTBEAT_MS = 15_000

/** How long a line lasts, in milliseconds. A page comes back by itself, and is then asked again who it is. */
const LONGEST_MS = 300_000

/** What may wait for a reader, in bytes, before it is dropped: it comes back and asks for what it missed. */
const MOST_WAITING = 1_048_576

const MOST_READERS = 1_000

/** What a host's compression adds to an answer. */
type Flushable = Response & { flush?: () => void }

/** Hands the feed to pages, as server-sent events. */
export class Streams {
  readonly #feed: Feed
  readonly #clock: Clock
  readonly #beaten: () => void
  readonly #open = new Map<Reader, { res: Flushable; since: number }>()
  #isBeating = false

  /** `beat` is called every quarter of a minute while anybody reads. */
  constructor(feed: Feed, clock: Clock, beat: () => void) {
    this.#beaten = beat
    this.#feed = feed
    this.#clock = clock
  }

  /** Tells one page everything after the id it names, until it goes, reads too slowly, or its time is over. */
  open(req: Request, res: Response): void {
    if (this.#open.size >= MOST_READERS) {
      throw new ButlerError('BUTLER_UNAVAILABLE', `${MOST_READERS} pages are open; close one, or try again later.`)
    }
    const after = req.get('Last-Event-ID') ?? req.query.after
    res.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      // A proxy must neither keep, nor change, nor collect what is meant for now.
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
      'X-Content-Type-Options': 'nosniff',
    })
    res.flushHeaders()
    const reader: Reader = { write: (text) => this.#write(reader, text) }
    this.#open.set(reader, { res, since: this.#clock.now() })
    res.once('close', () => this.#forget(reader))
    reader.write('retry: 2000\n\n')
    this.#feed.follow(typeof after === 'string' ? after : '', reader)
    this.#beat()
  }

  #write(reader: Reader, text: string): void {
    const line = this.#open.get(reader)
    if (!line) return
    line.res.write(text)
    line.res.flush?.()
    if (line.res.writableLength <= MOST_WAITING) return
    this.#forget(reader)
    line.res.destroy()
  }

  #forget(reader: Reader): void {
    this.#feed.readers.delete(reader)
    this.#open.delete(reader)
  }

  /** One timer for all lines, and none while there are none. */
  #beat(): void {
    if (this.#isBeating) return
    this.#isBeating = true
    this.#clock.callAfter(HEARTBEAT_MS, () => {
      this.#isBeating = false
      const now = this.#clock.now()
      for (const [reader, { res, since }] of [...this.#open]) {
        if (now - since < LONGEST_MS) reader.write(': here\n\n')
        else res.end()
      }
      if (this.#open.size === 0) return
      this.#beaten()
      this.#beat()
    })
  }
}
