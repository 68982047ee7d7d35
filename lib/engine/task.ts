import { catalogued } from '../catalogue'
import { ButlerError, isPlain, shown } from '../errors'
import { checkMembers, expectThat, isObject, isTimeout } from '../options'
import type { Trigger } from '../registry'
import { checkTaskName } from '../task-name'

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** What a running task is handed. Its members need no `this` and are harmless after the run has ended. */
export interface TaskContext {
  readonly name: string
  readonly runId: string
  readonly trigger: Trigger
  /** Aborts when the run must end. Its `reason` is a `RunAborted`, whose `outcome` tells why. */
  readonly signal: AbortSignal
  /** Says how far the run is, from 0 to 1, and what it is at. Cheap: events are throttled. It never goes back; what is no number is left out. */
  progress(fraction: number, message?: string): void
  /** Adds a line to the run's log, which keeps the newest 100, each at most 1 000 characters. */
  log(message: string): void
}

/** The work. What it returns or resolves with is kept with the run when it is JSON. Throwing or rejecting makes the run `failed`. */
export type TaskFunction = (context: TaskContext) => unknown

/**
 * A name and what to run. What is left out comes from the catalogue; for a name of the host's own, as said at each member. `Name` are
 * the tasks that it may come after: `TaskDefinition` has no `after`, `TaskDefinition<'BackupDatabase'>` may have that one.
 */
export interface TaskDefinition<Name extends string = never> {
  run: TaskFunction
  /** Default: the name as words. */
  title?: string
  /** Default: empty. */
  description?: string
  /** Runs by itself at most every so many days, counted in local dates. Whole, from 1 to 1 000 000. Default: 1. */
  intervalDays?: number
  /** Runs by itself on these days only. `null`, the default: on all. */
  weekdays?: readonly Weekday[] | null
  /** Whether it runs by itself until an operator says otherwise. Default: `true`. */
  enabled?: boolean
  /** Starts at a random moment of the window instead of when it opens. Default: `false`. */
  randomized?: boolean
  /** Asks a run to stop that lasts longer, in milliseconds, more than 0. `null`, the default: never. */
  timeoutMs?: number | null
  /** What becomes of a run that the window started when the window closes. Default: `stop`. */
  atWindowEnd?: 'stop' | 'finish'
  /** Waits for the runs of these tasks in the same plan to end, however they end. Default: none. */
  after?: readonly Name[]
}

/** What a host hands in, by name. A bare function is short for a task with the catalogue's defaults. */
export type TaskDefinitions<Name extends string> = {
  readonly [Each in Name]: TaskFunction | TaskDefinition<NoInfer<Name>>
}

/** A definition that has been checked, with everything filled in. */
export type Task = Required<TaskDefinition<string>> & { readonly name: string }

/** All of a task but what it does: what other processes know of it. */
export type TaskFacts = Omit<Task, 'run'>

const members = [
  'run',
  'title',
  'description',
  'intervalDays',
  'weekdays',
  'enabled',
  'randomized',
  'timeoutMs',
  'atWindowEnd',
  'after',
] as const satisfies readonly (keyof TaskDefinition)[]

/** Checks what the host handed in and fills in the rest. Throws `BUTLER_INVALID_OPTIONS`. */
export function readTasks(definitions: object): ReadonlyMap<string, Task> {
  checkDefinitions(definitions)
  const tasks = new Map(Object.entries(definitions).map(([name, given]) => [name, readTask(name, given)]))
  for (const task of tasks.values()) checkAfter(task, tasks)
  return tasks
}

/** What is of a class has its members elsewhere than where tasks are looked for, and would make a Butler without any. */
function checkDefinitions(definitions: object): void {
  const subject = 'createButler({ tasks })'
  const expected =
    'an object of functions or definitions by task name, such as { BackupDatabase: async ({ signal }) => … }'
  if (Array.isArray(definitions))
    throw new ButlerError('BUTLER_INVALID_OPTIONS', `${subject} is an array; expected ${expected}.`)
  const wayOut = definitions instanceof Map ? ': Object.fromEntries(map)' : ''
  expectThat(isObject(definitions) && isPlain(definitions), subject, definitions, expected + wayOut)
}

