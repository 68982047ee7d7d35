import { butlerTaskNames, catalogue } from 'express-butler'

/** What a registry lists in the morning: all 14 tasks, most of them with a last run and a next one. */
export const statuses = butlerTaskNames.map((name, index) => ({
  name,
  enabled: catalogue[name].enabled,
  state: index === 3 ? 'running' : 'idle',
  ...(index === 3 && { progress: 0.42, progressMessage: 'bundle 42 of 100' }),
  nextRun: '2026-01-15T01:00:00.000Z',
  lastRun: {
    id: `5a0c3e0e-7d5b-4f0e-9f0a-0000000000${10 + index}`,
    trigger: 'window',
    startedAt: '2026-01-14T01:00:00.000Z',
    endedAt: index === 3 ? null : '2026-01-14T01:03:20.000Z',
    outcome: index === 3 ? null : 'completed',
    error: null,
    result: index === 3 ? null : { files: 1200, bytes: 48_000_000 },
  },
}))

/** The same as it goes over the wire. */
export const taskList = {
  ButlerTasks: {
    ButlerTask: statuses.map(({ name, enabled, state, progress, progressMessage, nextRun, lastRun }) => {
      const { title, description, intervalDays: interval, randomized: scheduleRandomized } = catalogue[name]
      const known = { name, title, description, interval, enabled, scheduleRandomized }
      return { ...known, state, progress, progressMessage, nextRun, lastRun }
    }),
  },
}
