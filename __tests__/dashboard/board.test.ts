import request from 'supertest'
import type { Butler } from '../../lib/butler'
import type { TaskContext } from '../../lib/engine/task'
import { held } from '../helpers/butler'
import { openDashboard } from '../helpers/dashboard'
import { aFortnight } from '../helpers/fortnight'
import { errorIn, json } from '../helpers/http'

const TONIGHT = { date: '2026-01-15', opensAt: '2026-01-15T02:00:00.000Z', closesAt: '2026-01-15T05:00:00.000Z' }

describe('the board', () => {
  test('tells the night, the settings and each task with what the night will do with it, and why', async () => {
    const { app } = await openDashboard({ memory: aFortnight('2026-01-14') })
    const { body, headers } = await request(app).get('/ops/api/board').expect(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(body).toMatchObject({ now: '2026-01-14T12:00:00.000Z', night: TONIGHT, isOpen: false, mayOperate: true })
    expect(body.settings).toMatchObject({ window: { opensAt: '02:00' }, enabled: { BackupDatabase: true } })
    expect(body.tasks).toMatchObject([
      {
        name: 'BackupDatabase',
        title: 'Back up the database',
        state: 'idle',
        usualMs: expect.any(Number),
        nextRun: '2026-01-17T02:00:00.000Z',
        lastRun: { outcome: 'completed' },
        tonight: {
          kind: 'skip',
          reason: 'not-due',
          sentence: 'Rests: it completed on 2026-01-14 and is due on 2026-01-17.',
        },
      },
      { tonight: { kind: 'schedule', sentence: 'It is due, and gets a random moment of the window when that opens.' } },
      { usualMs: null, tonight: { kind: 'skip', sentence: 'Rests: it is switched off in the settings.' } },
    ])
  })

  test('inside the window tells what was decided, with the moments that were drawn', async () => {
    const { app } = await openDashboard({ at: '2026-01-14T02:30Z' })
    const { body } = await request(app).get('/ops/api/board').expect(200)
    const drawn = { state: 'scheduled', scheduledFor: '2026-01-14T03:45:00.000Z' }
    expect(body).toMatchObject({ isOpen: true, night: { date: '2026-01-14' } })
    expect(body.tasks[1]).toMatchObject({ ...drawn, tonight: { kind: 'skip', reason: 'already-scheduled' } })
  })

  test.each([
    ['failed', { run: async () => Promise.reject(new Error('no')) }, async () => {}],
    ['was stopped', { run: held() }, (butler: Butler) => butler.stop('Work')],
    ['was taken off the schedule', { run: held(), randomized: true }, (butler: Butler) => butler.stopAll()],
    [
      'failed, and runs once a week',
      { run: async () => Promise.reject(new Error('no')), weekdays: ['wed'] as const },
      async () => {},
    ],
  ])(
    'inside the window says of a task that %s that it is still due, and what it waits for',
    async (_, task, happens) => {
      const { app, butler, clock } = await openDashboard({ at: '2026-01-14T02:30Z', tasks: { Work: task } })
      await clock.moveBy(1_000)
      await happens(butler as unknown as Butler)
      const { body } = await request(app).get('/ops/api/board').expect(200)
      expect(body.tasks[0]).toMatchObject({ state: 'idle', enabled: true })
      expect(body.tasks[0].tonight.sentence).toBe(
        'Still due: it did not complete tonight. It waits for Start, or for its next night.',
      )
    },
  )

  test('says how long a task usually takes: the median of those that completed', async () => {
    const { app, butler, clock } = await openDashboard({ tasks: { work: held() } })
    const task = held()
    const opened = await openDashboard({ tasks: { work: task } })
    for (const minutes of [1, 9, 2]) {
      const ended = opened.ended('work')
      await opened.butler.start('work')
      await opened.clock.moveBy(minutes * 60_000)
      task.finish()
      await ended
    }
    expect((await request(opened.app).get('/ops/api/board')).body.tasks[0].usualMs).toBe(120_000)
    await butler.start('work')
    await clock.moveBy(1_000)
    expect((await request(app).get('/ops/api/board')).body.tasks[0].usualMs).toBeNull()
  })

  test('of a Butler that has been closed is a 503, in words', async () => {
    const { app, butler } = await openDashboard()
    await butler.close()
    expect(errorIn(await request(app).get('/ops/api/board').set(json).expect(503)).code).toBe('BUTLER_NOT_OPEN')
  })

  test('however many ask at once, the Butler is asked once', async () => {
    const { app, butler } = await openDashboard()
    const list = jest.spyOn(butler, 'list')
    await Promise.all(Array.from({ length: 20 }, () => request(app).get('/ops/api/board').expect(200)))
    expect(list.mock.calls.length).toBeLessThan(3)
  })
})

describe('the nights', () => {
  test('of the last fortnight are told newest first, with what ran in each', async () => {
    const { app } = await openDashboard({
      memory: aFortnight('2026-01-14'),
      tasks: { GenerateAutoTags: async () => {} },
    })
    const { nights } = (await request(app).get('/ops/api/nights').expect(200)).body
    expect(nights).toHaveLength(14)
    expect(nights[0]).toMatchObject({ date: '2026-01-14', opensAt: '2026-01-14T02:00:00.000Z' })
    expect(nights[0].runs).toMatchObject([
      { task: 'GenerateAutoTags', outcome: 'failed', error: 'No space left on the device' },
    ])
    expect(nights[13].date).toBe('2026-01-01')
  })

  test('a night that has not opened yet is none of them', async () => {
    const { app } = await openDashboard({ at: '2026-01-14T01:59Z' })
    expect((await request(app).get('/ops/api/nights')).body.nights[0].date).toBe('2026-01-13')
  })

  test('to come are worked out for a window that somebody thinks of, clocks that change included', async () => {
    const { app } = await openDashboard({ at: '2026-03-27T12:00Z' })
    const query = { opensAt: '02:00', closesAt: '04:00', timeZone: 'Europe/Berlin' }
    const { nights } = (await request(app).get('/ops/api/nights/preview').query(query).expect(200)).body
    expect(nights).toHaveLength(5)
    // At two the clocks jump to three, so this night has one hour.
    expect(nights[1]).toEqual({
      date: '2026-03-29',
      opensAt: '2026-03-29T01:00:00.000Z',
      closesAt: '2026-03-29T02:00:00.000Z',
    })
    expect((await request(app).get('/ops/api/settings')).body.window.timeZone).toBe('UTC')
  })

  test.each([
    [{ opensAt: '25:00' }, 400, 'window.opensAt is "25:00"'],
    [{ timeZone: 'Mars/Olympus' }, 400, 'window.timeZone is "Mars/Olympus"'],
    [{ opensAt: ['01:00', '02:00'] }, 400, '?opensAt is ["01:00","02:00"]; expected a text, once'],
  ])('a preview of %j says what is wrong with it', async (query, status, message) => {
    const { app } = await openDashboard()
    const answer = await request(app).get('/ops/api/nights/preview').query(query).set(json).expect(status)
    expect(errorIn(answer).message).toContain(message)
  })
})

describe('the timeline', () => {
  test('has the hours around now to the end of the next night, both windows in it, and every run that went on in them', async () => {
    const { app, butler } = await openDashboard({ memory: aFortnight('2026-01-14') })
    await butler.start('BackupDatabase')
    const { body } = await request(app).get('/ops/api/timeline').expect(200)
    expect(body).toMatchObject({ from: '2026-01-14T00:00:00.000Z', to: '2026-01-15T06:00:00.000Z' })
    expect(body.nights).toMatchObject([{ date: '2026-01-14' }, { date: '2026-01-15' }])
    expect(body.runs.map(({ task, startedAt }: never) => [task, startedAt])).toEqual([
      ['BackupDatabase', '2026-01-14T02:00:00.000Z'],
      ['CheckForUpdates', expect.any(String)],
      ['BackupDatabase', '2026-01-14T12:00:00.000Z'],
    ])
    expect(body.runs[0]).not.toHaveProperty('log')
  })

  test('has a run that began, and ended, since it was asked for last', async () => {
    const work = held()
    const { app, butler, ended } = await openDashboard({ tasks: { work } })
    const outcomes = async () =>
      (await request(app).get('/ops/api/timeline')).body.runs.map(({ outcome }: { outcome: string }) => outcome)
    expect(await outcomes()).toEqual([])
    await butler.start('work')
    expect(await outcomes()).toEqual([null])
    const end = ended('work')
    work.finish()
    await end
    expect(await outcomes()).toEqual(['completed'])
  })

  test('is told around another moment, too', async () => {
    const { app } = await openDashboard({ memory: aFortnight('2026-01-14') })
    const { body } = await request(app).get('/ops/api/timeline?around=2026-01-02T03:30:00Z').expect(200)
    expect(body.nights).toMatchObject([{ date: '2026-01-02' }])
    await request(app).get('/ops/api/timeline?around=soon').expect(400)
    await request(app).get('/ops/api/timeline?around=%2B270000-01-01T00:00:00Z').expect(400)
  })
})

describe('runs', () => {
  const tasks = { GenerateAutoTags: async () => {} }

  test('are listed newest first, without their lines, and found by outcome', async () => {
    const { app } = await openDashboard({ tasks, memory: aFortnight('2026-01-14') })
    const at = '/ops/api/tasks/GenerateAutoTags/runs'
    const all = (await request(app).get(at).expect(200)).body
    expect(all.kept).toBe(14)
    expect(all.runs[0]).toMatchObject({ outcome: 'failed', lines: 1, error: { name: 'Error' } })
    expect(all.runs[0]).not.toHaveProperty('log')
    const some = (await request(app).get(`${at}?outcome=failed,timed-out`).expect(200)).body.runs
    expect(some.map(({ outcome }: never) => outcome)).toEqual(['failed', 'timed-out'])
    expect((await request(app).get(`${at}?limit=3`)).body.runs).toHaveLength(3)
    await request(app).get(`${at}?outcome=bad`).expect(400)
    await request(app).get(`${at}?limit=0`).expect(400)
  })

  test('one is told with the lines it wrote, also while it runs', async () => {
    const work = held()
    const chatty = {
      run: (context: TaskContext) => {
        context.log('<b>begun</b>')
        return work(context)
      },
    }
    const { app, butler } = await openDashboard({ tasks: { chatty } })
    await butler.start('chatty', { by: 'ada' })
    const { runs } = (await request(app).get('/ops/api/tasks/chatty/runs')).body
    const { body } = await request(app).get(`/ops/api/tasks/chatty/runs/${runs[0].id}`).expect(200)
    expect(body).toMatchObject({ outcome: null, by: 'ada', log: [{ message: '<b>begun</b>' }] })
  })

  test.each([
    ['/ops/api/tasks/GenerateAutoTags/runs/none', 404, 'BUTLER_UNKNOWN_RUN'],
    ['/ops/api/tasks/Nothing/runs', 501, 'BUTLER_TASK_NOT_IMPLEMENTED'],
    ['/ops/api/tasks/__proto__/runs', 501, 'BUTLER_TASK_NOT_IMPLEMENTED'],
  ])('%s is not there', async (path, status, code) => {
    const { app } = await openDashboard({ tasks })
    expect(errorIn(await request(app).get(path).set(json).expect(status)).code).toBe(code)
  })
})
