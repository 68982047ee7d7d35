import { randomUUID } from 'node:crypto'
import type { Asked } from '../engine/asked'
import { endsWithin } from '../engine/grace'
import { ButlerError } from '../errors'
import type { StartAnswer } from '../registry'
import type { Node } from './node'

/** How long another node may take to answer. */
const PATIENCE_MS = 700

interface Errand {
  to: string
  id: string
  task: string
  asked: Asked
}

interface Answer {
  id: string
  answer: StartAnswer | null
}

/** Starts on other nodes what this one does not implement, and starts here what others ask for. */
export class Errands {
  readonly #node: Node
  readonly #startHere: (task: string, asked: Asked) => Promise<StartAnswer>
  readonly #waiting = new Map<string, (answer: StartAnswer | null) => void>()

  constructor(node: Node, startHere: (task: string, asked: Asked) => Promise<StartAnswer>) {
    this.#node = node
    this.#startHere = startHere
  }

  /** Rejects with `BUTLER_TASK_NOT_IMPLEMENTED` when no live node has the task. */
  async start(task: string, asked: Asked): Promise<StartAnswer> {
    const able = this.#node.nodes.whoHas(task)
    const to = able[this.#node.host.clock.now() % able.length]
    if (to === undefined) {
      throw new ButlerError('BUTLER_TASK_NOT_IMPLEMENTED', `No process that is running implements ${task}.`)
    }
    const id = randomUUID()
    let answer: StartAnswer | null = null
    const answered = new Promise<void>((resolve) => {
      this.#waiting.set(id, (given) => {
        answer = given
        resolve()
      })
    })
    await this.#node.news.publish('start', { to, id, task, asked } satisfies Errand)
    await endsWithin(answered, { clock: this.#node.host.clock, graceMs: PATIENCE_MS })
    this.#waiting.delete(id)
    if (answer) return answer
    throw new ButlerError('BUTLER_UNAVAILABLE', `The process that implements ${task} did not answer; try again later.`)
  }

  hear(_from: string, topic: 'start' | 'answer', payload: unknown): void {
    if (topic === 'start') void this.#run(payload as Errand)
    else this.#waiting.get((payload as Answer).id)?.((payload as Answer).answer)
  }

  async #run({ to, id, task, asked }: Errand): Promise<void> {
    if (to !== this.#node.me) return
    const answer = await this.#startHere(task, asked).catch(() => null)
    await this.#node.news.publish('answer', { id, answer } satisfies Answer)
  }
}
