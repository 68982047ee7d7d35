import { GRACE, type OpenQueue, type QueueBench, SOON } from './queue-bench'

const byAda = { trigger: 'manual', by: 'ada' } as const
const stopped = { cause: 'stopped', graceMs: GRACE } as const

/** What waits: for its instant, for a free place, for others, and not too long. */
export function plansContract(bench: QueueBench): void {
  describe('what a plan adds', () => {
    test('starts at once when it has no instant, as what made it says', async () => {
      const here = await bench.open()
      await here.add('Backup', { task: 'Scan', trigger: 'start-all', by: 'ada' })
      await bench.called(here, 'Backup', 'Scan')
      expect((await here.recordOf('Backup')).lastRun).toMatchObject({ trigger: 'window', by: null })
      expect((await here.recordOf('Scan')).lastRun).toMatchObject({ trigger: 'start-all', by: 'ada' })
    })

    test('waits for its instant, and starts then', async () => {
      const here = await bench.open()
      const at = bench.inMs(SOON)
      const draw = { night: '2026-01-14', at }
      await here.add({ task: 'Tag', at, until: bench.inMs(GRACE), draw })
      expect(await here.recordOf('Tag')).toMatchObject({
        state: 'scheduled',
        waiting: { task: 'Tag', trigger: 'window', by: null, at, until: expect.any(String), after: [] },
        draw,
      })
      expect(here.told).toMatchObject([['task:scheduled', { task: 'Tag', at }]])
      expect(here.tasks.Tag.calls).toHaveLength(0)
      await bench.pass(SOON)
      await bench.called(here, 'Tag')
      const { lastRun, waiting } = await here.recordOf('Tag')
      expect(Date.parse(lastRun?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(at))
      expect(waiting).toBeNull()
    })

    test('may be nothing', async () => {
      const { add, told } = await bench.open()
      await add()
      expect(told).toEqual([])
    })

    test('leaves alone what waits already', async () => {
      const here = await bench.open()
      const [first, second] = [bench.inMs(SOON), bench.inMs(2 * SOON)]
      await here.add({ task: 'Tag', at: first, draw: { night: '2026-01-14', at: first } })
      await here.add({ task: 'Tag', at: second, draw: { night: '2026-01-15', at: second }, trigger: 'start-all' })
      await here.add('Tag')
      expect(await here.recordOf('Tag')).toMatchObject({
        waiting: { at: first, trigger: 'window' },
        draw: { night: '2026-01-14', at: first },
      })
      expect(here.tasks.Tag.calls).toHaveLength(0)
    })

    test('leaves alone what runs already, and starts nothing after it', async () => {
      const here = await bench.open()
      await here.queue.start('Backup', byAda)
      await here.add('Backup', 'Scan')
      await bench.called(here, 'Backup', 'Scan')
      expect(await here.recordOf('Backup')).toMatchObject({ state: 'running', waiting: null })
      here.tasks.Backup.finish()
      await bench.idle(here, 'Backup')
      await bench.pass(SOON)
      await bench.called(here, 'Backup', 'Scan')
    })

    test('remembers what was drawn after the run, and until something else is drawn', async () => {
      const here = await bench.open()
      const at = bench.inMs(0)
      await here.add({ task: 'Tag', at, draw: { night: '2026-01-14', at } })
      await bench.pass(SOON)
      await bench.called(here, 'Tag')
      here.tasks.Tag.finish()
      await bench.idle(here, 'Tag')
      await here.add('Tag')
      expect((await here.recordOf('Tag')).draw).toEqual({ night: '2026-01-14', at })
    })
  })

  describe('the number of runs that a plan may have', () => {
    test('is never exceeded, and the rest has its turn in order', async () => {
      const here = await bench.open({ concurrency: 2 })
      const starts = () =>
        here.told.filter(([event]) => event === 'run:started').map(([, run]) => (run as { task: string }).task)
      await here.add('Scan', 'Tag', 'Backup', 'Clean')
      await bench.called(here, 'Scan', 'Tag')
      expect((await here.recordOf('Backup')).state).toBe('queued')
      expect((await here.recordOf('Clean')).state).toBe('queued')
      const queued = here.told.filter(([event]) => event === 'task:queued')
      expect(queued).toMatchObject([
        ['task:queued', { task: 'Backup', at: null }],
        ['task:queued', { task: 'Clean', at: null }],
      ])
      here.tasks.Tag.finish()
      await bench.called(here, 'Scan', 'Tag', 'Backup')
      here.tasks.Scan.finish()
      await bench.called(here, 'Scan', 'Tag', 'Backup', 'Clean')
      // The first two begin side by side, and which of them is told first is nobody's promise.
      expect([starts().slice(0, 2).sort(), ...starts().slice(2)]).toEqual([['Scan', 'Tag'], 'Backup', 'Clean'])
    })

    test('is free again after a run that failed, or was stopped', async () => {
      const here = await bench.open({ concurrency: 1 })
      await here.add('Backup', 'Scan', 'Clean')
      await bench.called(here, 'Backup')
      here.tasks.Backup.fail(new Error('The disk is full.'))
      await bench.called(here, 'Backup', 'Scan')
      await here.queue.stop('Scan', stopped)
      await bench.called(here, 'Backup', 'Scan', 'Clean')
    })

    test('counts what waited for its instant, too', async () => {
      const here = await bench.open({ concurrency: 1 })
      await here.add('Backup', { task: 'Tag', at: bench.inMs(SOON) })
      await bench.pass(2 * SOON)
      await bench.until(async () => expect((await here.recordOf('Tag')).state).toBe('queued'))
      expect(here.told.at(-1)).toMatchObject(['task:queued', { task: 'Tag', at: null }])
      await bench.called(here, 'Backup')
      here.tasks.Backup.finish()
      await bench.called(here, 'Backup', 'Tag')
    })
  })

  describe('what must not start from some instant on', () => {
    test('is taken off when its turn comes then, or later', async () => {
      const here = await bench.open({ concurrency: 1 })
      await here.add('Backup', { task: 'Scan', until: bench.inMs(SOON) }, { task: 'Clean', until: bench.inMs(GRACE) })
      await bench.called(here, 'Backup')
      await bench.pass(SOON)
      here.tasks.Backup.finish()
      await bench.called(here, 'Backup', 'Clean')
      await bench.idle(here, 'Scan')
      expect(here.told).toContainEqual(['task:removed', expect.objectContaining({ task: 'Scan' })])
      expect(await here.queue.history('Scan', { limit: 10, before: null })).toEqual([])
    })

    test('starts before', async () => {
      const here = await bench.open()
      await here.add({ task: 'Tag', at: bench.inMs(SOON), until: bench.inMs(GRACE) })
      await bench.pass(SOON)
      await bench.called(here, 'Tag')
    })

    test('is started all the same by somebody who names it', async () => {
      const here = await bench.open()
      await here.add({ task: 'Tag', at: bench.inMs(GRACE), until: bench.inMs(0) })
      expect(await here.queue.start('Tag', byAda)).toBe('started')
    })
  })

  describe('one that comes after others', () => {
    test('waits for all of them to end, in a chain, too', async () => {
      const here = await bench.open()
      await here.add({ task: 'Tag', after: ['Clean'] }, { task: 'Clean', after: ['Backup', 'Scan'] }, 'Backup', 'Scan')
      await bench.called(here, 'Backup', 'Scan')
      expect((await here.recordOf('Clean')).state).toBe('queued')
      here.tasks.Backup.finish()
      await bench.idle(here, 'Backup')
      await bench.called(here, 'Backup', 'Scan')
      here.tasks.Scan.finish()
      await bench.called(here, 'Backup', 'Scan', 'Clean')
      here.tasks.Clean.finish()
      await bench.called(here, 'Backup', 'Scan', 'Clean', 'Tag')
    })

    test('waits for one that waits for its instant', async () => {
      const here = await bench.open()
      await here.add({ task: 'Backup', at: bench.inMs(SOON) }, { task: 'Scan', after: ['Backup'] })
      await bench.pass(0)
      await bench.called(here)
      await bench.pass(SOON)
      await bench.called(here, 'Backup')
      here.tasks.Backup.finish()
      await bench.called(here, 'Backup', 'Scan')
    })

    test('waits for its own instant as well', async () => {
      const here = await bench.open()
      await here.add('Backup', { task: 'Tag', at: bench.inMs(SOON), after: ['Backup'] })
      await bench.called(here, 'Backup')
      here.tasks.Backup.finish()
      await bench.idle(here, 'Backup')
      expect((await here.recordOf('Tag')).state).toBe('scheduled')
      await bench.pass(SOON)
      await bench.called(here, 'Backup', 'Tag')
    })

    test('does not wait for those that rest', async () => {
      const here = await bench.open()
      await here.add({ task: 'Scan', after: ['Backup', 'Clean'] })
      await bench.called(here, 'Scan')
    })

    test('waits for one that runs already, whoever started it', async () => {
      const here = await bench.open()
      await here.queue.start('Backup', byAda)
      await here.add({ task: 'Scan', after: ['Backup'] })
      await bench.called(here, 'Backup')
      here.tasks.Backup.finish()
      await bench.called(here, 'Backup', 'Scan')
    })

    test('waits for the end of one that is pulled forward', async () => {
      const here = await bench.open()
      await here.add({ task: 'Backup', at: bench.inMs(GRACE) }, { task: 'Scan', after: ['Backup'] })
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      here.tasks.Backup.finish()
      await bench.called(here, 'Backup', 'Scan')
    })

    test.each<[string, (open: OpenQueue) => unknown]>([
      ['fails', ({ tasks }) => tasks.Backup.fail(new Error('The disk is full.'))],
      ['is stopped', ({ queue }) => queue.stop('Backup', stopped)],
    ])('goes on when one of those that run %s', async (_, happen) => {
      const here = await bench.open()
      await here.add('Backup', { task: 'Scan', after: ['Backup'] })
      await bench.called(here, 'Backup')
      await happen(here)
      await bench.called(here, 'Backup', 'Scan')
    })

    test.each<[string, (open: OpenQueue) => unknown]>([
      ['taken off by somebody', ({ queue }) => queue.stop('Backup', stopped)],
      ['withdrawn', ({ queue }) => queue.withdraw(['Backup'])],
    ])('goes on when one of those that wait is %s', async (_, happen) => {
      const here = await bench.open()
      await here.add({ task: 'Backup', at: bench.inMs(GRACE) }, { task: 'Scan', after: ['Backup'] })
      await happen(here)
      await bench.called(here, 'Scan')
    })

    test('takes no place from others while it waits', async () => {
      const here = await bench.open({ concurrency: 1 })
      await here.queue.start('Backup', byAda)
      await here.add({ task: 'Scan', after: ['Backup'] }, 'Clean')
      await bench.called(here, 'Backup', 'Clean')
    })
  })
}
