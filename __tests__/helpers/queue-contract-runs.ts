import { names, type QueueBench, SOON } from './queue-bench'

const byAda = { trigger: 'manual', by: 'ada' } as const

/** How a task is started, what its run tells, and what is kept of it. */
export function runsContract(bench: QueueBench): void {
  describe('at first', () => {
    test('every task is idle, and nothing is known of it', async () => {
      const { queue } = await bench.open()
      const blank = { state: 'idle', waiting: null, draw: null, lastCompletedOn: null, lastRun: null }
      expect(await queue.records()).toEqual(new Map(names.map((name) => [name, blank])))
      expect(await queue.history('Backup', { limit: 10, before: null })).toEqual([])
      expect(await queue.changes()).toEqual({})
    })
  })

  describe('a start', () => {
    test('calls the task, with a context that tells whose run it is', async () => {
      const { queue, tasks, recordOf } = await bench.open()
      expect(await queue.start('Backup', byAda)).toBe('started')
      const { state, lastRun } = await recordOf('Backup')
      expect(state).toBe('running')
      expect(lastRun).toMatchObject({ task: 'Backup', trigger: 'manual', by: 'ada', outcome: null, endedAt: null })
      await bench.until(() => expect(tasks.Backup.calls).toHaveLength(1))
      expect(tasks.Backup.calls[0]).toMatchObject({ name: 'Backup', trigger: 'manual', runId: lastRun?.id })
    })

    test('of one that runs leaves it alone', async () => {
      const { queue, tasks } = await bench.open()
      await queue.start('Backup', byAda)
      expect(await queue.start('Backup', byAda)).toBe('already-running')
      await bench.until(() => expect(tasks.Backup.calls).toHaveLength(1))
    })

    test('wins, when fifty come at once, for one of them', async () => {
      const { queue, tasks } = await bench.open()
      const answers = await Promise.all(Array.from({ length: 50 }, () => queue.start('Backup', byAda)))
      expect(answers.filter((answer) => answer === 'started')).toHaveLength(1)
      expect(answers.filter((answer) => answer === 'already-running')).toHaveLength(49)
      await bench.until(() => expect(tasks.Backup.calls).toHaveLength(1))
      expect(await queue.history('Backup', { limit: 100, before: null })).toHaveLength(1)
    })

    test('of one that has ended begins another run', async () => {
      const here = await bench.open()
      await bench.run(here, 'Backup')
      await bench.run(here, 'Backup')
      const [second, first] = await here.queue.history('Backup', { limit: 10, before: null })
      expect(second?.id).not.toBe(first?.id)
    })

    test('is not held up by other tasks, nor by the number of runs that a plan may have', async () => {
      const here = await bench.open({ concurrency: 1 })
      await here.add('Backup')
      await bench.called(here, 'Backup')
      expect(await here.queue.start('Scan', byAda)).toBe('started')
      expect(await here.queue.start('Clean', byAda)).toBe('started')
      await bench.called(here, 'Backup', 'Scan', 'Clean')
    })

    test('pulls forward what waits for its instant, which then starts nothing any more', async () => {
      const { queue, tasks, add, recordOf } = await bench.open()
      await add({ task: 'Tag', at: bench.inMs(SOON) })
      expect(await queue.start('Tag', byAda)).toBe('started')
      expect(await recordOf('Tag')).toMatchObject({ state: 'running', waiting: null, lastRun: { trigger: 'manual' } })
      await bench.until(() => expect(tasks.Tag.calls).toHaveLength(1))
      tasks.Tag.finish()
      await bench.pass(2 * SOON)
      expect(tasks.Tag.calls).toHaveLength(1)
    })

    test('pulls forward what waits for its turn, or for others', async () => {
      const here = await bench.open({ concurrency: 1 })
      await here.add('Backup', 'Scan', { task: 'Clean', after: ['Backup'] })
      expect(await here.queue.start('Scan', byAda)).toBe('started')
      expect(await here.queue.start('Clean', byAda)).toBe('started')
      await bench.called(here, 'Backup', 'Scan', 'Clean')
      for (const name of ['Backup', 'Scan', 'Clean'] as const) here.tasks[name].finish()
      await bench.idle(here, 'Backup', 'Scan', 'Clean')
      await bench.called(here, 'Backup', 'Scan', 'Clean')
    })
  })

  describe('a run', () => {
    test('that completes says so, with its result, and counts for its date', async () => {
      const here = await bench.open()
      await bench.run(here, 'Backup', { bytes: 4096 })
      const { lastRun, lastCompletedOn, lastCompletedAt } = await here.recordOf('Backup')
      expect(lastRun).toMatchObject({ outcome: 'completed', error: null, result: { bytes: 4096 } })
      expect(lastRun?.date).toBe(lastRun?.startedAt.slice(0, 10))
      expect(Date.parse(lastRun?.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(lastRun?.startedAt ?? ''))
      expect(lastCompletedOn).toBe(lastRun?.date)
      expect(lastCompletedAt).toBe(lastRun?.endedAt)
    })

    test('that completed is not forgotten when others after it did not, and it is kept no longer', async () => {
      const here = await bench.open({ historyLimit: 1 })
      await bench.run(here, 'Backup')
      const { lastCompletedAt } = await here.recordOf('Backup')
      for (const call of [2, 3]) {
        await here.queue.start('Backup', byAda)
        await bench.until(() => expect(here.tasks.Backup.calls).toHaveLength(call))
        here.tasks.Backup.fail(new Error('The disk is full.'))
        await bench.idle(here, 'Backup')
      }
      expect(await here.queue.history('Backup', { limit: 9, before: null })).toMatchObject([{ outcome: 'failed' }])
      expect(lastCompletedAt).toEqual(expect.any(String))
      expect((await here.recordOf('Backup')).lastCompletedAt).toBe(lastCompletedAt)
    })

    test('that fails says so, and leaves its task due', async () => {
      const here = await bench.open()
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      here.tasks.Backup.fail(new RangeError('The disk is full.'))
      await bench.idle(here, 'Backup')
      expect(await here.recordOf('Backup')).toMatchObject({
        lastCompletedOn: null,
        lastRun: { outcome: 'failed', error: { name: 'RangeError', message: 'The disk is full.' } },
      })
    })

    test('that outstays its time limit is asked to stop', async () => {
      const here = await bench.open({ definitions: { Backup: { timeoutMs: SOON } } })
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      await bench.pass(SOON)
      await bench.idle(here, 'Backup')
      expect((await here.recordOf('Backup')).lastRun).toMatchObject({ outcome: 'timed-out', error: null })
    })

    test('is told from its start to its end, in order, as JSON has it', async () => {
      const here = await bench.open()
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      const [context] = here.tasks.Backup.calls
      context?.progress(0.5, 'half of it')
      context?.log('so far, so good')
      await bench.until(() => expect(here.told.map(([event]) => event)).toContain('run:log'))
      here.tasks.Backup.finish({ bytes: 4096 })
      await bench.until(() => expect(here.told.map(([event]) => event)).toContain('run:ended'))
      expect(here.told).toMatchObject([
        ['run:started', { id: context?.runId, task: 'Backup', outcome: null, by: 'ada' }],
        ['run:progress', { id: context?.runId, progress: 0.5, progressMessage: 'half of it' }],
        ['run:log', { task: 'Backup', runId: context?.runId, message: 'so far, so good' }],
        ['run:ended', { id: context?.runId, outcome: 'completed', result: { bytes: 4096 } }],
      ])
      expect(JSON.parse(JSON.stringify(here.told))).toEqual(here.told)
    })

    test('shows its progress while it runs', async () => {
      const here = await bench.open()
      await here.queue.start('Backup', byAda)
      await bench.called(here, 'Backup')
      here.tasks.Backup.calls[0]?.progress(0.25, 'film 1 of 4')
      await bench.until(async () =>
        expect((await here.recordOf('Backup')).lastRun).toMatchObject({
          progress: 0.25,
          progressMessage: 'film 1 of 4',
        }),
      )
    })

    test('has ended for everybody who is told so', async () => {
      const here = await bench.open()
      await bench.run(here, 'Backup')
      await bench.until(() => expect(here.told.at(-1)?.[0]).toBe('run:ended'))
      expect(await here.queue.start('Backup', byAda)).toBe('started')
    })
  })

  describe('the history', () => {
    const all = { limit: 100, before: null }

    test('has the newest run first, also while it runs', async () => {
      const here = await bench.open()
      await bench.run(here, 'Backup', 'first')
      await bench.run(here, 'Scan', 'another task')
      await here.queue.start('Backup', byAda)
      expect(await here.queue.history('Backup', all)).toMatchObject([
        { task: 'Backup', outcome: null },
        { task: 'Backup', outcome: 'completed', result: 'first' },
      ])
    })

    test('ends where it is told to, and goes on from there', async () => {
      const here = await bench.open()
      for (const result of ['first', 'second', 'third', 'fourth']) {
        await bench.run(here, 'Backup', result)
        await bench.pass(5)
      }
      const results = async (limit: number, before: string | null) =>
        (await here.queue.history('Backup', { limit, before })).map(({ result }) => result)
      const [fourth, third] = await here.queue.history('Backup', { limit: 2, before: null })
      expect(await results(2, null)).toEqual(['fourth', 'third'])
      expect(await results(100, third?.id ?? '')).toEqual(['second', 'first'])
      expect(await results(1, fourth?.id ?? '')).toEqual(['third'])
      expect(await results(100, third?.startedAt ?? '')).toEqual(['second', 'first'])
      expect(await results(100, new Date(0).toISOString())).toEqual([])
      expect(await results(100, bench.inMs(1))).toEqual(['fourth', 'third', 'second', 'first'])
    })

    test('reads an instant however it is written', async () => {
      const here = await bench.open()
      await bench.run(here, 'Backup')
      const startedAt = (await here.recordOf('Backup')).lastRun?.startedAt as string
      const elsewhere = (hours: number, ms: number) =>
        new Date(Date.parse(startedAt) + hours * 3_600_000 + ms).toISOString().replace('Z', `+0${hours}:00`)
      expect(await here.queue.history('Backup', { limit: 1, before: elsewhere(9, 0) })).toHaveLength(0)
      expect(await here.queue.history('Backup', { limit: 1, before: elsewhere(9, 1) })).toHaveLength(1)
      const minute = `${new Date(Math.floor(Date.parse(startedAt) / 60_000) * 60_000).toISOString().slice(0, 16)}Z`
      expect(await here.queue.history('Backup', { limit: 1, before: minute })).toHaveLength(0)
    })

    test('has nothing before a run that is no longer there', async () => {
      const here = await bench.open()
      await bench.run(here, 'Backup')
      for (const before of [
        'vanished',
        'ffffffff-ffff-4fff-bfff-ffffffffffff',
        '00000000-0000-4000-8000-000000000000',
      ]) {
        expect(await here.queue.history('Backup', { limit: 1, before })).toEqual([])
      }
    })

    test('keeps so many runs of each task that have ended', async () => {
      const here = await bench.open({ historyLimit: 2 })
      for (const result of ['first', 'second', 'third']) await bench.run(here, 'Backup', result)
      await bench.run(here, 'Scan', 'another task')
      expect((await here.queue.history('Backup', all)).map(({ result }) => result)).toEqual(['third', 'second'])
      expect(await here.queue.history('Scan', all)).toHaveLength(1)
    })

    test('is handed out as a copy', async () => {
      const here = await bench.open()
      await bench.run(here, 'Backup', { files: ['a'] })
      for (const { result, log } of await here.queue.history('Backup', all)) {
        ;(result as { files: string[] }).files.push('forged')
        log.push({ at: '', message: 'forged' })
      }
      expect(await here.queue.history('Backup', all)).toMatchObject([{ result: { files: ['a'] }, log: [] }])
    })
  })
}
