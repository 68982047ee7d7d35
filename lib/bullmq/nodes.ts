import type { Task, TaskFacts } from '../engine/task'
import type { Connection } from './connection'

/** A node is taken to be dead when this many beats of ours have passed without one of its own. */
export const BEATS_PER_LEASE = 5

/** What is known of another node. */
interface Seen {
  beat: string
  /** How many of our beats have passed since its last one. */
  silentFor: number
}

/**
 * The processes that share the queue. Each says at every beat that it lives, and finds others dead by counting its own beats, so
 * nobody's clock matters; and while the database is away nobody counts, so nobody dies of that.
 */
export class Nodes {
  readonly #connection: Connection
  readonly #me: string
  readonly #facts: string
  #seen = new Map<string, Seen>()
  #tasks = new Map<string, readonly TaskFacts[]>()
  #beats = 0

  constructor(connection: Connection, me: string, tasks: ReadonlyMap<string, Task>) {
    this.#connection = connection
    this.#me = me
    this.#facts = JSON.stringify([...tasks.values()].map(({ run: _run, ...facts }) => facts))
  }

  /** Says that this node lives, and looks who else does. */
  async beat(): Promise<void> {
    this.#beats += 1
    const mine = { [`beat:${this.#me}`]: String(this.#beats), ...(!this.#tasks.has(this.#me) && this.#introduction()) }
    await this.#ask((nodes) => nodes.setQueueMeta(mine))
    const fields = await this.#ask((nodes) => nodes.getQueueMeta())
    this.#see(fields, 1)
    const gone = [...this.#seen].filter(([, { silentFor }]) => silentFor > 10 * BEATS_PER_LEASE).map(([node]) => node)
    if (gone.length > 0) await this.#forget(gone)
  }

  /** Looks who is there now. Nobody counts as silent for that. */
  async look(): Promise<void> {
    this.#see(await this.#ask((nodes) => nodes.getQueueMeta()), 0)
  }

  knows(node: string): boolean {
    return this.#seen.has(node)
  }

  isDead(node: string): boolean {
    const seen = this.#seen.get(node)
    return node !== this.#me && (seen === undefined || seen.silentFor > BEATS_PER_LEASE)
  }

  /** What other live nodes implement. */
  tasksElsewhere(): TaskFacts[] {
    return [...this.#tasks].filter(([node]) => node !== this.#me && !this.isDead(node)).flatMap(([, tasks]) => tasks)
  }

  /** Live nodes that implement a task, this one left out. */
  whoHas(task: string): string[] {
    const nodes = [...this.#tasks].filter(([node]) => node !== this.#me && !this.isDead(node))
    return nodes.filter(([, tasks]) => tasks.some(({ name }) => name === task)).map(([node]) => node)
  }

  /** A node has said that it leaves. */
  part(node: string): void {
    this.#seen.delete(node)
    this.#tasks.delete(node)
  }

  async leave(): Promise<void> {
    await this.#forget([this.#me])
  }

  #introduction(): Record<string, string> {
    return { [`tasks:${this.#me}`]: this.#facts }
  }

  #see(fields: Record<string, string>, beats: number): void {
    const nodes = Object.keys(fields).flatMap((field) => (field.startsWith('beat:') ? field.slice(5) : []))
    this.#seen = new Map(nodes.map((node) => [node, this.#seenAgain(node, fields[`beat:${node}`] as string, beats)]))
    const tasksOf = (node: string): readonly TaskFacts[] =>
      this.#tasks.get(node) ?? JSON.parse(fields[`tasks:${node}`] ?? '[]')
    this.#tasks = new Map(nodes.filter((node) => `tasks:${node}` in fields).map((node) => [node, tasksOf(node)]))
  }

  #seenAgain(node: string, beat: string, beats: number): Seen {
    const before = this.#seen.get(node)
    return { beat, silentFor: before?.beat === beat ? before.silentFor + beats : 0 }
  }

  async #forget(nodes: readonly string[]): Promise<void> {
    const fields = nodes.flatMap((node) => [`beat:${node}`, `tasks:${node}`])
    await this.#ask((queue) => queue.removeQueueMetaFields(fields))
  }

  #ask<Answer>(question: (queue: ReturnType<Connection['queue']>) => Promise<Answer>): Promise<Answer> {
    return this.#connection.ask(() => question(this.#connection.queue('nodes')))
  }
}
