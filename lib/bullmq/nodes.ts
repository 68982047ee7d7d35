import type { Clock, Instant } from '../engine/clock'
import type { Task, TaskFacts } from '../engine/task'
import type { Connection } from './connection'

/** A node is taken to be dead when this many beats of ours have passed without one of its own. */
export const BEATS_PER_LEASE = 5

const BEAT = 'beat:'
const TASKS = 'tasks:'

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

/** What a node implements, as it says it. */
interface Declaration {
  text: string
  tasks: ReadonlyMap<string, TaskFacts>
}

/**
 * The processes that share the queue. Each says at every beat that it lives, and finds others dead by counting its own beats, so
 * nobody's clock matters; and while the database is away nobody counts, so nobody dies of that.
 */
export class Nodes {
  readonly #connection: Connection
  readonly #me: string
  readonly #mine: ReadonlyMap<string, Task>
  readonly #facts: string
  readonly #clock: Clock
  /** A beat older than this may soon be the last that others know of, in milliseconds. */
  readonly #staleMs: number
  /** When the last beat that arrived was sent. */
  #beatAt: Instant = Number.NEGATIVE_INFINITY
  #seen = new Map<string, Seen>()
  /** What other nodes implement. */
  #tasks: ReadonlyMap<string, Declaration> = new Map()
  /** What those of them that live implement, by task: kept, because it is asked for at each look. */
  #elsewhere: ReadonlyMap<string, TaskFacts> = new Map()
  /** What that was made of, the newest first. */
  #counted: readonly Declaration[] = []
  /** In an order that all find. */
  #live: readonly string[] = []
  #beats = 0
  #absences = 0
  #departures = 0

  constructor(connection: Connection, me: string, { tasks, clock, leaseMs }: NodesOptions) {
    this.#connection = connection
    this.#me = me
    this.#mine = tasks
    this.#facts = JSON.stringify([...tasks.values()].map(({ run: _run, ...facts }) => facts))
    this.#clock = clock
    this.#staleMs = (2 * leaseMs) / BEATS_PER_LEASE
  }

