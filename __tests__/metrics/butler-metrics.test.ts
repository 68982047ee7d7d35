import { Registry } from 'prom-client'
import request from 'supertest'
import { createButler } from '../../lib/butler'
import { statusOf } from '../../lib/errors'
import { butlerMetrics } from '../../lib/metrics'
import type { MetricsRegister } from '../../lib/metrics/options'
import { fakeClock } from '../../lib/testing/fake-clock'
import { held, openButler, recorder, stubborn } from '../helpers/butler'
import { histogramOf, scrape, seriesOf } from '../helpers/exposition'
import { aHost } from '../helpers/http'

const HOUR = 3_600_000

/** A Butler that is open, and a register that it is in. */
async function measured<const Name extends string>(options: Parameters<typeof openButler<Name>>[0]) {
  const open = await openButler(options)
  const register = new Registry()
  const metrics = butlerMetrics(open.butler, register)
  const runs = (task: Name, outcome: string) => seriesOf(register, 'butler_runs_total', { task, outcome })
  const state = (task: Name, state: string) => seriesOf(register, 'butler_task_state', { task, state })
  const lastSuccess = (task: Name) => seriesOf(register, 'butler_task_last_success_timestamp_seconds', { task })
  return { ...open, register, metrics, runs, state, lastSuccess }
}

describe('counters', () => {
  test('count runs by task and outcome, from 0', async () => {
    let isBroken = false
    const work = held()
    const { butler, clock, runs, ended } = await measured({
      tasks: {
        Backup: () => {
          if (isBroken) throw new Error('The disk is full.')
        },
        Scan: { run: work, timeoutMs: HOUR },
      },
    })
    expect(await runs('Backup', 'completed')).toBe(0)
    expect(await runs('Scan', 'interrupted')).toBe(0)
    for (isBroken of [false, true, false]) {
      const end = ended('Backup')
      await butler.start('Backup')
      await end
    }
    await butler.start('Scan')
    await clock.moveBy(HOUR)
    await butler.start('Scan')
    await butler.stop('Scan')
    expect(await runs('Backup', 'completed')).toBe(2)
    expect(await runs('Backup', 'failed')).toBe(1)
    expect(await runs('Scan', 'timed-out')).toBe(1)
    expect(await runs('Scan', 'stopped')).toBe(1)
    expect(await runs('Scan', 'completed')).toBe(0)
  })

  test('put each run into the bucket of the time it took', async () => {
    const work = held()
    const { butler, clock, register, ended } = await measured({ tasks: { Scan: work, Tidy: held() } })
    const end = ended('Scan')
    await butler.start('Scan')
    await clock.moveBy(90_000)
    work.finish()
    await end
    const scans = await histogramOf(register, 'butler_run_duration_seconds', 'Scan')
    expect(scans).toMatchObject({ count: 1, sum: 90, 60: 0, 300: 1, '+Inf': 1 })
    expect(await histogramOf(register, 'butler_run_duration_seconds', 'Tidy')).toMatchObject({ count: 0, sum: 0 })
  })

  test('take no time back when the clock was set back', async () => {
    const work = held()
    const { butler, clock, register, ended } = await measured({ tasks: { Scan: work } })
    const end = ended('Scan')
    await butler.start('Scan')
    await clock.stepBy(-HOUR)
    work.finish()
    await end
    const scans = await histogramOf(register, 'butler_run_duration_seconds', 'Scan')
    expect(scans).toMatchObject({ count: 1, sum: 0, 1: 1 })
  })

  test('count a run that a crash cut when it is found, and do not pretend to know how long it took', async () => {
    const first = await openButler({ tasks: { Scan: stubborn() } })
    await first.butler.start('Scan')
    const memory = first.store.memory()
    const butler = createButler({
      tasks: { Scan: stubborn() },
      clock: fakeClock('2026-01-14T20:00Z'),
      store: { open: async () => memory, save: async () => {}, close: async () => {} },
    })
    const register = new Registry()
    butlerMetrics(butler, register)
    await butler.open()
    expect(await seriesOf(register, 'butler_runs_total', { task: 'Scan', outcome: 'interrupted' })).toBe(1)
    expect(await histogramOf(register, 'butler_run_duration_seconds', 'Scan')).toMatchObject({ count: 0 })
    await butler.close()
  })

  test('leave runs of other processes to those', async () => {
    const { butler, runs, ended } = await measured({ tasks: { Scan: async () => {} } })
    const end = ended('Scan')
    await butler.start('Scan')
    const run = await end
    const another = { ...run, task: 'Scan', id: 'another' } as const
    butler.emit('run:ended', another, 'elsewhere')
    expect(await runs('Scan', 'completed')).toBe(1)
    butler.emit('run:ended', another, 'here')
    expect(await runs('Scan', 'completed')).toBe(2)
  })

  test('count what the router refused, by code, and nothing else', async () => {
    const { butler, register } = await measured({ tasks: { Scan: held() } })
    const app = aHost(butler)
    const refused = (code: string) => seriesOf(register, 'butler_refused_calls_total', { code })
    expect(await refused('BUTLER_UNKNOWN_TASK')).toBe(0)
    await request(app).post('/butler/Scan').expect(200)
    await request(app).post('/butler/Scan').expect(202)
    await request(app).post('/butler/Scam').expect(400)
    await request(app).post('/butler/<script>').expect(400)
    await request(app).post('/butler/Scan').set('Sec-Fetch-Site', 'cross-site').expect(403)
    butler.noteRefusal({ code: null, status: 429, method: 'POST' })
    const { metrics = [] } = (await scrape(register)).get('butler_refused_calls_total') ?? {}
    const counted = metrics.filter(({ value }) => value !== '0')
    expect(counted.map(({ labels, value }) => [labels?.code, value]).sort()).toEqual([
      ['BUTLER_CROSS_SITE', '1'],
      ['BUTLER_UNKNOWN_TASK', '2'],
      ['other', '1'],
    ])
    expect(metrics).toHaveLength(Object.keys(statusOf).length + 1)
  })
})

