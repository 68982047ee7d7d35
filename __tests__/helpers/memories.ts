import { newRun, type Run } from '../../lib/engine/run'
import type { Memory, TaskMemory } from '../../lib/engine/store'

/** A run that completed on New Year's night. */
export function aRun(change: Partial<Run> = {}): Run {
  return {
    id: 'run-1',
    task: 'BackupDatabase',
    trigger: 'window',
    by: null,
    date: '2026-01-01',
    startedAt: '2026-01-01T02:00:00.000Z',
    endedAt: '2026-01-01T02:05:00.000Z',
    outcome: 'completed',
    error: null,
    progress: 1,
    progressMessage: null,
    result: { files: 20 },
    log: [],
    ...change,
  }
}

/** A run that began at noon, and of which nothing more is known. */
export function aNewRun(change: Partial<Parameters<typeof newRun>[0]> = {}): Run {
  const [date, startedAt] = ['2026-01-01', '2026-01-01T12:00:00.000Z']
  return newRun({ id: 'run-1', task: 'Tidy', trigger: 'start-all', by: null, date, startedAt, ...change })
}

/** What is remembered of a task that ran once. */
export function aTaskMemory(change: Partial<TaskMemory> = {}): TaskMemory {
  return { runs: [aRun()], waiting: null, draw: null, lastCompletedOn: '2026-01-01', ...change }
}

/** The memory of a Butler with one task, which ran once. */
export function aMemory(change: Partial<Memory> = {}): Memory {
  return { version: 1, settings: {}, tasks: { BackupDatabase: aTaskMemory() }, ...change }
}
