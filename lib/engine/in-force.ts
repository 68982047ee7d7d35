import { isDeepStrictEqual } from 'node:util'
import type { Logger } from './logger'
import type { RunQueue } from './queue'
import { type Settings, type SettingsChange, settingsOf } from './settings'
import type { Task, TaskFacts } from './task'
import { unknownTask } from './unknown-task'
import { type Calendar, createCalendar, type MaintenanceWindow } from './window'

/** What is known of tasks of other processes. */
type Shared = Pick<RunQueue, 'elsewhere' | 'history'>

/** What holds now: which tasks there are, how they are set, and the nights that come of it. */
export class InForce {
  readonly #own: ReadonlyMap<string, Task>
  readonly #window: MaintenanceWindow
  readonly #logger: Logger
  #changes: SettingsChange = {}
  #others: readonly TaskFacts[] = []
  #tasks: ReadonlyMap<string, TaskFacts>
  #settings: Settings
  #calendar: Calendar

  constructor(own: ReadonlyMap<string, Task>, window: MaintenanceWindow, logger: Logger) {
    this.#own = own
    this.#window = window
    this.#logger = logger
    this.#tasks = own
    this.#settings = settingsOf(own, window, {})
    this.#calendar = createCalendar(this.#settings.window)
  }

  /** By name: those of this process, in the order in which the host wrote them, then those of others. */
  get tasks(): ReadonlyMap<string, TaskFacts> {
    return this.#tasks
  }

  /** In alphabetical order. */
  names(): string[] {
    return [...this.#tasks.keys()].sort()
  }

  get settings(): Settings {
    return this.#settings
  }

  /** What would hold if no operator had changed anything. */
  defaults(): Settings {
    return settingsOf(this.#tasks, this.#window, {})
  }

  get calendar(): Calendar {
    return this.#calendar
  }

  /** A task of `names()`; of others use `find`. */
  task(name: string): TaskFacts {
    return this.#tasks.get(name) as TaskFacts
  }

  /** One that there is or has come meanwhile. Rejects with `BUTLER_TASK_NOT_IMPLEMENTED` when nobody has it. `call`: what asks for it. */
  async find(call: string, name: string, queue: Shared): Promise<TaskFacts> {
    if (!this.#tasks.has(name)) this.meet(await queue.elsewhere())
    const task = this.#tasks.get(name)
    if (task) return task
    throw unknownTask(call, name, this.names(), await this.remembers(name, queue))
  }

  /** Whether runs are kept of a task that there is not: they outlive the processes that have it. */
  async remembers(name: string, queue: Shared): Promise<boolean> {
    if (typeof name !== 'string' || this.#tasks.has(name)) return false
    return (await queue.history(name, { limit: 1, before: null })).length > 0
  }

  /** Takes in what other processes implement. What is known of a task here counts more. */
  meet(elsewhere: readonly TaskFacts[]): void {
    const others = elsewhere.filter(({ name }) => !this.#own.has(name))
    if (isDeepStrictEqual(others, this.#others)) return
    this.#others = others
    this.#tasks = new Map([...this.#own.values(), ...others].map((task) => [task.name, task]))
    this.#settings = this.#read()
  }

  /** Whether these are the changes that hold here. */
  hasAdopted(changes: SettingsChange): boolean {
    return isDeepStrictEqual(changes, this.#changes)
  }

  /** Takes over what operators changed, and answers what held before. */
  adopt(changes: SettingsChange): Settings {
    const before = this.#settings
    this.#changes = changes
    this.#settings = this.#read()
    this.#calendar = createCalendar(this.#settings.window)
    return before
  }

  /** A zone that was known when it was stored may be unknown to the Node of today, and must not keep the host from starting. */
  #read(): Settings {
    try {
      return settingsOf(this.#tasks, this.#window, this.#changes)
    } catch (err) {
      this.#logger.error({ err, window: this.#window }, 'The stored window cannot be used; the one of the options is.')
      return settingsOf(this.#tasks, this.#window, { ...this.#changes, window: {} })
    }
  }
}
