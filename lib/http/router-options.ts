import type { Request } from 'express'
import { type ButlerTaskName, butlerTaskNames } from '../catalogue'
import { type Clock, systemClock } from '../engine/clock'
import { ButlerError } from '../errors'
import { checkMembers, expectThat, isObject, isTimeout, refuseRequest } from '../options'
import type { TaskRegistry } from '../registry'
import { checkTaskName } from '../task-name'

export interface ButlerRouterOptions<Name extends string = ButlerTaskName> {
  /** Who does the work: a Butler, or ten lines of your own. */
  registry: TaskRegistry<Name>
  /** The names that may be asked for; all others are unknown, and the list leaves them out. Default: `registry.taskNames`, else the 14. */
  taskNames?: readonly NoInfer<Name>[]
  /**
   * Other names that mean a task, such as `{ AutomaticUpdates: 'CheckForUpdates' }`: starting and stopping one starts and stops the
   * task. The list keeps the task's own name, once, so a client that looks there for the other name does not find it. Default: none.
   */
  aliases?: Readonly<Record<string, NoInfer<Name>>>
  /** What an unknown name is answered with. 404 is what media servers say. Default: 400. */
  unknownTaskStatus?: 400 | 404
  /** Other origins, such as `https://admin.example.com`, whose pages may start and stop tasks. Default: none. */
  allowedOrigins?: readonly string[]
  /**
   * Who asks, in your own words: handed to the registry as `request.by`; `null` and `undefined` are nobody. What it throws goes to your
   * error handler. Default: nobody.
   */
  by?: (req: Request) => string | null | undefined
  /**
   * How long the registry may think, in milliseconds, before the client gets a 503. `null`: for ever. Keep it longer than the
   * registry's grace time for a stop. Default: 10 000.
   */
  registryTimeoutMs?: number | null
  /** Default: the system's. */
  clock?: Clock
}

/** The options as they hold: checked, copied, with every default in place. */
export interface RouterSettings {
  readonly registry: TaskRegistry<string>
  readonly taskNames: readonly string[]
  /** The task that each other name means. */
  readonly aliases: ReadonlyMap<string, string>
  readonly unknownTaskStatus: 400 | 404
  readonly by: ((req: Request) => string | null | undefined) | undefined
  readonly registryTimeoutMs: number | null
  readonly clock: Clock
}

const members = [
  'registry',
  'taskNames',
  'aliases',
  'unknownTaskStatus',
  'allowedOrigins',
  'by',
  'registryTimeoutMs',
  'clock',
] as const satisfies readonly (keyof ButlerRouterOptions)[]

const registryMembers = [
  'list',
  'start',
  'stop',
  'startAll',
  'stopAll',
] as const satisfies readonly (keyof TaskRegistry)[]

const subject = 'createButlerRouter(options)'

/** Throws `BUTLER_INVALID_OPTIONS`, so that a mistake shows when the server starts. */
export function readRouterOptions<Name extends string>(options: ButlerRouterOptions<Name>): RouterSettings {
  refuseRequest(subject, options, 'createButlerRouter({ registry })')
  refuseRegistry(options)
  checkMembers(subject, options, members)
  const { registry, unknownTaskStatus = 400, by, registryTimeoutMs = 10_000, clock = systemClock() } = options
  checkRegistry(registry)
  const isStatus = unknownTaskStatus === 400 || unknownTaskStatus === 404
  expectThat(isStatus, `${subject}.unknownTaskStatus`, unknownTaskStatus, '400 or 404')
  const isAsked = by === undefined || typeof by === 'function'
  expectThat(isAsked, `${subject}.by`, by, 'a function such as (req) => req.user?.name')
  expectThat(
    isTimeout(registryTimeoutMs),
    `${subject}.registryTimeoutMs`,
    registryTimeoutMs,
    'milliseconds, more than 0, or null for no limit',
  )
  expectThat(
    typeof clock?.callAfter === 'function',
    `${subject}.clock`,
    clock,
    'an object with now, callAt and callAfter',
  )
  const taskNames = readTaskNames(options)
  return {
    registry,
    taskNames,
    aliases: readAliases(options.aliases, taskNames),
    unknownTaskStatus,
    by,
    registryTimeoutMs,
    clock,
  }
}

/** A Butler in the place of the options is the first mistake that people make. */
function refuseRegistry(options: unknown): void {
  const given = Object(options) as Record<string, unknown>
  if (!registryMembers.every((member) => typeof given[member] === 'function')) return
  throw new ButlerError(
    'BUTLER_INVALID_OPTIONS',
    'createButlerRouter(options) is a task registry; expected options that have it: createButlerRouter({ registry }).',
  )
}

function checkRegistry(registry: unknown): asserts registry is TaskRegistry<string> {
  const wanted = `an object with the functions ${registryMembers.join(', ')}: a Butler, or your own`
  expectThat(typeof registry === 'object' && registry !== null, `${subject}.registry`, registry, wanted)
  for (const member of registryMembers) {
    const value = (registry as Record<string, unknown>)[member]
    expectThat(typeof value === 'function', `${subject}.registry.${member}`, value, 'a function that returns a promise')
  }
}

function readTaskNames<Name extends string>({ taskNames, registry }: ButlerRouterOptions<Name>): readonly string[] {
  const list = `${subject}.${taskNames === undefined ? 'registry.taskNames' : 'taskNames'}`
  const { taskNames: own = butlerTaskNames } = registry
  const names: unknown = taskNames === undefined ? own : taskNames
  expectThat(Array.isArray(names), list, names, 'an array of task names')
  const seen = new Set<string>()
  for (const [index, name] of (names as unknown[]).entries()) {
    checkTaskName(`${list}[${index}]`, name)
    expectThat(!seen.has(name), `${list}[${index}]`, name, 'each name once')
    seen.add(name)
  }
  return [...seen]
}

function readAliases(aliases: object | undefined, taskNames: readonly string[]): ReadonlyMap<string, string> {
  const example = 'an object of task names by other name, such as { AutomaticUpdates: "CheckForUpdates" }'
  expectThat(aliases === undefined || isObject(aliases), `${subject}.aliases`, aliases, example)
  const read = new Map<string, string>(Object.entries(aliases ?? {}))
  for (const [alias, task] of read) {
    const name = `a name in ${subject}.aliases`
    checkTaskName(name, alias)
    expectThat(!taskNames.includes(alias), name, alias, 'a name that is not a task itself')
    expectThat(taskNames.includes(task), `${subject}.aliases.${alias}`, task, `one of ${taskNames.join(', ')}`)
  }
  return read
}