function readTask(name: string, given: unknown): Task {
  checkTaskName('the name of a task', name)
  const isAwaited = typeof (Object(given) as PromiseLike<unknown>).then === 'function'
  expectThat(!isAwaited, `tasks.${name}`, given, 'the function, not its result')
  const isTask = typeof given === 'function' || isObject(given)
  expectThat(isTask, `tasks.${name}`, given, `a function that does the work, or an object with ${members.join(', ')}`)
  const definition = typeof given === 'function' ? { run: given as TaskFunction } : (given as TaskDefinition<string>)
  checkDefinition(`tasks.${name}`, definition)
  const known = catalogued(name)
  return {
    name,
    run: definition.run,
    title: definition.title ?? known?.title ?? asWords(name),
    description: definition.description ?? known?.description ?? '',
    intervalDays: definition.intervalDays ?? known?.intervalDays ?? 1,
    weekdays: definition.weekdays ? [...definition.weekdays] : null,
    enabled: definition.enabled ?? known?.enabled ?? true,
    randomized: definition.randomized ?? known?.randomized ?? false,
    timeoutMs: definition.timeoutMs ?? null,
    atWindowEnd: definition.atWindowEnd ?? 'stop',
    after: [...(definition.after ?? [])],
  }
}

function checkDefinition(subject: string, given: TaskDefinition<string>): void {
  checkMembers(subject, given, members)
  const {
    run,
    title,
    description,
    intervalDays,
    weekdays: days,
    enabled,
    randomized,
    timeoutMs,
    atWindowEnd,
    after,
  } = given
  expectThat(typeof run === 'function', `${subject}.run`, run, 'a function that does the work')
  const check = (member: string, value: unknown, holds: boolean, expected: string) =>
    expectThat(value === undefined || holds, `${subject}.${member}`, value, expected)
  check('title', title, typeof title === 'string', 'a string')
  check('description', description, typeof description === 'string', 'a string')
  check('intervalDays', intervalDays, isInterval(intervalDays), `a whole number of days, from 1 to ${LONGEST_INTERVAL}`)
  check('weekdays', days, days === null || isWeekdays(days), `null or some of ${weekdays.join(', ')}`)
  check('enabled', enabled, typeof enabled === 'boolean', 'true or false')
  check('randomized', randomized, typeof randomized === 'boolean', 'true or false')
  check('timeoutMs', timeoutMs, isTimeout(timeoutMs), 'milliseconds, more than 0, or null for no limit')
  check('atWindowEnd', atWindowEnd, atWindowEnd === 'stop' || atWindowEnd === 'finish', '"stop" or "finish"')
  check('after', after, Array.isArray(after), 'an array of task names')
}

/** Some 2 700 years. When a task is due again must be a date that can be written with four digits for the year. */
const LONGEST_INTERVAL = 1_000_000

function isInterval(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LONGEST_INTERVAL
}

function isWeekdays(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((day) => weekdays.includes(day))
}

/** Refuses `after` that names nobody, or that comes back to the task itself: it would wait for ever. */
function checkAfter(task: Task, tasks: ReadonlyMap<string, Task>): void {
  const seen = new Set<string>()
  const ahead = [...task.after]
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    const other = tasks.get(name)
    const subject = `tasks.${task.name}.after`
    expectThat(other !== undefined, subject, task.after, `names of other tasks, and ${shown(name)} is none`)
    if (name === task.name) {
      throw new ButlerError(
        'BUTLER_INVALID_OPTIONS',
        `${subject} leads back to ${task.name}, so it would wait for itself; expected an order without a circle.`,
      )
    }
    if (!seen.has(name)) ahead.push(...(other?.after ?? []))
    seen.add(name)
  }
}

/** `CleanOldBundles` → `Clean old bundles`. */
function asWords(name: string): string {
  const words = name
    .replaceAll(/[_.-]+/g, ' ')
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
