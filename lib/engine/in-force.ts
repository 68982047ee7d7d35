import { isDeepStrictEqual } from 'node:util'
import { ButlerError, shown } from '../errors'
import type { Logger } from './logger'
import { type Settings, type SettingsChange, settingsOf } from './settings'
import type { Task, TaskFacts } from './task'
import { type Calendar, createCalendar, type MaintenanceWindow } from './window'

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

  /** Throws `BUTLER_TASK_NOT_IMPLEMENTED` when nobody has it. */
  task(name: string): TaskFacts {
    const task = this.#tasks.get(name)
    if (task) return task
    throw new ButlerError(
      'BUTLER_TASK_NOT_IMPLEMENTED',
      `No task is called ${shown(name)}. Supply it: createButler({ tasks: { ${/^\w{1,64}$/.test(name) ? name : 'MyTask'}: async ({ signal }) => { … } } }).`,
    )
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
