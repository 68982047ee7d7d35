import type { Run, RunError } from '../../lib/engine/run'
import type { Memory } from '../../lib/engine/store'
import type { Outcome } from '../../lib/registry'

const DAY_MS = 86_400_000

/** How one task went, night after night, newest last: a letter for each. `.` did not run. */
type Nights = { letters: string; minute: number; minutes: number; error?: string }

const outcomes: Record<string, Outcome> = {
  c: 'completed',
  f: 'failed',
  s: 'stopped',
  t: 'timed-out',
  w: 'window-closed',
  i: 'interrupted',
}

const fortnight: Record<string, Nights> = {
  BackupDatabase: { letters: '.c..c..c..c..c', minute: 0, minutes: 4 },
  CheckForUpdates: { letters: 'cccccfcccccccc', minute: 71, minutes: 0.2, error: 'registry.example answered 503' },
  CleanOldCacheFiles: { letters: '...c......c...', minute: 0, minutes: 1.5 },
  DeepMediaAnalysis: { letters: 'cccwcccccwccww', minute: 5, minutes: 150 },
  GenerateAutoTags: { letters: 'cccccsccctcccf', minute: 48, minutes: 22, error: 'No space left on the device' },
  GenerateChapterThumbs: { letters: 'cccccccicccccc', minute: 4, minutes: 35 },
  OptimizeDatabase: { letters: '.......c......', minute: 6, minutes: 9 },
  RefreshPeriodicMetadata: { letters: 'cccccccccccccc', minute: 120, minutes: 12 },
}

/** The memory of a Butler whose window has opened at two in UTC for fourteen nights, the last of them on `date`. */
export function aFortnight(date: string): Memory {
  const tasks = Object.entries(fortnight).map(([task, nights]) => {
    const runs = [...nights.letters].flatMap((letter, index) => {
      const outcome = outcomes[letter]
      return outcome ? [aRun(task, nights, outcome, Date.parse(date) - (13 - index) * DAY_MS, index)] : []
    })
    const last = runs.findLast(({ outcome }) => outcome === 'completed')
    return [task, { runs, waiting: null, draw: null, lastCompletedOn: last?.date ?? null }] as const
  })
  return { version: 1, settings: {}, tasks: Object.fromEntries(tasks) }
}

function aRun(task: string, nights: Nights, outcome: Outcome, midnight: number, index: number): Run {
  const { minute, minutes, error = 'something went wrong' } = nights
  const startedAt =
    midnight + (120 + ((minute + index * 7) % 160) * (minute > 10 ? 1 : 0) + (minute <= 10 ? minute : 0)) * 60_000
  const endedAt =
    outcome === 'window-closed'
      ? midnight + 300 * 60_000
      : startedAt + minutes * (0.8 + ((index * 37) % 50) / 100) * 60_000
  const failure: RunError | null = outcome === 'failed' ? { name: 'Error', message: error } : null
  return {
    id: `${task}-${index}`,
    task,
    trigger: 'window',
    by: null,
    date: new Date(midnight).toISOString().slice(0, 10),
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    outcome,
    error: failure,
    progress: outcome === 'completed' ? 1 : 0.4,
    progressMessage: null,
    result: outcome === 'completed' ? { files: 40 + index } : null,
    log: [{ at: new Date(startedAt).toISOString(), message: `${task} began` }],
  }
}
