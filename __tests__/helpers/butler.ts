import { type Butler, createButler } from '../../lib/butler'
import type { ButlerOptions } from '../../lib/butler-options'
import type { ButlerEvents } from '../../lib/engine/events'
import type { Logger } from '../../lib/engine/logger'
import type { Run } from '../../lib/engine/run'
import { type Memory, memoryStore } from '../../lib/engine/store'
import type { TaskFunction } from '../../lib/engine/task'
import { type FakeClock, fakeClock } from '../../lib/testing/fake-clock'

const opened: { butler: Butler; clock: FakeClock }[] = []

afterEach(async () => {
  for (const { butler, clock } of opened.splice(0)) {
    const closed = butler.close({ timeoutMs: 0 })
    await clock.moveBy(60_000)
    await closed
  }
})

/** Noon of a Wednesday in winter, well outside the default window. */
export const NOON = '2026-01-14T12:00Z'
/** Half past two of the same day, in the middle of the default window. */
export const NIGHT = '2026-01-14T02:30Z'
/** The default window, in a zone that does not depend on the machine. */
export const WINDOW = { opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' }

/** A butler that is open, with its time and its chance in the test's hands. It is closed after the test. */
export async function openButler<const Name extends string>(
  options: Omit<ButlerOptions<Name>, 'clock' | 'store'> & { at?: string; clock?: FakeClock; memory?: Memory },
) {
  const { at = NOON, clock = fakeClock(at), memory, ...rest } = options
  const store = memoryStore(memory)
  const logger = recorder()
  const butler = createButler<Name>({
    window: WINDOW,
    random: () => 0.5,
    logger,
    ...rest,
    clock,
    store,
  } as ButlerOptions<Name>)
  opened.push({ butler: butler as unknown as Butler, clock })
  await butler.open()
  return {
    butler,
    clock,
    store,
    logger,
    /** The next run of a task that ends. */
    ended: (name: Name) => next(butler as unknown as Butler, 'run:ended', (run) => run.task === name),
    stateOf: async (name: Name) => (await butler.list()).find((task) => task.name === name)?.state,
    statusOf: async (name: Name) => (await butler.list()).find((task) => task.name === name),
  }
}

/** The next event that fits. */
export function next<Event extends 'run:ended' | 'run:started' | 'run:progress'>(
  butler: Butler,
  event: Event,
  fits: (run: Run) => boolean = () => true,
): Promise<Run> {
  return new Promise((resolve) => {
    const listen = (run: Run) => {
      if (!fits(run)) return
      butler.off(event, listen as never)
      resolve(run)
    }
    butler.on(event, listen as never)
  })
}

/** Everything a butler tells from now on, as `[event, payload]`. */
export function record(butler: Butler, events: readonly (keyof ButlerEvents)[]): [string, unknown][] {
  const told: [string, unknown][] = []
  for (const event of events) butler.on(event, ((payload: unknown) => told.push([event, payload])) as never)
  return told
}

/** A task that runs until it is told to finish, or until its signal aborts. */
export function held() {
  let finish = () => {}
  const calls: string[] = []
  const run: TaskFunction = ({ signal, runId }) =>
    new Promise<string>((resolve, reject) => {
      calls.push(runId)
      finish = () => resolve('done')
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  return Object.assign(run, { finish: () => finish(), calls })
}

/** A task that nothing can stop: it ends when it is told to, and ignores its signal. */
export function stubborn() {
  let finish = () => {}
  const run: TaskFunction = () =>
    new Promise<void>((resolve) => {
      finish = resolve
    })
  return Object.assign(run, { finish: () => finish() })
}

/** A logger that keeps what it is told, as `level: message`. */
export function recorder(): Logger & { lines: string[] } {
  const lines: string[] = []
  const at = (level: string) => (_details: object, message: string) => lines.push(`${level}: ${message}`)
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } as never
}