  /** Says that this node lives, and looks who else does. */
  async beat(): Promise<void> {
    await this.#show()
    await this.#see(1)
    const gone = [...this.#seen].filter(([, { silentFor }]) => silentFor > 10 * BEATS_PER_LEASE).map(([node]) => node)
    if (gone.length > 0) await this.#forget(gone)
  }

  /** Looks who is there now. Nobody counts as silent for that. */
  async look(): Promise<void> {
    await this.#see(0)
  }

  /**
   * Says that this node lives, if it has not said so for a while: it was frozen or cut off, and others may take it for dead and give
   * away what it begins now. `true`: it had to.
   */
  async renew(): Promise<boolean> {
    const isStale = this.#isStale
    if (isStale) await this.#show()
    return isStale
  }

  /** How often this node was silent for so long that others may have taken it for dead. */
  get absences(): number {
    return this.#absences
  }

  /** How often others left or died, as far as this node has seen. */
  get departures(): number {
    return this.#departures
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

  /** What other live nodes implement, by name, as the newest of those that have a task declares it. */
  tasksElsewhere(): ReadonlyMap<string, TaskFacts> {
    return this.#elsewhere
  }

  /** Live nodes that implement a task, this one left out. */
  whoHas(task: string): string[] {
    const nodes = [...this.#tasks].filter(([node]) => !this.isDead(node))
    return nodes.filter(([, { tasks }]) => tasks.has(task)).map(([node]) => node)
  }

  /** Whether this node is the one that reaches for a task first. */
  isFirstFor(task: string): boolean {
    return this.firstFor(task) === this.#me
  }

  /** Which of the live nodes that implement a task reaches for it first; of all, when it is no task. All find the same one. */
  firstFor(task: string): string {
    const digits = [...task].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003, 7)
    const at = (step: number) => this.#live[(digits + step) % this.#live.length] ?? this.#me
    for (let step = 0; step < this.#live.length; step += 1) if (this.#has(at(step), task)) return at(step)
    return at(0)
  }

  /** A node has said that it leaves. */
  part(node: string): void {
    this.#seen.delete(node)
    this.#tasks = new Map([...this.#tasks].filter(([other]) => other !== node))
    this.#count()
  }

  async leave(): Promise<void> {
    await this.#forget([this.#me])
  }

  #has(node: string, task: string): boolean {
    return node === this.#me ? this.#mine.has(task) : this.#tasks.get(node)?.tasks.has(task) === true
  }

  get #isStale(): boolean {
    return Math.abs(this.#clock.now() - this.#beatAt) >= this.#staleMs
  }

  /** What it implements is known before it is known to live; a database that lost its memory is told again. */
  async #show(): Promise<void> {
    const now = this.#clock.now()
    if (this.#isStale) this.#absences += 1
    this.#beats += 1
    const isKnown = await this.#ask('tasks', (tasks) => tasks.hasQueueMetaField(TASKS + this.#me))
    if (!isKnown) await this.#ask('tasks', (tasks) => tasks.setQueueMeta({ [TASKS + this.#me]: this.#facts }))
    await this.#ask('nodes', (nodes) => nodes.setQueueMeta({ [BEAT + this.#me]: String(this.#beats) }))
    this.#beatAt = now
  }

  /** Who lives, and what they have: only now does it change. Of those that came at once, the one that was seen last is the newest. */
  #count(): void {
    const others = [...this.#seen.keys()].filter((node) => node !== this.#me && !this.isDead(node))
    const live = new Set([this.#me, ...others])
    if (this.#live.some((node) => !live.has(node))) this.#departures += 1
    this.#live = [...live].sort()
    const beatsOf = (node: string) => Number(this.#seen.get(node)?.beat)
    const newestFirst = [...this.#tasks.keys()]
      .filter((node) => live.has(node))
      .reverse()
      .sort((one, other) => beatsOf(one) - beatsOf(other))
    const declared = [...new Set(newestFirst.map((node) => this.#tasks.get(node) as Declaration))]
    const isSame = this.#counted.length === declared.length && declared.every((each, at) => each === this.#counted[at])
    if (isSame) return
    this.#counted = declared
    this.#elsewhere = new Map(declared.toReversed().flatMap(({ tasks }) => [...tasks]))
  }

  /** Reads who lives; what a node implements is read once, because it never changes. */
  async #see(beats: number): Promise<void> {
    const found = await this.#ask('nodes', (nodes) => nodes.getQueueMeta())
    const nodes = Object.keys(found).flatMap((field) => (field.startsWith(BEAT) ? field.slice(BEAT.length) : []))
    const strangers = nodes.filter((node) => !this.#tasks.has(node) && node !== this.#me)
    const facts = await this.#factsOf(strangers)
    this.#seen = new Map(nodes.map((node) => [node, this.#seenAgain(node, found[BEAT + node] as string, beats)]))
    const known = [...this.#tasks].filter(([node]) => this.#seen.has(node))
    const tasks = new Map(known)
    for (const [place, node] of strangers.entries()) {
      const text = facts[place]
      if (text) tasks.set(node, declarationOf(text, tasks.values()))
    }
    this.#tasks = tasks
    this.#count()
  }

  #seenAgain(node: string, beat: string, beats: number): Seen {
    const before = this.#seen.get(node)
    return { beat, silentFor: before?.beat === beat ? before.silentFor + beats : 0 }
  }

  async #factsOf(nodes: readonly string[]): Promise<(string | null)[]> {
    if (nodes.length === 0) return []
    return this.#ask('tasks', (tasks) => tasks.getQueueMetaFields(nodes.map((node) => TASKS + node)))
  }

  async #forget(nodes: readonly string[]): Promise<void> {
    await this.#ask('nodes', (queue) => queue.removeQueueMetaFields(nodes.map((node) => BEAT + node)))
    await this.#ask('tasks', (queue) => queue.removeQueueMetaFields(nodes.map((node) => TASKS + node)))
  }

  #ask<Answer>(what: string, question: (queue: ReturnType<Connection['queue']>) => Promise<Answer>): Promise<Answer> {
    return this.#connection.ask(() => question(this.#connection.queue(what)))
  }
}

/** Most nodes implement what another one does: that is kept once. */
function declarationOf(text: string, known: Iterable<Declaration>): Declaration {
  for (const declaration of known) if (declaration.text === text) return declaration
  return { text, tasks: new Map((JSON.parse(text) as TaskFacts[]).map((task) => [task.name, task])) }
}
