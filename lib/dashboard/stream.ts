import type { Request, Response } from 'express'
import type { Clock, Instant } from '../engine/clock'
import { ButlerError } from '../errors'
import type { Feed, Reader } from './feed'

/** How often a quiet line is given a sign of life, in milliseconds, so that no proxy takes it for dead. */
const HEARTBEAT_MS = 15_000

/** How often lines are looked after, in milliseconds: a server that closes waits for them. */
const PULSE_MS = 1_000

/** How long a line lasts, in milliseconds. A page comes back by itself, and is then asked again who it is. */
const LONGEST_MS = 60_000

/** What may wait for a reader, in bytes, before it is dropped: it comes back and asks for what it missed. */
const MOST_WAITING = 1_048_576

const MOST_LINES = 1_000

/** Of those, how many may be held by people who only look: whoever opens many pages takes none from operators. */
const MOST_FOR_VIEWERS = 900

/** Whether another page gets a line. */
export function hasRoom(lines: readonly { mayOperate: boolean }[], mayOperate: boolean): boolean {
  if (mayOperate) return lines.length < MOST_LINES
  return lines.filter((line) => !line.mayOperate).length < MOST_FOR_VIEWERS && lines.length < MOST_LINES
}

/** What a host's compression adds to an answer. */
type Flushable = Response & { flush?: () => void }

interface Line {
  res: Flushable
  mayOperate: boolean
  since: Instant
  /** When something was sent last. */
  toldAt: Instant
  /** Whether the server takes no more requests, and waits for those that it has. */
  isLast(): boolean
}

/** Hands the feed to pages, as server-sent events. */
export class Streams {
  readonly #feed: Feed
  readonly #clock: Clock
  readonly #beaten: () => void
  readonly #open = new Map<Reader, Line>()
  #isBeating = false

  /** `beaten` is called every second while anybody reads. */
  constructor(feed: Feed, clock: Clock, beaten: () => void) {
    this.#beaten = beaten
    this.#feed = feed
    this.#clock = clock
  }

  /** Tells one page everything after the id it names, until it goes, reads too slowly, or its time is over. */
  open(req: Request, res: Response, mayOperate: boolean): void {
    if (!hasRoom([...this.#open.values()], mayOperate)) {
      throw new ButlerError('BUTLER_UNAVAILABLE', `${this.#open.size} pages are open; close one, or try again later.`)
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
    if (req.method === 'HEAD') {
      res.end()
      return
    }
    const reader: Reader = { write: (text) => this.#write(reader, text) }
    const since = this.#clock.now()
    this.#open.set(reader, { res, mayOperate, since, toldAt: since, isLast: closingOf(req) })
    res.once('close', () => this.#forget(reader))
    reader.write('retry: 2000\n\n')
    this.#feed.follow(typeof after === 'string' ? after : '', reader)
    this.#beat()
  }

  #write(reader: Reader, text: string): void {
    const line = this.#open.get(reader)
    if (!line) return
    line.toldAt = this.#clock.now()
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
    this.#clock.callAfter(PULSE_MS, () => {
      this.#isBeating = false
      const now = this.#clock.now()
      for (const [reader, line] of [...this.#open]) this.#lookAfter(reader, line, now)
      if (this.#open.size === 0) return
      this.#beaten()
      this.#beat()
    })
  }

  #lookAfter(reader: Reader, { res, since, toldAt, isLast }: Line, now: Instant): void {
    if (isLast()) {
      this.#forget(reader)
      // Kept open for another request, the connection would bring the page back to a server that waits for it to go.
      const { socket } = res
      res.end(() => socket?.destroySoon())
    } else if (now - since >= LONGEST_MS) res.end()
    else if (now - toldAt >= HEARTBEAT_MS) reader.write(': here\n\n')
  }
}

/** A server that never listened is handed its connections by somebody else, and says nothing of its end. */
function closingOf({ socket }: Request): () => boolean {
  const { server } = socket as { server?: { listening?: boolean } }
  return server?.listening === true ? () => server.listening === false : () => false
}
