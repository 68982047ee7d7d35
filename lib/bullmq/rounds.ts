import { type Cancel, iso } from '../engine/clock'
import { copyOf, type Run } from '../engine/run'
import type { Reading } from './copy'
import type { Node } from './node'
import { BEATS_PER_LEASE } from './nodes'
import type { OwnRuns } from './own-runs'
import { endedPage, isRunning, type RunningPage } from './page'
import { inPortions } from './portions'
import type { WaitingLine } from './waiting-line'

/** A node's rounds: at every beat it says that it lives, and sees to what others have left behind. */
export class Rounds {
  readonly #node: Node
  readonly #runs: OwnRuns
  readonly #line: WaitingLine
  readonly #found: (reading: Reading) => void
  #cancelBeat: Cancel = () => {}
  #isOver = false
  #last: Promise<unknown> = Promise.resolve()
  /** Jobs without a process that were no longer in their slots, and marks without a run, when they were last looked at. */
  #vanished: ReadonlySet<string> = new Set()
  #stray: ReadonlySet<string> = new Set()
  /** Absences of this node after which its runs have been looked at, and departures of others after which all was read. */
  #absences = 0
  #departures = 0

  /** `found` is told what each round reads. */
  constructor(node: Node, runs: OwnRuns, line: WaitingLine, found: (reading: Reading) => void) {
    this.#node = node
    this.#runs = runs
    this.#line = line
    this.#found = found
  }

  /** From now on there is a round at every beat. */
  begin(leaseMs: number): void {
    if (this.#isOver) return
    this.#cancelBeat = this.#node.host.clock.callAfter(leaseMs / BEATS_PER_LEASE, () => {
      void this.#beat().finally(() => this.begin(leaseMs))
    })
  }

  end(): void {
    this.#isOver = true
    this.#cancelBeat()
  }

  /** Sees to what dead processes left. One round after the other: what is found twice must have been looked at twice. */
  review(): Promise<void> {
    const review = this.#last.then(() => this.#review())
    this.#last = review.catch(() => {})
    return review
  }

  /** Never rejects. */
  async #beat(): Promise<void> {
    const { nodes, news, host } = this.#node
    try {
      await nodes.beat()
      await news.remind()
      await this.review()
      // What it finds may take long to begin, and the next beat is not to wait for that.
      void this.#line.look()
    } catch (err) {
      host.logger.debug({ err }, 'The shared queue could not be looked at; it is tried again.')
    }
  }

  async #review(): Promise<void> {
    const { book, nodes } = this.#node
    await this.#runs.undo()
    const { absences } = nodes
    const wasAway = absences > this.#absences
    this.#doubt(wasAway)
    const reading = await book.check(this.#runs.running())
    const running = [...reading.pages].flatMap(([name, page]) => (isRunning(page) ? [{ name, page }] : []))
    // Whoever writes in the book has said before that it lives, but perhaps only just.
    if (running.some(({ page }) => nodes.isDead(page.node))) await nodes.look()
    await this.#runs.review(reading, wasAway)
    this.#absences = absences
    this.#found(reading)
    const before = this.#vanished
    const vanished = new Set<string>()
    const cut = running.filter(({ name, page }) => this.#isCut(name, page))
    await inPortions(cut, async ({ name, page }) => {
      if (!(await this.#interrupt(name, page, before.has(page.job)))) vanished.add(page.job)
    })
    this.#vanished = vanished
    await this.#tidy(reading, new Set(running.map(({ page }) => page.lastRun.id)))
    await this.#line.mend(reading)
  }

  /** Something may have happened that was not heard of: whoever is gone may have died before it could tell. */
  #doubt(wasAway: boolean): void {
    const { book, nodes, news } = this.#node
    const { departures } = nodes
    if (news.heard.takeMissed() || wasAway || departures > this.#departures) book.doubt()
    news.heard.forget((node) => nodes.isDead(node))
    this.#departures = departures
  }

  /** Whether nobody carries out a run: its process is dead, or is this one, and could not begin it. */
  #isCut(name: string, { node, job }: RunningPage): boolean {
    const { me, nodes } = this.#node
    return node === me ? !this.#runs.has(name, job) : nodes.isDead(node)
  }

  /**
   * Writes down that a run was cut. If it had ended before its process could say so, that is the truth. `false`: its slot is free, and
   * its process may be about to say why.
   */
  async #interrupt(name: string, page: RunningPage, isSeenAgain: boolean): Promise<boolean> {
    const { slots, book, host } = this.#node
    const found = await book.page(name)
    if (found?.job !== page.job || !isRunning(found)) {
      book.suspect(name)
      return true
    }
    const cut: Run = { ...found.lastRun, outcome: 'interrupted', endedAt: iso(host.clock.now()) }
    const isMine = await slots.settle(name, page.job, cut)
    if (!isMine && !isSeenAgain) return false
    const run = isMine ? cut : ((await slots.ended(name, page.job)) ?? cut)
    if (!isMine && (await book.page(name))?.job !== page.job) return true // Another node has said it meanwhile.
    await book.write(new Map([[name, endedPage(found, run)]]))
    const version = await book.unmark(run.id)
    this.#node.announce('run:ended', copyOf(run), { version })
    return true
  }

  /** Takes away marks on runs that ended just before they were asked to. */
  async #tidy({ stops }: Reading, running: ReadonlySet<string>): Promise<void> {
    const stray = [...stops.keys()].filter((runId) => !running.has(runId))
    for (const runId of stray) if (this.#stray.has(runId)) await this.#node.book.unmark(runId)
    this.#stray = new Set(stray)
  }
}