describe('gauges', () => {
  test('tell the state of each task', async () => {
    const work = stubborn()
    const { butler, clock, state } = await measured({
      tasks: { Scan: work, Tag: { run: held(), randomized: true } },
    })
    expect(await state('Scan', 'idle')).toBe(1)
    await clock.moveTo('2026-01-15T02:00Z')
    expect([await state('Scan', 'idle'), await state('Scan', 'running')]).toEqual([0, 1])
    expect([await state('Tag', 'scheduled'), await state('Tag', 'running')]).toEqual([1, 0])
    const stopping = butler.stop('Scan')
    expect([await state('Scan', 'running'), await state('Scan', 'stopping')]).toEqual([0, 1])
    work.finish()
    await stopping
    expect(await state('Scan', 'idle')).toBe(1)
  })

  test('tell when a task last succeeded, whatever came after, and 0 for never', async () => {
    let isBroken = false
    const tasks = {
      Backup: () => {
        if (isBroken) throw new Error('The disk is full.')
      },
      Scan: held(),
    }
    const { butler, clock, lastSuccess, ended, store } = await measured({ tasks })
    const run = async () => {
      const end = ended('Backup')
      await butler.start('Backup')
      await end
    }
    await run()
    const succeededAt = clock.now() / 1_000
    await clock.moveBy(HOUR)
    isBroken = true
    await run()
    expect(await lastSuccess('Backup')).toBe(succeededAt)
    expect(await lastSuccess('Scan')).toBe(0)

    const again = await measured({ tasks, clock, memory: store.memory() as never })
    expect(await again.lastSuccess('Backup')).toBe(succeededAt)
  })

  test('tell how often a task runs by itself, and whether it does', async () => {
    const { butler, register } = await measured({
      tasks: { Scan: { run: held(), intervalDays: 3 }, Digest: { run: held(), weekdays: ['mon'] } },
    })
    expect(await seriesOf(register, 'butler_task_interval_seconds', { task: 'Scan' })).toBe(259_200)
    expect(await seriesOf(register, 'butler_task_interval_seconds', { task: 'Digest' })).toBe(604_800)
    expect(await seriesOf(register, 'butler_task_enabled', { task: 'Scan' })).toBe(1)
    await butler.configure({ enabled: { Scan: false } })
    expect(await seriesOf(register, 'butler_task_enabled', { task: 'Scan' })).toBe(0)
  })

  test('look at the Butler once a scrape', async () => {
    const { butler, register } = await measured({ tasks: { Scan: held() } })
    const list = jest.spyOn(butler, 'list')
    await register.metrics()
    await register.metrics()
    expect(list).toHaveBeenCalledTimes(2)
  })

  test('are silent while the Butler does not answer, and nobody’s scrape fails', async () => {
    const butler = createButler({ tasks: { Scan: held() }, clock: fakeClock() })
    const register = new Registry()
    butlerMetrics(butler, register)
    const state = () => seriesOf(register, 'butler_task_state', { task: 'Scan', state: 'idle' })
    expect([await seriesOf(register, 'butler_up'), await state()]).toEqual([0, undefined])
    await butler.open()
    expect([await seriesOf(register, 'butler_up'), await state()]).toEqual([1, 1])
    await butler.close()
    expect([await seriesOf(register, 'butler_up'), await state()]).toEqual([0, undefined])
    expect(await seriesOf(register, 'butler_runs_total', { task: 'Scan', outcome: 'completed' })).toBe(0)
  })
})

