import { GRACE, names, type QueueBench, SOON } from './queue-bench'

const byAda = { trigger: 'manual', by: 'ada' } as const
const stopped = { cause: 'stopped', graceMs: GRACE } as const

/** How what waits is taken off, and what runs is asked to end. */
export function stopsContract(bench: QueueBench): void {
  describe('a stop', () => {
    test.each(['stopped', 'window-closed', 'timed-out', 'interrupted'] as const)(
      'asks the run to end, which says why it did: %s',
      async (cause) => {
        const here = await bench.open()
        await here.queue.start('Backup', byAda)
        await bench.called(here, 'Backup')
        expect(await here.queue.stop('Backup', { cause, graceMs: GRACE })).toBe('stopped')
        expect(here.tasks.Backup.calls[0]?.signal.reason).toMatchObject({ name: 'AbortError', outcome: cause })
        expect(await here.recordOf('Backup')).toMatchObject({
          state: 'idle',
          lastCompletedOn: null,
          lastRun: { outcome: cause, error: null },
        })
        await bench.until(() => expect(here.told.at(-1)?.[0]).toBe('run:ended'))
        expect(here.told.map(([event]) => event)).toEqual(['run:started', 'run:stopping', 'run:ended'])
      },
    )

    test('of what is idle says so', async () => {
      const { queue, told } = await bench.open()
      expect(await queue.stop('Backup', stopped)).toBe('not-running')
      expect(told).toEqual([])
    })

    test('of what waits takes it off', async () => {
      const here = await bench.open({ concurrency: 1 })
      await here.add('Backup', 'Scan', { task: 'Tag', at: bench.inMs(SOON) })
      for (const name of ['Scan', 'Tag'] as const) {
        expect(await here.queue.stop(name, stopped)).toBe('stopped')
        expect(await here.recordOf(name)).toMatchObject({ state: 'idle', waiting: null })
        expect(here.told).toContainEqual(['task:removed', expect.objectContaining({ task: name })])
      }
      here.tasks.Backup.finish()
      await bench.pass(2 * SOON)
      await bench.called(here, 'Backup')
    })

    test('of one that does not end in time holds its place until it does', async () => {
      const here = await bench.open()
      here.tasks.Backup.stubborn = true
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      const answer = here.queue.stop('Backup', { cause: 'stopped', graceMs: SOON })
      await bench.pass(SOON)
      expect(await answer).toBe('stopping')
      expect((await here.recordOf('Backup')).state).toBe('stopping')
      expect(await here.queue.start('Backup', byAda)).toBe('already-running')
      here.tasks.Backup.finish('done all the same')
      await bench.idle(here, 'Backup')
      expect((await here.recordOf('Backup')).lastRun).toMatchObject({ outcome: 'stopped', result: null })
    })

    test('waits for ever, if it is to', async () => {
      const here = await bench.open()
      here.tasks.Backup.stubborn = true
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      const answer = here.queue.stop('Backup', { cause: 'stopped', graceMs: null })
      await bench.pass(2 * SOON)
      here.tasks.Backup.finish()
      expect(await answer).toBe('stopped')
    })

    test('goes on when nobody waits for its answer any more', async () => {
      const here = await bench.open()
      here.tasks.Backup.stubborn = true
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      const gone = new AbortController()
      const answer = here.queue.stop('Backup', { ...stopped, signal: gone.signal })
      gone.abort()
      expect(await answer).toBe('stopping')
      await bench.until(() => expect(here.tasks.Backup.calls[0]?.signal.aborted).toBe(true))
      here.tasks.Backup.finish()
      await bench.idle(here, 'Backup')
    })

    test('that comes second does not change why the run must end', async () => {
      const here = await bench.open()
      here.tasks.Backup.stubborn = true
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      await here.queue.stop('Backup', { cause: 'window-closed', graceMs: 0 })
      const answer = here.queue.stop('Backup', stopped)
      here.tasks.Backup.finish()
      expect(await answer).toBe('stopped')
      expect((await here.recordOf('Backup')).lastRun).toMatchObject({ outcome: 'window-closed' })
    })

    test('of one run leaves other runs and what waits alone', async () => {
      const here = await bench.open()
      await bench.run(here, 'Backup')
      const first = (await here.recordOf('Backup')).lastRun?.id
      await here.queue.start('Backup', byAda)
      await here.add({ task: 'Tag', at: bench.inMs(GRACE) })
      expect(await here.queue.stop('Backup', { ...stopped, runId: first as string })).toBe('not-running')
      expect(await here.queue.stop('Tag', { ...stopped, runId: first as string })).toBe('not-running')
      expect((await here.recordOf('Backup')).state).toBe('running')
      expect((await here.recordOf('Tag')).state).toBe('scheduled')
      const second = (await here.recordOf('Backup')).lastRun?.id
      expect(await here.queue.stop('Backup', { ...stopped, runId: second as string })).toBe('stopped')
    })
  })

  describe('stopping all', () => {
    test('takes off what waits and ends what runs, and nothing starts instead', async () => {
      const here = await bench.open({ concurrency: 1 })
      await here.queue.start('Backup', byAda)
      await here.add('Scan', 'Clean', { task: 'Tag', at: bench.inMs(SOON), after: ['Backup'] })
      await bench.called(here, 'Backup', 'Scan')
      await here.queue.stopAll(stopped)
      for (const name of names) expect(await here.recordOf(name)).toMatchObject({ state: 'idle', waiting: null })
      await bench.pass(2 * SOON)
      await bench.called(here, 'Backup', 'Scan')
      expect((await here.recordOf('Scan')).lastRun).toMatchObject({ outcome: 'stopped' })
    })

    test('waits no longer than the grace time', async () => {
      const here = await bench.open()
      here.tasks.Backup.stubborn = true
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      const done = here.queue.stopAll({ cause: 'stopped', graceMs: SOON })
      await bench.pass(SOON)
      await done
      expect((await here.recordOf('Backup')).state).toBe('stopping')
      here.tasks.Backup.finish()
      await bench.idle(here, 'Backup')
    })

    test('is content with nothing', async () => {
      const { queue, told } = await bench.open()
      await queue.stopAll(stopped)
      expect(told).toEqual([])
    })
  })

  describe('withdrawing', () => {
    test('takes off what the window put there, and only of the tasks that are named', async () => {
      const here = await bench.open()
      const at = bench.inMs(SOON)
      await here.add({ task: 'Backup', at }, { task: 'Scan', at, trigger: 'start-all', by: 'ada' }, { task: 'Tag', at })
      await here.queue.withdraw(['Backup', 'Scan', 'Clean'])
      const removed = here.told.filter(([event]) => event === 'task:removed')
      expect(removed).toMatchObject([['task:removed', { task: 'Backup' }]])
      expect(await here.recordOf('Backup')).toMatchObject({ state: 'idle', waiting: null })
      await bench.pass(SOON)
      await bench.called(here, 'Scan', 'Tag')
    })

    test('leaves what runs alone', async () => {
      const here = await bench.open()
      await here.add('Backup')
      await bench.called(here, 'Backup')
      await here.queue.withdraw(names)
      expect((await here.recordOf('Backup')).state).toBe('running')
    })

    test('takes off what waits for its turn, which then does not come', async () => {
      const here = await bench.open({ concurrency: 1 })
      await here.add('Backup', 'Scan')
      await here.queue.withdraw(names)
      here.tasks.Backup.finish()
      await bench.idle(here, 'Backup', 'Scan')
      await bench.called(here, 'Backup')
    })
  })

  describe('closing', () => {
    test('ends what runs, waits for it, and has nothing left to say', async () => {
      const here = await bench.open()
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      expect(await bench.close(here)).toEqual([])
      expect(here.tasks.Backup.calls[0]?.signal.reason).toMatchObject({ outcome: 'interrupted' })
      expect(here.told.at(-1)).toMatchObject(['run:ended', { outcome: 'interrupted' }])
    })

    test('waits for a run that takes its time', async () => {
      const here = await bench.open()
      here.tasks.Backup.stubborn = true
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      const left = bench.close(here)
      await bench.pass(SOON)
      here.tasks.Backup.finish()
      expect(await left).toEqual([])
      expect(here.told.at(-1)).toMatchObject(['run:ended', { outcome: 'interrupted' }])
    })

    test('says what had not ended in time, which is found interrupted', async () => {
      const first = await bench.open()
      first.tasks.Backup.stubborn = true
      await first.queue.start('Backup', byAda)
      await first.queue.start('Scan', byAda)
      await bench.called(first, 'Backup', 'Scan')
      const left = bench.close(first, SOON)
      await bench.pass(SOON)
      expect(await left).toEqual(['Backup'])
      const second = await bench.open()
      await bench.idle(second, 'Backup', 'Scan')
      expect((await second.recordOf('Backup')).lastRun).toMatchObject({ outcome: 'interrupted' })
      first.tasks.Backup.finish()
      await bench.pass(SOON)
      expect((await second.recordOf('Backup')).lastRun).toMatchObject({ outcome: 'interrupted' })
    })

    test('starts nothing of what waits', async () => {
      const first = await bench.open({ concurrency: 1 })
      await first.add('Backup', 'Scan', { task: 'Tag', at: bench.inMs(SOON) })
      await bench.called(first, 'Backup')
      await bench.close(first)
      await bench.pass(2 * SOON)
      await bench.called(first, 'Backup')
    })

    test('of a queue that does nothing is quick, and lets another one open', async () => {
      expect(await bench.close(await bench.open())).toEqual([])
      expect(await bench.close(await bench.open())).toEqual([])
    })
  })
}
