import { GRACE, type OpenQueue, type QueueBench, SOON } from './queue-bench'

const byAda = { trigger: 'manual', by: 'ada' } as const
const stopped = { cause: 'stopped', graceMs: GRACE } as const

/** What outlives a queue that was closed or killed. */
export function memoryContract(bench: QueueBench): void {
  describe('what operators change', () => {
    test('is kept, one change on top of the other', async () => {
      const { queue } = await bench.open()
      await queue.change({ window: { opensAt: '01:00' }, enabled: { Scan: false } }, true)
      await queue.change({ window: { closesAt: '06:00' }, enabled: { Scan: true, Tag: false } }, true)
      expect(await queue.changes()).toEqual({
        window: { opensAt: '01:00', closesAt: '06:00' },
        enabled: { Scan: true, Tag: false },
      })
    })

    test.each<['closed' | 'killed', (open: OpenQueue) => Promise<unknown>]>([
      ['closed', (here) => bench.close(here)],
      ['killed', (here) => bench.crash(here)],
    ])('is still there after the queue was %s', async (_, end) => {
      const first = await bench.open()
      await first.queue.change({ enabled: { Scan: false } }, false)
      await end(first)
      const second = await bench.open()
      expect(await second.queue.changes()).toEqual({ enabled: { Scan: false } })
    })
  })

  test('of a task that nothing is known of, no runs are known', async () => {
    const { queue } = await bench.open()
    expect(await queue.history('Nobody', { limit: 50, before: null })).toEqual([])
  })

  describe.each<['closed' | 'killed', (open: OpenQueue) => Promise<unknown>]>([
    ['closed', (here) => bench.close(here)],
    ['killed', (here) => bench.crash(here)],
  ])('after the queue was %s', (_, end) => {
    test('a run that was cut is interrupted, still due, and not run again by itself', async () => {
      const first = await bench.open()
      await first.queue.start('Backup', byAda)
      await bench.called(first, 'Backup')
      const { lastRun } = await first.recordOf('Backup')
      await end(first)
      const second = await bench.open()
      await bench.idle(second, 'Backup')
      expect(await second.recordOf('Backup')).toMatchObject({
        lastCompletedOn: null,
        lastRun: { id: lastRun?.id, outcome: 'interrupted', endedAt: expect.any(String), by: 'ada' },
      })
      await bench.pass(SOON)
      await bench.called(second)
      expect(await second.queue.start('Backup', byAda)).toBe('started')
    })

    test('runs that ended, what they count for and what was drawn are still known', async () => {
      const first = await bench.open()
      const at = bench.inMs(GRACE)
      await bench.run(first, 'Backup', { bytes: 4096 })
      await first.add({ task: 'Tag', at, draw: { night: '2026-01-14', at } })
      const [backup, tag] = [await first.recordOf('Backup'), await first.recordOf('Tag')]
      await end(first)
      const second = await bench.open()
      expect(await second.recordOf('Backup')).toEqual(backup)
      expect((await second.recordOf('Tag')).draw).toEqual(tag.draw)
    })

    test('nothing starts before the next one is told to go on', async () => {
      const first = await bench.open()
      await first.add({ task: 'Tag', at: bench.inMs(SOON) })
      await end(first)
      const second = await bench.open({ resume: false })
      await bench.pass(2 * SOON)
      await bench.called(second)
      await second.queue.resume()
      await bench.called(second, 'Tag')
    })

    test('what waited waits again, as it was', async () => {
      const first = await bench.open()
      await first.add({ task: 'Tag', at: bench.inMs(SOON), until: bench.inMs(GRACE), trigger: 'start-all', by: 'ada' })
      const { waiting } = await first.recordOf('Tag')
      await end(first)
      const second = await bench.open()
      expect(await second.recordOf('Tag')).toMatchObject({ state: 'scheduled', waiting })
      expect(second.told).toContainEqual(['task:scheduled', waiting])
      await bench.pass(SOON)
      await bench.called(second, 'Tag')
      expect((await second.recordOf('Tag')).lastRun).toMatchObject({ trigger: 'start-all', by: 'ada' })
    })

    test('what fell due meanwhile starts late, unless it is too late', async () => {
      const first = await bench.open()
      const at = bench.inMs(SOON)
      await first.add({ task: 'Tag', at, until: bench.inMs(GRACE) }, { task: 'Scan', at, until: bench.inMs(2 * SOON) })
      await end(first)
      await bench.pass(3 * SOON)
      const second = await bench.open()
      await bench.pass(0)
      await bench.called(second, 'Tag')
      await bench.idle(second, 'Scan')
      expect(second.told).toContainEqual(['task:removed', expect.objectContaining({ task: 'Scan' })])
    })

    test('what waited for its turn, or for others, goes on waiting', async () => {
      const first = await bench.open({ concurrency: 1 })
      await first.queue.start('Tag', byAda)
      await first.add('Backup', 'Scan', { task: 'Clean', after: ['Scan'] })
      await bench.called(first, 'Tag', 'Backup')
      await end(first)
      const second = await bench.open({ concurrency: 1 })
      await bench.called(second, 'Scan')
      expect((await second.recordOf('Clean')).state).toBe('queued')
      second.tasks.Scan.finish()
      await bench.called(second, 'Scan', 'Clean')
    })

    test('what was taken off stays off', async () => {
      const first = await bench.open()
      await first.add({ task: 'Tag', at: bench.inMs(SOON) }, { task: 'Scan', at: bench.inMs(SOON) })
      await first.queue.stop('Tag', stopped)
      await first.queue.withdraw(['Scan'])
      await end(first)
      const second = await bench.open()
      await bench.pass(2 * SOON)
      await bench.called(second)
    })
  })

  test('what a crash cut is told of when the next queue opens', async () => {
    const first = await bench.open()
    await first.queue.start('Backup', byAda)
    await bench.called(first, 'Backup')
    await bench.crash(first)
    const second = await bench.open()
    await bench.until(() =>
      expect(second.told).toContainEqual([
        'run:ended',
        expect.objectContaining({ task: 'Backup', outcome: 'interrupted' }),
      ]),
    )
  })
}