test.each([
  ['Prometheus’ own', Registry.PROMETHEUS_CONTENT_TYPE],
  ['OpenMetrics', Registry.OPENMETRICS_CONTENT_TYPE],
])('the names follow the conventions, each with its help, in the text format that is %s', async (_, contentType) => {
  const { butler } = await openButler({ tasks: { Scan: held() } })
  const register = new Registry()
  register.setContentType(contentType as never)
  butlerMetrics(butler, register)
  const text = await register.metrics()
  const types = Object.fromEntries([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]))
  const total = contentType === Registry.OPENMETRICS_CONTENT_TYPE ? '' : '_total'
  expect(types).toEqual({
    butler_up: 'gauge',
    butler_task_state: 'gauge',
    butler_task_enabled: 'gauge',
    butler_task_interval_seconds: 'gauge',
    butler_task_last_success_timestamp_seconds: 'gauge',
    [`butler_runs${total}`]: 'counter',
    butler_run_duration_seconds: 'histogram',
    [`butler_refused_calls${total}`]: 'counter',
  })
  expect([...text.matchAll(/^# HELP \w+ .+\.$/gm)]).toHaveLength(8)
})

describe('a register', () => {
  test('is given back as it was, and nothing is counted any more', async () => {
    const { butler, register, metrics } = await measured({ tasks: { Scan: async () => {} } })
    metrics.unregister()
    metrics.unregister()
    expect(await register.metrics()).toBe('\n')
    expect([butler.listenerCount('run:ended'), butler.listenerCount('call:refused')]).toEqual([0, 0])
    const again = butlerMetrics(butler, register)
    metrics.unregister()
    expect(await seriesOf(register, 'butler_up')).toBe(1)
    again.unregister()
  })

  test('takes one Butler of a prefix, and says how to have two', async () => {
    const { butler, register } = await measured({ tasks: { Scan: async () => {} } })
    const before = await register.metrics()
    expect(() => butlerMetrics(butler, register)).toThrow(
      expect.objectContaining({
        code: 'BUTLER_INVALID_OPTIONS',
        message: expect.stringMatching(/found butler_up in the register already.*unregister\(\).*prefix/),
      }),
    )
    expect(await register.metrics()).toBe(before)
    expect(butler.listenerCount('run:ended')).toBe(1)
    butlerMetrics(butler, register, { prefix: 'shop_butler_' })
    expect(await seriesOf(register, 'shop_butler_up')).toBe(1)
  })

  test.each<[string, unknown[], string]>([
    ['no Butler', [{}, new Registry()], 'butlerMetrics(butler) is {}; expected what createButler() has made'],
    ['no register', [undefined], 'butlerMetrics(butler, register) is undefined; expected a register of prom-client'],
    ['something else', [{ metrics() {} }], 'expected a register of prom-client'],
    ['a misspelt option', [new Registry(), { bucket: [1] }], 'has "bucket", which nothing reads'],
    ['a prefix with a space', [new Registry(), { prefix: 'my butler' }], '.prefix is "my butler"; expected letters'],
    ['no buckets', [new Registry(), { buckets: [] }], '.buckets is []; expected seconds in ascending order'],
    ['buckets in disorder', [new Registry(), { buckets: [2, 1] }], '.buckets is [2,1]; expected seconds'],
  ])('%s is refused', (_, args, message) => {
    const butler = createButler({ tasks: { Scan: held() }, logger: recorder() })
    const given = args.length > 1 && !(args[0] instanceof Registry) ? args : [butler, ...args]
    const make = () => Reflect.apply(butlerMetrics, null, given)
    expect(make).toThrow(expect.objectContaining({ code: 'BUTLER_INVALID_OPTIONS' }))
    expect(make).toThrow(message)
    expect(butler.listenerCount('run:ended')).toBe(0)
  })

  test('may be of prom-client 14', async () => {
    const old = jest.requireActual('prom-client14') as typeof import('prom-client')
    let make = butlerMetrics
    jest.isolateModules(() => {
      jest.doMock('prom-client', () => old)
      make = require('../../lib/metrics').butlerMetrics
    })
    jest.dontMock('prom-client')
    const { butler, ended } = await openButler({ tasks: { Scan: async () => {} } })
    const register = new old.Registry()
    const metrics = make(butler, register as MetricsRegister)
    const end = ended('Scan')
    await butler.start('Scan')
    await end
    expect(await seriesOf(register, 'butler_runs_total', { task: 'Scan', outcome: 'completed' })).toBe(1)
    expect(await seriesOf(register, 'butler_task_state', { task: 'Scan', state: 'idle' })).toBe(1)
    metrics.unregister()
    expect(await seriesOf(register, 'butler_up')).toBeUndefined()
  })
})
