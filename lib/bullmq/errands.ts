import { randomUUID } from 'node:crypto'
import type { Asked } from '../engine/asked'
import { endsWithin } from '../engine/grace'
import { ButlerError } from '../errors'
import type { StartAnswer } from '../registry'
import type { Node } from './node'

/** How long another node may take to answer. */
const PATIENCE_MS = 700

interface Errand {
  /** The node that is to run it. */
  to: string
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
 * was asked for, so before it starts anything it makes sure that somebody still waits for that.
 */
export class Errands {
  readonly #node: Node
  readonly #startHere: (task: string, asked: Asked) => Promise<StartAnswer>
  readonly #waiting = new Map<string, (answer: StartAnswer | null) => void>()
  readonly #promised = new Map<string, Errand>()

  constructor(node: Node, startHere: (task: string, asked: Asked) => Promise<StartAnswer>) {
    this.#node = node
    this.#startHere = startHere
  }

  /** Rejects with `BUTLER_TASK_NOT_IMPLEMENTED` when no live node has the task. */
  async start(task: string, asked: Asked): Promise<StartAnswer> {
    const able = this.#node.nodes.whoHas(task)
    const to = able[this.#node.host.clock.now() % able.length]
    if (to === undefined) {
      throw new ButlerError(
        'BUTLER_TASK_NOT_IMPLEMENTED',
        `No process that is running implements ${task}. Start one whose createButler({ tasks }) has it.`,
      )
    }
    const id = randomUUID()
    let answer: StartAnswer | null = null
    const answered = new Promise<void>((resolve) => {
      this.#waiting.set(id, (given) => {
        answer = given
        resolve()
      })
    })
    try {
      await this.#node.news.send('start', { to, id, task, asked } satisfies Errand)
      await endsWithin(answered, { clock: this.#node.host.clock, graceMs: PATIENCE_MS })
    } finally {
      this.#waiting.delete(id)
    }
    if (answer) return answer
    throw new ButlerError('BUTLER_UNAVAILABLE', `The process that implements ${task} did not answer; try again later.`)
  }

  hear(from: string, topic: Topic, payload: unknown): void {
    const { to, id, answer = null } = payload as Word
    if (to !== this.#node.me) return
    if (topic === 'start') void this.#promise(from, payload as Errand)
    if (topic === 'ready' && this.#waiting.has(id)) this.#say('go', { to: from, id })
    if (topic === 'go') void this.#run(from, id)
    if (topic === 'answer') this.#waiting.get(id)?.(answer)
  }

  async #promise(from: string, errand: Errand): Promise<void> {
    this.#promised.set(errand.id, errand)
    this.#say('ready', { to: from, id: errand.id })
    await this.#node.pause(PATIENCE_MS)
    this.#promised.delete(errand.id)
  }

  async #run(from: string, id: string): Promise<void> {
    const errand = this.#promised.get(id)
    if (!errand) return
    this.#promised.delete(id)
    const answer = await this.#startHere(errand.task, errand.asked).catch(() => null)
    this.#say('answer', { to: from, id, answer })
  }

  #say(topic: Topic, word: Word): void {
    void this.#node.news.publish(topic, word)
  }
}
