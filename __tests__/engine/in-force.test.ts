import { InForce } from '../../lib/engine/in-force'
import { silent } from '../../lib/engine/logger'
import { readTasks, type TaskFacts } from '../../lib/engine/task'

const run = () => {}
const window = { opensAt: '02:00', closesAt: '05:00', timeZone: 'UTC' }

function inForce() {
  return new InForce(readTasks({ Backup: { run, title: 'Copy all' }, Scan: run }), window, silent)
}

function declared(name: string, more: object = {}): TaskFacts {
  const { run: _run, ...facts } = readTasks({ [name]: { run, ...more } }).get(name) as TaskFacts & { run: unknown }
  return facts
}

test.each<[string, TaskFacts[][], Record<string, string>]>([
  ['those of this process, when nobody else has any', [[]], { Backup: 'Copy all', Scan: 'Scan' }],
  ['those of others after its own', [[declared('Mail')]], { Backup: 'Copy all', Scan: 'Scan', Mail: 'Mail' }],
  [
    'its own, whatever others say of them',
    [[declared('Backup', { title: 'Another' })]],
    { Backup: 'Copy all', Scan: 'Scan' },
  ],
  [
    'what was said last of those of others',
    [[declared('Mail', { title: 'Old' })], [declared('Mail', { title: 'New' })]],
    { Backup: 'Copy all', Scan: 'Scan', Mail: 'New' },
  ],
  ['none that nobody has any longer', [[declared('Mail')], []], { Backup: 'Copy all', Scan: 'Scan' }],
])('tasks in force are %s', (_, meetings, titles) => {
  const now = inForce()
  for (const elsewhere of meetings) now.meet(elsewhere)
  expect(Object.fromEntries([...now.tasks].map(([name, { title }]) => [name, title]))).toEqual(titles)
  expect(Object.keys(now.settings.enabled)).toEqual(Object.keys(titles))
})

test('a switch that others declare anew holds until an operator turns it', () => {
  const now = inForce()
  now.meet([declared('Mail')])
  now.meet([declared('Mail', { enabled: false })])
  expect(now.settings.enabled).toMatchObject({ Mail: false })
  now.adopt({ enabled: { Mail: true } })
  expect(now.settings.enabled).toMatchObject({ Mail: true })
  expect(now.defaults().enabled).toMatchObject({ Mail: false })
})

test('adopting changes answers what held before, and moves the nights', () => {
  const now = inForce()
  expect(now.adopt({ window: { opensAt: '03:00' } }).window).toEqual(window)
  expect(new Date(now.calendar.nextNight(Date.UTC(2026, 0, 14)).opensAt).toISOString()).toBe('2026-01-14T03:00:00.000Z')
})

test('a zone that this Node does not know leaves the window of the options, and the switches as they were turned', () => {
  const now = inForce()
  now.adopt({ window: { timeZone: 'Mars/Olympus' }, enabled: { Scan: false } })
  expect(now.settings).toEqual({ window, enabled: { Backup: true, Scan: false } })
})

test('a name that nobody has is answered by how to supply it', async () => {
  const nobody = { elsewhere: async () => [], history: async () => [] }
  await expect(inForce().find('start', 'Mail', nobody)).rejects.toEqual(
    expect.objectContaining({ code: 'BUTLER_TASK_NOT_IMPLEMENTED', message: expect.stringContaining('{ Mail: async') }),
  )
})
