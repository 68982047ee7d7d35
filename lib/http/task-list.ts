import { isDate } from 'node:util/types'
import { catalogued } from '../catalogue'
import { isIsoInstant } from '../engine/clock'
import { ButlerError, shown } from '../errors'
import { isObject } from '../options'
import { type LastRun, type TaskState, type TaskStatus, taskStates } from '../registry'
import { toXmlDocument } from './xml'

/** One task on the wire. Every client knows the first six, in this order; the rest is our own. */
export interface ButlerTask {
  name: string
  title: string
  description: string
  /** In days. */
  interval: number
  enabled: boolean
  scheduleRandomized: boolean
  state: TaskState
  progress: number | undefined
  progressMessage: string | undefined
  scheduledFor: string | undefined
  nextRun: string | undefined
  lastRun: LastRun | string | undefined
}

/** What the registry lists, as the wire shows it: the allowed ones, by name. Throws `BUTLER_REGISTRY_ANSWER` when it is no list. */
export function toTaskList(listed: unknown, allowed: ReadonlySet<string>): ButlerTask[] {
  expectInList(Array.isArray(listed), '', listed, 'an array of { name, enabled, state }')
  const entries = listed as unknown[]
  const seen = new Set<string>()
  for (const [index, entry] of entries.entries()) {
    const { name } = checkStatus(entry, index)
    expectInList(!seen.has(name), `[${index}].name`, name, 'each name once')
    seen.add(name)
  }
  return entries
    .map((entry) => toButlerTask(entry as TaskStatus, allowed))
    .filter((task) => task !== undefined)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function toButlerTask(status: TaskStatus, allowed: ReadonlySet<string>): ButlerTask | undefined {
  const { name, enabled, state } = status
  if (!allowed.has(name)) return undefined
  const known = catalogued(name)
  return {
    name,
    title: status.title ?? known?.title ?? name,
    description: status.description ?? known?.description ?? '',
    interval: status.intervalDays ?? known?.intervalDays ?? 1,
    enabled,
    scheduleRandomized: status.randomized ?? known?.randomized ?? false,
    state,
    progress: status.progress ?? undefined,
    progressMessage: status.progressMessage ?? undefined,
    scheduledFor: status.scheduledFor ?? undefined,
    nextRun: status.nextRun ?? undefined,
    lastRun: status.lastRun,
  }
}

/** What clients rely on must hold: generated ones refuse the whole list for one value of another type. */
function checkStatus(entry: unknown, index: number): TaskStatus {
  const at = `[${index}]`
  expectInList(typeof entry === 'object' && entry !== null, at, entry, 'an object such as { name, enabled, state }')
  const status = entry as TaskStatus
  const { name, enabled, state } = status
  expectInList(typeof name === 'string', `${at}.name`, name, 'a string')
  expectInList(typeof enabled === 'boolean', `${at}.enabled`, enabled, 'true or false')
  expectInList(taskStates.includes(state), `${at}.state`, state, `one of ${taskStates.join(', ')}`)
  for (const [member, holds, expected] of optional) {
    const value = status[member]
    expectInList(value == null || holds(value), `${at}.${member}`, value, expected)
  }
  return status
}

const isText = (value: unknown) => typeof value === 'string'
const isInstant = (value: unknown) =>
  typeof value === 'string' ? isIsoInstant(value) : isDate(value) && Number.isFinite(value.getTime())
const anInstant = 'an instant in ISO 8601'

/** What may be absent, but nothing else. */
const optional: readonly [member: keyof TaskStatus, holds: (value: unknown) => boolean, expected: string][] = [
  ['title', isText, 'a string'],
  ['description', isText, 'a string'],
  ['intervalDays', Number.isSafeInteger, 'whole days'],
  ['randomized', (value) => typeof value === 'boolean', 'true or false'],
  ['progress', Number.isFinite, 'a number from 0 to 1'],
  ['progressMessage', isText, 'a string'],
  ['scheduledFor', isInstant, anInstant],
  ['nextRun', isInstant, anInstant],
  ['lastRun', (value) => isObject(value) || isText(value), 'an object with id, trigger, startedAt and so on'],
]

function expectInList(holds: boolean, at: string, value: unknown, expected: string): void {
  if (holds) return
  throw new ButlerError('BUTLER_REGISTRY_ANSWER', `registry.list()${at} is ${shown(value)}; expected ${expected}.`)
}

/** `{"ButlerTasks":{"ButlerTask":[…]}}`. Throws `BUTLER_REGISTRY_ANSWER` for what JSON cannot hold. */
export function toJson(tasks: readonly ButlerTask[]): string {
  try {
    return JSON.stringify({ ButlerTasks: { ButlerTask: tasks } })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : shown(cause)
    const message = `registry.list() has a task that JSON cannot hold: ${reason}. Expected plain values, instants as ISO 8601.`
    throw new ButlerError('BUTLER_REGISTRY_ANSWER', message, { cause })
  }
}

/** `<ButlerTasks>` with one `<ButlerTask …/>` a task; it says what the JSON says, with booleans as 1 and 0. */
export function toXmlList(tasks: readonly ButlerTask[]): string {
  const plain: { ButlerTasks: { ButlerTask: ButlerTask[] } } = JSON.parse(toJson(tasks))
  return toXmlDocument({ ButlerTasks: { ButlerTask: plain.ButlerTasks.ButlerTask.map(toAttributes) } })
}

const lastRunMembers = [
  'id',
  'trigger',
  'startedAt',
  'endedAt',
  'outcome',
  'error',
  'result',
] as const satisfies readonly (keyof LastRun)[]

function toAttributes({ lastRun, ...task }: ButlerTask): Record<string, string | boolean> {
  const run = typeof lastRun === 'object' && lastRun !== null ? lastRun : undefined
  const flat = lastRunMembers.map((member) => [`lastRun${member[0]?.toUpperCase()}${member.slice(1)}`, run?.[member]])
  const all = [...Object.entries(task), ...(run ? flat : [['lastRun', lastRun]])] as [string, unknown][]
  return Object.fromEntries(all.filter(([, value]) => value != null).map(([name, value]) => [name, toAttribute(value)]))
}

function toAttribute(value: unknown): string | boolean {
  return typeof value === 'boolean' || typeof value === 'string' ? value : JSON.stringify(value)
}
