import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { butlerMetrics } from '../../lib/metrics'
import { openButler } from '../helpers/butler'

const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8')

/** The alerts of the README. */
const alerts = /```yaml\n(groups:\n.*?)```/s.exec(readme)?.[1] as string

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
const describeWithPromtool = hasPromtool ? describe : describe.skip

/** What Prometheus's own tool says of a text on its standard input, or of files. */
function promtool(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

/** Series that keep their values for as long as a story lasts. Stories begin in 1970, and all values with them. */
const steady = (values: Record<string, number>) =>
  Object.entries(values).map(([series, value]) => ({ series, values: `${value}+0x3000` }))

/** A task as a scrape of one machine finds it. */
const task = (name: string, { succeededAtHour = 1, everyDays = 1, enabled = true }) =>
  steady({
    [`butler_task_last_success_timestamp_seconds{task="${name}",instance="one"}`]: succeededAtHour * 3_600,
    [`butler_task_interval_seconds{task="${name}",instance="one"}`]: everyDays * 86_400,
    [`butler_task_enabled{task="${name}",instance="one"}`]: enabled ? 1 : 0,
  })

const up = (value: 0 | 1) => steady({ 'butler_up{instance="one"}': value })

test('the alerts of the README ask for metrics that there are', async () => {
  const { butler } = await openButler({ tasks: { Backup: () => {} } })
  const register = new Registry()
  butlerMetrics(butler, register)
  const known = [...(await register.metrics()).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)
  const asked = [...alerts.matchAll(/\bbutler_\w+/g)].map(([name]) => name)
  expect(asked.length).toBeGreaterThan(3)
  expect(asked.filter((name) => !known.includes(name))).toEqual([])
})

const success = { status: 0, said: expect.stringContaining('SUCCESS') }

describeWithPromtool('what Prometheus makes of it (needs promtool: `apt-get install prometheus`)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'butler-alerts-'))
  const rules = join(folder, 'alerts.yml')

  beforeAll(() => writeFileSync(rules, alerts))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('its linter finds nothing to say about the metrics of a Butler that has run a task', async () => {
    const { butler, ended } = await openButler({ tasks: { Backup: () => {} } })
    const register = new Registry()
    butlerMetrics(butler, register)
    const end = ended('Backup')
    await butler.start('Backup')
    await end
    expect(promtool(['check', 'metrics'], await register.metrics())).toEqual({ status: 0, said: '' })
  })

  test('the alerts of the README are rules that it takes', () => {
    expect(promtool(['check', 'rules', rules])).toMatchObject({
      status: 0,
      said: expect.stringContaining('4 rules found'),
    })
  })

  test.each([
    // title                                  hours  what is scraped                     alert                      tells of
    ['a daily task after three days', 72, task('Scan', {}), 'TaskDidNotSucceedInTime', []],
    ['a daily task after more than three days', 75, task('Scan', {}), 'TaskDidNotSucceedInTime', ['Scan']],
    ['a daily task that succeeded since', 75, task('Scan', { succeededAtHour: 60 }), 'TaskDidNotSucceedInTime', []],
    ['a weekly task after three days', 75, task('Scan', { everyDays: 7 }), 'TaskDidNotSucceedInTime', []],
    ['a weekly task after ten days', 220, task('Scan', { everyDays: 7 }), 'TaskDidNotSucceedInTime', ['Scan']],
    ['a task that is switched off', 75, task('Scan', { enabled: false }), 'TaskDidNotSucceedInTime', []],
    ['a task that has never succeeded', 75, task('Scan', { succeededAtHour: 0 }), 'TaskDidNotSucceedInTime', []],
    ['a task that never succeeded in a week', 190, task('Scan', { succeededAtHour: 0 }), 'TaskNeverSucceeded', []],
    ['one that never did in more', 200, task('Scan', { succeededAtHour: 0 }), 'TaskNeverSucceeded', ['Scan']],
    ['one that did', 200, task('Scan', {}), 'TaskNeverSucceeded', []],
    [
      'one that never did and is off',
      200,
      task('Scan', { succeededAtHour: 0, enabled: false }),
      'TaskNeverSucceeded',
      [],
    ],
    ['a backup that a process has', 1, task('BackupDatabase', {}), 'NobodyBacksUp', []],
    ['a backup that no process has', 1, task('Scan', {}), 'NobodyBacksUp', ['BackupDatabase']],
  ])('of %s, %d hours on', (_, hours, scraped, alert, tasks) => {
    expect(
      judged(
        hours,
        scraped,
        alert,
        tasks.map((name) => ({ task: name })),
      ),
    ).toMatchObject(success)
  })

  test.each([
    ['answers', up(1), []],
    ['does not answer', up(0), [{ instance: 'one' }]],
    ['is not there', [], [{}]],
  ])('of a Butler that %s', (_, scraped, told) => {
    expect(judged(1, scraped, 'ButlerDoesNotAnswer', told)).toMatchObject(success)
  })

  /** What promtool says of a story: that an alert tells of these, `hours` after it began, and of nothing else. */
  function judged(hours: number, scraped: object[], alertname: string, told: object[]) {
    const expected = { eval_time: `${hours}h`, alertname, exp_alerts: told.map((exp_labels) => ({ exp_labels })) }
    const story = { interval: '5m', input_series: scraped, alert_rule_test: [expected] }
    const path = join(folder, 'story.yml')
    writeFileSync(path, JSON.stringify({ rule_files: [rules], evaluation_interval: '10m', tests: [story] })) // JSON is YAML.
    return promtool(['test', 'rules', path])
  }
})
