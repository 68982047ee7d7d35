import type { Clock, Instant } from '../engine/clock'
import type { Task, TaskFacts } from '../engine/task'
import type { Connection } from './connection'

/** A node is taken to be dead when this many beats of ours have passed without one of its own. */
export const BEATS_PER_LEASE = 5

/** What a node needs to live among others. */
interface NodesOptions {
  tasks: ReadonlyMap<string, Task>
  clock: Clock
  leaseMs: number
}

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
  readonly #clock: Clock
  /** A beat older than this may soon be the last that others know of, in milliseconds. */
  readonly #staleMs: number
  /** When the last beat that arrived was sent. */
  #beatAt: Instant = Number.NEGATIVE_INFINITY
  #seen = new Map<string, Seen>()
  #tasks = new Map<string, readonly TaskFacts[]>()
  #beats = 0

  constructor(connection: Connection, me: string, { tasks, clock, leaseMs }: NodesOptions) {
    this.#connection = connection
    this.#me = me
    this.#facts = JSON.stringify([...tasks.values()].map(({ run: _run, ...facts }) => facts))
    this.#clock = clock
    this.#staleMs = (2 * leaseMs) / BEATS_PER_LEASE
  }

  /** Says that this node lives, and looks who else does. */
  async beat(): Promise<void> {
    await this.#show()
    const fields = await this.#ask((nodes) => nodes.getQueueMeta())
    this.#see(fields, 1)
    const gone = [...this.#seen].filter(([, { silentFor }]) => silentFor > 10 * BEATS_PER_LEASE).map(([node]) => node)
    if (gone.length > 0) await this.#forget(gone)
  }

  /** Looks who is there now. Nobody counts as silent for that. */
  async look(): Promise<void> {
    this.#see(await this.#ask((nodes) => nodes.getQueueMeta()), 0)
  }

  /**
   * Says that this node lives, if it has not said so for a while: it was frozen or cut off, and others may take it for dead and give
   * away what it begins now. `true`: it had to.
   */
  async renew(): Promise<boolean> {
    const isFresh = Math.abs(this.#clock.now() - this.#beatAt) < this.#staleMs
    if (!isFresh) await this.#show()
    return !isFresh
  }

  isDead(node: string): boolean {
    const seen = this.#seen.get(node)
    return node !== this.#me && (seen === undefined || seen.silentFor > BEATS_PER_LEASE)
  }

  /** Whether a node is dead, also by a second look: one that was away for a while says that it lives before it does anything. */
  async hasDied(node: string): Promise<boolean> {
    if (!this.isDead(node)) return false
    await this.look()
    return this.isDead(node)
  }

  /** What other live nodes implement, as the newest of those that have a task declares it. */
  tasksElsewhere(): TaskFacts[] {
    const others = [...this.#tasks].filter(([node]) => node !== this.#me && !this.isDead(node))
    const beatsOf = (node: string) => Number(this.#seen.get(node)?.beat)
    const oldestFirst = others.sort(([one], [other]) => beatsOf(other) - beatsOf(one))
    return [...new Map(oldestFirst.flatMap(([, tasks]) => tasks.map((task) => [task.name, task]))).values()]
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

  async #show(): Promise<void> {
    const now = this.#clock.now()
    this.#beats += 1
    const introduction = !this.#tasks.has(this.#me) && { [`tasks:${this.#me}`]: this.#facts }
    await this.#ask((nodes) => nodes.setQueueMeta({ [`beat:${this.#me}`]: String(this.#beats), ...introduction }))
    this.#beatAt = now
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
