import type { TaskContext, TaskFunction, Trigger } from 'express-butler'

export interface TestRun {
  // biome-ignore lint/suspicious/noExplicitAny: each task has a result of its own
  result: any
  /** The names of the items, in the order in which the run was at them. */
  messages: string[]
  fractions: number[]
  log: string[]
}

export interface TestRunOptions {
  signal?: AbortSignal
  /** Default: a person. */
  trigger?: Trigger
  /** Sees every message of the progress as it comes. */
  onProgress?: (message: string) => void
}

/** Runs a task as the Butler would. */
export async function runTask(
  run: TaskFunction,
  { signal, trigger = 'manual', onProgress }: TestRunOptions = {},
): Promise<TestRun> {
  const seen: Omit<TestRun, 'result'> = { messages: [], fractions: [], log: [] }
  const context: TaskContext = {
    name: 'ATask',
    runId: 'a-run',
    trigger,
    signal: signal ?? new AbortController().signal,
    progress(fraction, message = '') {
      seen.fractions.push(fraction)
      seen.messages.push(message)
      onProgress?.(message)
    },
    log(message) {
      seen.log.push(message)
    },
  }
  return { result: await run(context), ...seen }
}
