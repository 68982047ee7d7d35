import { ButlerError, shown } from '../errors'
import type { Trigger } from '../registry'
import type { Clock } from './clock'
import type { Logger } from './logger'
import type { Run } from './run'
import type { SettingsChange } from './settings'

/** A random instant, drawn once per task and night. */
export interface Draw {
  /** The date of the night. */
  night: string
  /** ISO 8601. */
  at: string
}

/** A task that waits: for its instant (`at`), else for a free place or for other tasks. */
export interface WaitingEntry {
  task: string
  trigger: Trigger
  by: string | null
  /** ISO 8601; `null`: as soon as there is room. */
  at: string | null
  /** ISO 8601: from then on it must not start any more, because the window that made it has closed. `null`: never too late. */
  until: string | null
  /** Names of the same plan that must end first. */
  after: string[]
  /** Where in a trace it was asked for, as a W3C `traceparent`. Absent: nowhere. */
  traceparent?: string
}

/** What is remembered of one task. */
export interface TaskMemory {
  /** Oldest first; a run without outcome was running when this was written. */
  runs: Run[]
  waiting: WaitingEntry | null
  draw: Draw | null
  /** The date of the last run that completed, also when that run is no longer among `runs`. */
  lastCompletedOn: string | null
  /** When that run ended, as ISO 8601. Absent: none completed, or before this was remembered. */
  lastCompletedAt?: string | null
}

/** Everything that outlives the process, JSON-safe. */
export interface Memory {
  version: 1
  /** What operators changed. What they never touched is not here, so the host's options go on deciding it. */
  settings: SettingsChange
  tasks: Record<string, TaskMemory>
}

export interface StoreContext {
  clock: Clock
  logger: Logger
}

/** Keeps a Butler's memory. One opened store belongs to one Butler at a time. */
export interface Store {
  /**
   * Takes possession and reads. `null`: nothing is remembered yet. The caller owns what it gets.
   * Rejects with `BUTLER_STORE_LOCKED` while another owner lives, and with `BUTLER_STORE_FAILED` when the place cannot be used.
   */
  open(context: StoreContext): Promise<Memory | null>
  /**
   * Resolves when the memory as it was at the call, or later, is durable. Calls in one turn become one write.
   * Rejects with `BUTLER_STORE_FAILED`; what was stored before is then still there.
   */
  save(memory: Memory): Promise<void>
  /** Writes what is pending and gives up possession. Harmless when not open. */
  close(): Promise<void>
}

/** A store whose failures all say what they are, whoever wrote it: what is no error of ours is the cause of one. */
export function explained(store: Store): Store {
  return {
    open: (context) => explaining('open', () => store.open(context)),
    save: (memory) => explaining('save', () => store.save(memory)),
    close: () => explaining('close', () => store.close()),
  }
}

async function explaining<Result>(action: keyof Store, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (cause) {
    // By its looks: a second copy of this package has an error class of its own, and so has a vm.
    const { name, message: reason = shown(cause) } = Object(cause) as Partial<Error>
    if (name === 'ButlerError') throw cause
    const message = `createButler(options).store failed to ${action}: ${reason}. Mend that, or reject with a ButlerError that says how.`
    throw new ButlerError('BUTLER_STORE_FAILED', message, { cause })
  }
}

/** A store for tests, and for hosts that do not mind to start without a memory. */
export interface MemoryStore extends Store {
  /** A copy of what was saved last, such as another store can start from; `null` when nothing was. */
  memory(): Memory | null
}

/** Keeps the memory for as long as the process lives. Everything that is handed in or out is copied, as if it were a file. */
export function memoryStore(initial: Memory | null = null): MemoryStore {
  let saved = JSON.stringify(initial)
  let latest = initial
  let isOpen = false
  let group: Promise<void> | null = null

  function keep(): void {
    group = null
    saved = JSON.stringify(latest)
  }

  const memory = (): Memory | null => JSON.parse(saved)
  return {
    memory,
    async open() {
      if (isOpen) throw storeError('BUTLER_STORE_LOCKED', 'is open already; close its Butler first')
      isOpen = true
      return memory()
    },
    save(memory) {
      if (!isOpen) return Promise.reject(storeError('BUTLER_STORE_FAILED', 'is not open, so nothing is saved in it'))
      latest = memory
      group ??= Promise.resolve().then(keep)
      return group
    },
    async close() {
      isOpen = false // What is pending is kept before anybody who waits for this goes on.
    },
  }
}

function storeError(code: 'BUTLER_STORE_LOCKED' | 'BUTLER_STORE_FAILED', what: string): ButlerError {
  return new ButlerError(code, `The memoryStore() ${what}.`)
}
