import request from 'supertest'
import { held } from '../helpers/butler'
import { openDashboard } from '../helpers/dashboard'
import { errorIn, json } from '../helpers/http'

describe('a task', () => {
  test('is started and stopped, and the run says who asked', async () => {
    const { app, butler, stateOf } = await openDashboard({ tasks: { work: held() }, by: (req) => req.get('X-User') })
    const started = await request(app).post('/ops/api/tasks/work').set('X-User', 'ada').expect(200)
    expect(started.body).toEqual({ answer: 'started' })
    expect((await request(app).post('/ops/api/tasks/work')).body).toEqual({ answer: 'already-running' })
    expect((await request(app).delete('/ops/api/tasks/work')).body).toEqual({ answer: 'stopped' })
    expect((await request(app).delete('/ops/api/tasks/work')).body).toEqual({ answer: 'not-running' })
    expect(await stateOf('work')).toBe('idle')
    expect((await butler.history('work'))[0]).toMatchObject({ by: 'ada', trigger: 'manual', outcome: 'stopped' })
  })

  test('that nobody knows is refused in words', async () => {
    const { app } = await openDashboard()
    expect(errorIn(await request(app).post('/ops/api/tasks/Nothing').set(json).expect(501)).message).toContain(
      '"Nothing"',
    )
  })
})

describe('all tasks', () => {
  test('are started as the plan said, which starts nothing itself', async () => {
    const { app, stateOf } = await openDashboard({ tasks: { BackupDatabase: held(), GenerateMediaIndexFiles: held() } })
    const plan = (await request(app).get('/ops/api/plan').expect(200)).body
    expect(plan.decisions).toMatchObject([
      { task: 'BackupDatabase', kind: 'start' },
      { task: 'GenerateMediaIndexFiles', kind: 'skip', reason: 'disabled' },
    ])
    expect(await stateOf('BackupDatabase')).toBe('idle')
    const made = (await request(app).post('/ops/api/tasks').expect(200)).body
    expect(made).toEqual(plan)
    expect(await stateOf('BackupDatabase')).toBe('running')
  })

  test('are stopped', async () => {
    const { app, butler, stateOf } = await openDashboard({ tasks: { one: held(), other: held() } })
    await butler.start('one')
    await butler.start('other')
    await request(app).delete('/ops/api/tasks').expect(200)
    expect([await stateOf('one'), await stateOf('other')]).toEqual(['idle', 'idle'])
  })
})

describe('settings', () => {
  const at = '/ops/api/settings'

  test('are changed by whoever has seen them, and the answer has their new version', async () => {
    const { app, butler } = await openDashboard()
    const { etag } = (await request(app).get(at).expect(200)).headers
    const change = { window: { opensAt: '01:15' }, enabled: { BackupDatabase: false } }
    const answer = await request(app).patch(at).set('If-Match', String(etag)).send(change).expect(200)
    expect(answer.headers.etag).not.toBe(etag)
    expect(answer.body).toMatchObject({
      window: { opensAt: '01:15', closesAt: '05:00' },
      enabled: { BackupDatabase: false },
    })
    expect(answer.headers.etag).toBe(`"${answer.body.version}"`)
    expect((await butler.settings()).window.opensAt).toBe('01:15')
  })

  test('of two who change them at once one wins, and the other is told what holds now', async () => {
    const { app, butler } = await openDashboard()
    const { etag } = (await request(app).get(at)).headers
    const change = (opensAt: string) =>
      request(app).patch(at).set(json).set('If-Match', String(etag)).send({ window: { opensAt } })
    const answers = await Promise.all([change('01:00'), change('03:00')])
    const [won, lost] = answers.sort((one, other) => one.status - other.status)
    expect([won?.status, lost?.status]).toEqual([200, 412])
    const { opensAt } = (await butler.settings()).window
    expect(won?.body.window.opensAt).toBe(opensAt)
    expect(errorIn(lost as never)).toMatchObject({
      code: 'BUTLER_SETTINGS_CHANGED',
      message: expect.stringContaining(`The window is now ${opensAt} to 05:00, UTC.`),
    })
  })

  test.each([
    [undefined, 428],
    ['*', 428],
    ['"older"', 412],
  ])('are not changed by whoever says If-Match %s', async (seen, status) => {
    const { app, butler } = await openDashboard()
    const asking = request(app)
      .patch(at)
      .send({ window: { opensAt: '01:00' } })
    await (seen === undefined ? asking : asking.set('If-Match', seen)).expect(status)
    expect((await butler.settings()).window.opensAt).toBe('02:00')
  })

  test.each([
    [{ window: { opensAt: '2 am' } }, 'BUTLER_INVALID_WINDOW', 'window.opensAt is "2 am"'],
    [{ window: { timeZone: 'Nowhere' } }, 'BUTLER_INVALID_WINDOW', 'window.timeZone is "Nowhere"'],
    [{ enabled: { Nothing: true } }, 'BUTLER_INVALID_SETTINGS', 'has "Nothing"'],
    [{ enabled: { BackupDatabase: 'yes' } }, 'BUTLER_INVALID_SETTINGS', 'BackupDatabase is "yes"'],
    [[], 'BUTLER_INVALID_SETTINGS', 'is []'],
  ])('%j is refused, and says why', async (change, code, message) => {
    const { app } = await openDashboard()
    const { etag } = (await request(app).get(at)).headers
    const answer = await request(app).patch(at).set(json).set('If-Match', String(etag)).send(change).expect(400)
    expect(errorIn(answer)).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test('a body that is no JSON is refused, and says so', async () => {
    const { app } = await openDashboard()
    const asking = request(app)
      .patch(at)
      .set({ ...json, 'Content-Type': 'application/json' })
    const told = { code: 'BUTLER_INVALID_SETTINGS', message: expect.stringMatching(/^The body is no JSON: /) }
    expect(errorIn(await asking.send('{"window":').expect(400))).toMatchObject(told)
  })

  test('without If-Match it is said what to take', async () => {
    const { app } = await openDashboard()
    const answer = await request(app).patch(at).set(json).send({}).expect(428)
    expect(errorIn(answer).message).toBe('If-Match is missing; take the ETag of GET api/settings.')
  })

  test('a body that is no JSON changes nothing', async () => {
    const { app } = await openDashboard()
    const { etag } = (await request(app).get(at)).headers
    const asking = () => request(app).patch(at).set(json).set('If-Match', String(etag))
    await asking().type('json').send('{').expect(400)
    await asking().type('text').send('{"window":{"opensAt":"01:00"}}').expect(400)
    expect((await request(app).get(at)).headers.etag).toBe(etag)
  })
})
