import { type Clock, systemClock } from './engine/clock'
import { LocalQueue } from './engine/local-queue'
import { type Logger, silent } from './engine/logger'
import type { RunQueue } from './engine/queue'
import { explained, memoryStore, type Store } from './engine/store'
import { readTasks, type Task, type TaskDefinitions } from './engine/task'
import { harmless, type RunTracer, untraced } from './engine/tracer'
import { type MaintenanceWindow, windowOf } from './engine/window'
import { ButlerError, shown } from './errors'
import { checkMembers, expectThat, hasMethods, isDuration } from './options'

export interface ButlerOptions<Name extends string> {
  /** What there is to do, by name: the catalogue's names, the host's own, or both. */
  tasks: TaskDefinitions<Name>
  /** When tasks run by themselves. What is left out: 02:00 to 05:00 in the server's zone. */
  window?: Partial<MaintenanceWindow>
  /** Where the memory is kept: `fileStore('butler.json')`. Default: `memoryStore()`, which forgets when the process ends. */
  store?: Store
  /** Another queue than the one in this process, which then keeps the memory too. */
  queue?: RunQueue
  /** How many runs that a plan made may go on at once; the rest is queued in order. `null`, the default: no limit. */
  concurrency?: number | null
  /** How long a stop waits for a run to end before it answers `stopping`, in milliseconds. `null` waits for ever. Default: 5 000. */
  stopGraceMs?: number | null
  /** How many runs are kept for each task. Default: 50. */
  historyLimit?: number
  /** Where the Butler writes what an operator should see. pino and console fit. Default: nowhere. */
  logger?: Logger
  /** What is put around every run, such as `openTelemetry()` of `express-butler/opentelemetry`. Default: nothing. */
  tracer?: RunTracer
  /** The time. Default: the system's. */
  clock?: Clock
  /** Chance, from 0 to below 1. Default: `Math.random`. */
  random?: () => number
}

/** Options that have been checked, with everything filled in. */
export interface ReadOptions {
  tasks: ReadonlyMap<string, Task>
  window: MaintenanceWindow
  queue: RunQueue
  concurrency: number
  stopGraceMs: number | null
  historyLimit: number
  logger: Logger
  tracer: RunTracer
  clock: Clock
  random: () => number
}

const members = [
  'tasks',
  'window',
  'store',
  'queue',
  'concurrency',
  'stopGraceMs',
  'historyLimit',
  'logger',
  'tracer',
  'clock',
  'random',
] as const satisfies readonly (keyof ButlerOptions<string>)[]

/** Throws `BUTLER_INVALID_OPTIONS` or `BUTLER_INVALID_WINDOW`. */
export function readButlerOptions(given: Omit<ButlerOptions<string>, 'tasks'> & { tasks: object }): ReadOptions {
  const subject = 'createButler(options)'
  checkMembers(subject, given, members)
  const { concurrency = null, stopGraceMs = 5_000, historyLimit = 50, logger = silent, store, queue } = given
  const { clock = systemClock(), random = Math.random, tracer = untraced } = given
  expectThat(
    concurrency === null || isCount(concurrency),
    `${subject}.concurrency`,
    concurrency,
    'a whole number from 1, or null for no limit',
  )
  expectThat(isDuration(stopGraceMs), `${subject}.stopGraceMs`, stopGraceMs, 'milliseconds, or null to wait for ever')
  expectThat(isCount(historyLimit), `${subject}.historyLimit`, historyLimit, 'a whole number from 1')
  expectMethods(`${subject}.logger`, logger, ['debug', 'info', 'warn', 'error'])
  expectMethods(
    `${subject}.tracer`,
    tracer,
    ['traceparent', 'begin'],
    'what openTelemetry() returns, or an object with the methods traceparent, begin',
  )
  expectMethods(`${subject}.clock`, clock, ['now', 'callAt', 'callAfter'])
  expectThat(typeof random === 'function', `${subject}.random`, random, 'a function such as Math.random')
  return {
    tasks: readTasks(given.tasks),
    window: windowOf(given.window),
    queue: readQueue(subject, store, queue),
    concurrency: concurrency ?? Number.POSITIVE_INFINITY,
    stopGraceMs,
    historyLimit,
    logger,
    tracer: harmless(tracer, logger),
    clock,
    random,
  }
}

const queueMethods = [
  'open',
  'resume',
  'changes',
  'change',
  'elsewhere',
  'records',
  'add',
  'start',
  'stop',
  'stopAll',
  'withdraw',
  'history',
  'close',
] as const satisfies readonly (keyof RunQueue)[]

function readQueue(subject: string, store: Store | undefined, queue: RunQueue | undefined): RunQueue {
  if (store !== undefined && queue !== undefined) {
    throw new ButlerError(
      'BUTLER_INVALID_OPTIONS',
      `${subject} has both a store and a queue; a queue keeps the memory itself, so leave the store out.`,
    )
  }
  if (queue !== undefined) {
    checkQueue(`${subject}.queue`, queue)
    return queue
  }
  const example = `a store, such as fileStore(${typeof store === 'string' ? shown(store) : '"butler.json"'})`
  if (store !== undefined) expectMethods(`${subject}.store`, store, ['open', 'save', 'close'], example)
  return new LocalQueue(explained(store ?? memoryStore()))
}

/** Of a queue of the host's own it says what is missing. */
function checkQueue(subject: string, queue: RunQueue): void {
  const missing = queueMethods.filter((name) => !hasMethods(queue, [name]))
  const example = 'a queue, such as bullmqQueue({ connection }) of express-butler/bullmq'
  expectThat(missing.length < queueMethods.length, subject, queue, example)
  for (const name of missing) expectThat(false, `${subject}.${name}`, queue[name], 'a function, as every RunQueue has')
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

function expectMethods(
  subject: string,
  value: object,
  names: readonly string[],
  expected = `an object with the methods ${names.join(', ')}`,
): void {
  expectThat(hasMethods(value, names), subject, value, expected)
}
