import { randomUUID } from 'node:crypto'
import type { Asked } from '../engine/asked'
import { endsWithin } from '../engine/grace'
import { ButlerError } from '../errors'
import type { StartAnswer } from '../registry'
import { Asking } from './asking'
import type { Node } from './node'

/** How long an errand may take. */
const PATIENCE_MS = 900

/** How soon more nodes are asked while none of those that were asked is ready: they may have died, and nobody knows it yet. */
const NEXT_MS = 150

/** How many more are asked then, and how many after that. Where a thousand nodes have a task, not all are to answer. */
const MORE = [2, 4]

/** What is to be done for another node. */
interface Errand {
  id: string
  task: string
  asked: Asked
}

/** Who has what to say about an errand: it is asked for, promised, then wanted still, and answered. */
interface Word {
  to: string
  id: string
  answer?: StartAnswer | null
}

type Topic = 'start' | 'ready' | 'go' | 'answer'

export function isErrand(topic: string): topic is Topic {
  return ['start', 'ready', 'go', 'answer'].includes(topic)
}

/**
 * Starts on other nodes what this one does not implement, and starts here what others ask for. A node that was away hears late what it
 * was asked for, so before it starts anything it makes sure that somebody still waits for that. Several may be asked, and one is told to go.
 */
export class Errands {
  readonly #node: Node
  readonly #startHere: (task: string, asked: Asked) => Promise<StartAnswer>
  readonly #asking = new Map<string, Asking>()
  readonly #promised = new Map<string, Errand>()
  #isClosed = false

  constructor(node: Node, startHere: (task: string, asked: Asked) => Promise<StartAnswer>) {
    this.#node = node
    this.#startHere = startHere
  }

  /** Rejects with `BUTLER_TASK_NOT_IMPLEMENTED` when no live node has the task. */
  async start(task: string, asked: Asked): Promise<StartAnswer> {
    const { nodes, news, host } = this.#node
    const [to, ...others] = turned(nodes.whoHas(task), host.clock.now())
    if (to === undefined) throw notImplemented(task)
    const errand: Errand = { id: randomUUID(), task, asked }
    const asking = new Asking()
    this.#asking.set(errand.id, asking)
    try {
      await news.send('start', { ...errand, to })
      void this.#askMore(others, errand, asking)
      await endsWithin(asking.answered, { clock: host.clock, graceMs: PATIENCE_MS })
    } finally {
      this.#asking.delete(errand.id)
    }
    if (asking.answer) return asking.answer
    throw new ButlerError('BUTLER_UNAVAILABLE', `No process that implements ${task} has answered; try again later.`)
  }

  hear(from: string, topic: Topic, payload: unknown): void {
    const { to, id, answer = null } = payload as Word
    if (to !== this.#node.me) return
    if (topic === 'start') void this.#promise(from, payload as Errand)
    if (topic === 'ready') this.#send(this.#asking.get(id)?.offer(from), id)
    if (topic === 'go') void this.#run(from, id)
    if (topic === 'answer') this.#send(this.#asking.get(id)?.hear(from, answer), id)
  }

  /** From now on nothing is promised, nor done, for others. */
  close(): void {
    this.#isClosed = true
  }

  async #askMore(others: readonly string[], errand: Errand, { ready }: Asking): Promise<void> {
    let from = 0
    for (const many of MORE) {
      if (await endsWithin(ready, { clock: this.#node.host.clock, graceMs: NEXT_MS })) return
      for (const to of others.slice(from, from + many)) this.#say('start', { ...errand, to })
      from += many
    }
  }

  async #promise(from: string, errand: Errand): Promise<void> {
    if (this.#isClosed) return
    this.#promised.set(errand.id, errand)
    this.#say('ready', { to: from, id: errand.id })
    await this.#node.pause(PATIENCE_MS)
    this.#promised.delete(errand.id)
  }

  async #run(from: string, id: string): Promise<void> {
    const errand = this.#promised.get(id)
    if (!errand) return
    this.#promised.delete(id)
    const answer = this.#isClosed ? null : await this.#startHere(errand.task, errand.asked).catch(() => null)
    this.#say('answer', { to: from, id, answer })
  }

  #send(to: string | null | undefined, id: string): void {
    if (to) this.#say('go', { to, id })
  }

  #say(topic: Topic, word: Word): void {
    void this.#node.news.publish(topic, word)
  }
}

/** Not always the same one comes first. */
function turned(names: readonly string[], by: number): string[] {
  const first = by % names.length
  return [...names.slice(first), ...names.slice(0, first)]
}

function notImplemented(task: string): ButlerError {
  const wayOut = 'Start one whose createButler({ tasks }) has it.'
  return new ButlerError('BUTLER_TASK_NOT_IMPLEMENTED', `No process that is running implements ${task}. ${wayOut}`)
}
