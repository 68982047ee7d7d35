import type { Clock } from '../../lib/engine/clock'
import type { ButlerEvents } from '../../lib/engine/events'
import { type Logger, silent } from '../../lib/engine/logger'
import type { NewEntry, QueueRecord, RunQueue } from '../../lib/engine/queue'
import { readTasks, type TaskContext, type TaskDefinition, type TaskFunction } from '../../lib/engine/task'
import { untraced } from '../../lib/engine/tracer'

/** Where queues of one kind keep what they know: what one leaves behind, the next one finds. */
export interface QueuePlace {
  readonly clock: Clock
  /** A new queue for this place, not yet open. */
  create(): RunQueue
  /** Lets at least so much time pass, and happen what it brings about. 0 lets what is under way go on. */
  pass(ms: number): Promise<void>
  /** Ends a queue as `kill -9` of its process would: it neither says nor writes anything any more, and is not closed. */
  crash(queue: RunQueue): Promise<void>
  /** Gives back what the place holds, after all of its queues have been closed. */
  close(): Promise<void>
}

/** A task in the test's hands: it runs until it is told to end, or until its signal aborts. */
export interface HeldTask extends TaskFunction {
  /** What each of its calls was handed. */
  readonly calls: TaskContext[]
  /** From now on it runs until it is told to end, whatever its signal says. */
  stubborn: boolean
  finish(result?: unknown): void
  fail(error: Error): void
}

function heldTask(): HeldTask {
  const calls: TaskContext[] = []
  const ends: { resolve(result: unknown): void; reject(error: unknown): void }[] = []
  const run = (context: TaskContext) =>
    new Promise((resolve, reject) => {
      calls.push(context)
      ends.push({ resolve, reject })
      context.signal.addEventListener('abort', () => held.stubborn || reject(context.signal.reason))
    })
  const held: HeldTask = Object.assign(run, {
    calls,
    stubborn: false,
    finish: (result?: unknown) => ends.at(-1)?.resolve(result),
    fail: (error: Error) => ends.at(-1)?.reject(error),
  })
  return held
}

/** One thing that a queue told. */
type Told = {
  [Event in keyof ButlerEvents]: [event: Event, payload: ButlerEvents[Event][0]]
}[keyof ButlerEvents]

interface OpenOptions {
  concurrency?: number
  historyLimit?: number
  /** `false`: it is opened, and nothing may start yet. */
  resume?: boolean
  definitions?: Record<string, Partial<TaskDefinition>>
  logger?: Logger
}

/** Four tasks, enough for any story. */
export const names = ['Backup', 'Scan', 'Clean', 'Tag'] as const
export type Name = (typeof names)[number]

/** A queue that is open, with its tasks in the test's hands. */
export interface OpenQueue {
  readonly queue: RunQueue
  readonly tasks: Readonly<Record<Name, HeldTask>>
  /** Everything it told, in order. */
  readonly told: Told[]
  recordOf(name: Name): Promise<QueueRecord>
  /** Adds what the window would add: each entry is a name, or more than that. */
  add(...entries: (Name | (Partial<NewEntry> & { task: Name }))[]): Promise<void>
}

async function openQueue(place: QueuePlace, options: OpenOptions = {}): Promise<OpenQueue> {
  const { concurrency = Number.POSITIVE_INFINITY, historyLimit = 50, resume = true } = options
  const { definitions = {}, logger = silent } = options
  const tasks = Object.fromEntries(names.map((name) => [name, heldTask()])) as Record<Name, HeldTask>
  const told: Told[] = []
  const queue = place.create()
  await queue.open({
    tasks: readTasks(Object.fromEntries(names.map((name) => [name, { run: tasks[name], ...definitions[name] }]))),
    clock: place.clock,
    logger,
    tracer: untraced,
    concurrency,
    historyLimit,
    dateOf: (now) => new Date(now).toISOString().slice(0, 10),
    tell: (event, payload) => void told.push([event, payload] as Told),
    passOn: (event, payload) => void told.push([event, payload] as Told),
    changed() {},
  })
  if (resume) await queue.resume()
  return {
    queue,
    tasks,
    told,
    recordOf: async (name) => (await queue.records()).get(name) as QueueRecord,
    add: (...entries) =>
      queue.add(entries.map((entry) => (typeof entry === 'string' ? anEntry(entry) : anEntry(entry.task, entry)))),
  }
}

function anEntry(task: Name, more: Partial<NewEntry> = {}): NewEntry {
  return { task, trigger: 'window', by: null, at: null, until: null, after: [], draw: null, once: null, ...more }
}

/** How long something lies ahead in the contract's stories, in milliseconds: short, because some places let real time pass. */
export const SOON = 1_000

/** Longer than any of them takes. */
export const GRACE = 30_000

/** Opens queues on a place of its own for each test, closes what is still open after it, and knows how to wait for things. */
export class QueueBench {
  readonly #openPlace: () => Promise<QueuePlace>
  #place!: QueuePlace
  #open: OpenQueue[] = []

  constructor(openPlace: () => Promise<QueuePlace>) {
    this.#openPlace = openPlace
  }

  async begin(): Promise<void> {
    this.#place = await this.#openPlace()
  }

  async end(): Promise<void> {
    for (const { queue } of this.#open.splice(0)) await queue.close(0)
    await this.#place.close()
  }

  async open(options?: OpenOptions): Promise<OpenQueue> {
    const here = await openQueue(this.#place, options)
    this.#open.push(here)
    return here
  }

  close(here: OpenQueue, timeoutMs = GRACE): Promise<string[]> {
    this.#forget(here)
    return here.queue.close(timeoutMs)
  }

  crash(here: OpenQueue): Promise<void> {
    this.#forget(here)
    return this.#place.crash(here.queue)
  }

  pass(ms: number): Promise<void> {
    return this.#place.pass(ms)
  }

  /** An instant to come, as ISO 8601. */
  inMs(ms: number): string {
    return new Date(this.#place.clock.now() + ms).toISOString()
  }

  /** Tries until it holds. A queue on other machines hears of what happened a little later. */
  async until(check: () => void | Promise<void>): Promise<void> {
    for (let attempt = 0; attempt < 500; attempt++) {
      try {
        return await check()
      } catch {
        await this.pass(0)
      }
    }
    await check()
  }

  idle({ recordOf }: OpenQueue, ...which: Name[]): Promise<void> {
    return this.until(async () => {
      for (const name of which) expect([name, (await recordOf(name)).state]).toEqual([name, 'idle'])
    })
  }

  /** Waits until each of these tasks has been called once, and sees that no other is called at all. */
  async called({ tasks }: OpenQueue, ...which: Name[]): Promise<void> {
    const check = () =>
      expect(names.flatMap((name) => tasks[name].calls.map(() => name)).sort()).toEqual([...which].sort())
    await this.until(check)
    await this.pass(0)
    check()
  }

  /** One run from its start to its end. */
  async run(here: OpenQueue, name: Name, result?: unknown): Promise<void> {
    const { calls, finish } = here.tasks[name]
    const before = calls.length
    expect(await here.queue.start(name, { trigger: 'manual', by: 'ada' })).toBe('started')
    await this.until(() => expect(calls).toHaveLength(before + 1))
    finish(result)
    await this.idle(here, name)
  }

  #forget(here: OpenQueue): void {
    this.#open = this.#open.filter((each) => each !== here)
  }
}
