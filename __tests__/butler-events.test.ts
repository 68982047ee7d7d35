import { type EventEmitter, once } from 'node:events'
import { held, NIGHT, openButler, record } from './helpers/butler'

test('a run is told from start to end', async () => {
  const { butler, ended } = await openButler({
    tasks: {
      Scan: async ({ progress, log }) => {
        progress(0.5, 'half of it')
        log('looked into 3 folders')
      },
    },
  })
  const told = record(butler as never, ['run:started', 'run:progress', 'run:log', 'run:ended'])
  const run = ended('Scan')
  await butler.start('Scan')
  const { id } = await run
  expect(told).toMatchObject([
    ['run:started', { id, outcome: null, progress: null }],
    ['run:progress', { id, progress: 0.5, progressMessage: 'half of it' }],
    ['run:log', { task: 'Scan', runId: id, message: 'looked into 3 folders' }],
    ['run:ended', { id, outcome: 'completed', log: [{ message: 'looked into 3 folders' }] }],
  ])
})

test('a night is told from opening to closing, with the plan and what was scheduled', async () => {
  const { butler, clock } = await openButler({ tasks: { Tag: { run: held(), randomized: true } } })
  const told = record(butler as never, [
    'window:opened',
    'task:scheduled',
    'plan:made',
    'run:started',
    'run:stopping',
    'run:ended',
    'window:closed',
  ])
  await clock.moveTo('2026-01-15T05:00Z')
  expect(told.map(([event]) => event)).toEqual([
    'window:opened',
    'task:scheduled',
    'plan:made',
    'run:started',
    'window:closed',
    'run:stopping',
    'run:ended',
  ])
  expect(told[0]).toEqual([
    'window:opened',
    { date: '2026-01-15', opensAt: '2026-01-15T02:00:00.000Z', closesAt: '2026-01-15T05:00:00.000Z' },
  ])
})

test('what is told is a copy', async () => {
  const { butler } = await openButler({ tasks: { Task: held() } })
  butler.on('run:started', (run) => void Object.assign(run, { outcome: 'failed', id: 'forged' }))
  await butler.start('Task')
  expect((await butler.history('Task'))[0]).toMatchObject({ outcome: null, id: expect.not.stringMatching('forged') })
})

test.each([
  [
    'throws',
    () => {
      throw new Error('listener')
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('listener')
    },
  ],
])('a listener that %s hurts neither the run nor the host, nor the listeners after it', async (_what, listener) => {
  const { butler, ended, logger } = await openButler({ tasks: { Task: async () => 'done' } })
  butler.on('run:started', listener)
  const second = jest.fn()
  butler.on('run:started', second)
  const run = ended('Task')
  await butler.start('Task')
  expect((await run).outcome).toBe('completed')
  expect(second).toHaveBeenCalledTimes(1)
  expect(logger.lines).toContain('error: A listener failed; the Butler goes on.')
})

test('an event without a listener, `error` included, is harmless', async () => {
  const { butler } = await openButler({ tasks: { Task: held() } })
  expect((butler as unknown as EventEmitter).emit('error', new Error('nobody listens'))).toBe(false)
})

test('events.once waits for an event', async () => {
  const { butler } = await openButler({ at: NIGHT, tasks: { Task: async () => 'done' } })
  const ended = once(butler, 'run:ended')
  await butler.start('Task')
  expect(await ended).toMatchObject([{ task: 'Task', outcome: 'completed' }, 'here'])
})
