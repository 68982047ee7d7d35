import type { LastRun, TaskStatus } from 'express-butler'
import { activitiesOf, taskOfActivity } from '../server/plex/activities'

const aRun = (id: string, outcome: LastRun['outcome'] = null): LastRun => ({
  id,
  trigger: 'manual',
  startedAt: '2026-01-14T12:00:00.000Z',
  endedAt: outcome === null ? null : '2026-01-14T12:01:00.000Z',
  outcome,
  error: null,
  result: null,
})

const aTask = (more: Partial<TaskStatus> = {}): TaskStatus => ({
  name: 'BackupDatabase',
  title: 'Back up the database',
  enabled: true,
  state: 'running',
  lastRun: aRun('r1'),
  ...more,
})

test('a run is an activity of the same id', () => {
  expect(activitiesOf([aTask({ progress: 0.5, progressMessage: 'half' })])).toEqual({
    MediaContainer: {
      size: 1,
      Activity: [
        {
          uuid: 'r1',
          type: 'butler.BackupDatabase',
          cancellable: true,
          userID: 1,
          title: 'Back up the database',
          subtitle: 'half',
          progress: 50,
        },
      ],
    },
  })
})

test.each([
  // progress  in per cent
  [undefined, -1],
  [0, 0],
  [0.004, 0],
  [0.29, 29],
  [0.57, 57],
  [0.999, 100],
  [1, 100],
])('a progress of %p is %i per cent', (progress, told) => {
  expect(activitiesOf([aTask({ progress })])).toMatchObject({ MediaContainer: { Activity: [{ progress: told }] } })
})

test.each<[string, Partial<TaskStatus>, number]>([
  ['runs', {}, 1],
  ['has been asked to stop', { state: 'stopping' }, 1],
  ['waits for its moment', { state: 'scheduled', lastRun: aRun('r0', 'completed') }, 0],
  ['waits for its turn', { state: 'queued', lastRun: aRun('r0', 'failed') }, 0],
  ['has ended', { state: 'idle', lastRun: aRun('r0', 'stopped') }, 0],
  ['never ran', { state: 'idle', lastRun: undefined }, 0],
])('of a task that %s', (_, task, size) => {
  expect(activitiesOf([aTask(task)])).toMatchObject({ MediaContainer: { size } })
})

test('what has been asked to stop cannot be cancelled any more, and has a title all the same', () => {
  const { MediaContainer } = activitiesOf([aTask({ state: 'stopping', title: undefined })])
  expect(MediaContainer).toMatchObject({ Activity: [{ cancellable: false, title: 'BackupDatabase', subtitle: '' }] })
})

test('an activity leads to its task as long as it runs', () => {
  const tasks = [
    aTask({ name: 'A', lastRun: aRun('a') }),
    aTask({ name: 'B', lastRun: aRun('b', 'completed'), state: 'idle' }),
  ]
  expect(taskOfActivity(tasks, 'a')?.name).toBe('A')
  expect(taskOfActivity(tasks, 'b')).toBeUndefined()
  expect(taskOfActivity(tasks, 'undefined')).toBeUndefined()
})
