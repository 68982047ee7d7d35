import { butlerTaskNames, type Settings } from 'express-butler'
import { type Setting, settingsFor } from '../server/plex/settings'
import { changeFor, type Query } from '../server/plex/settings-change'

const settings = (
  opensAt: string,
  closesAt: string,
  enabled: Record<string, boolean> = { A: true, B: false },
): Settings => ({
  window: { opensAt, closesAt, timeZone: 'Europe/Berlin' },
  enabled,
})

const now = settings('02:30', '05:00')

test.each<[Query, object]>([
  // query                                            what it changes
  [{ ButlerStartHour: '1' }, { window: { opensAt: '01:00' } }],
  [{ ButlerStartHour: '0' }, { window: { opensAt: '00:00' } }],
  [{ ButlerEndHour: '23' }, { window: { closesAt: '23:00' } }],
  [{ ButlerEndHour: '07' }, { window: { closesAt: '07:00' } }],
  // The hour that holds keeps its minutes.
  [{ ButlerStartHour: '2' }, { window: { opensAt: '02:30' } }],
  [{ ButlerStartHour: '2', ButlerEndHour: '2' }, { window: { opensAt: '02:30', closesAt: '02:00' } }],
  [{ ButlerTaskA: '0' }, { enabled: { A: false } }],
  [{ ButlerTaskA: 'false', ButlerTaskB: 'true' }, { enabled: { A: false, B: true } }],
  [
    { ButlerTaskB: '1', ButlerEndHour: '6' },
    { window: { closesAt: '06:00' }, enabled: { B: true } },
  ],
  // What a client says of itself.
  [{ ButlerTaskA: '1', 'X-Plex-Token': 't', 'x-plex-client-identifier': 'c' }, { enabled: { A: true } }],
])('%j changes %j', (query, change) => {
  expect(changeFor(query, now)).toEqual({ window: {}, enabled: {}, ...change })
})

const noHour = 'expected a whole hour from 0 to 23.'
const noSwitch = 'expected 1, 0, true or false.'

test.each<[Query, string]>([
  [{}, 'The query names no setting; expected one or more, such as /:/prefs?ButlerStartHour=1.'],
  [{ 'X-Plex-Token': 't' }, 'The query names no setting'],
  ...['24', '-1', '2.5', '1e1', '', ' 2', '0x2', '02:00', '100', 'two'].map((hour): [Query, string] => [
    { ButlerStartHour: hour },
    `ButlerStartHour is ${JSON.stringify(hour)}; ${noHour}`,
  ]),
  [{ ButlerEndHour: ['1', '2'] }, `ButlerEndHour is ["1","2"]; ${noHour}`],
  ...['yes', '', '2', 'TRUE', 'constructor'].map((word): [Query, string] => [
    { ButlerTaskA: word },
    `ButlerTaskA is ${JSON.stringify(word)}; ${noSwitch}`,
  ]),
  [{ ButlerTaskA: ['1', '1'] }, `ButlerTaskA is ["1","1"]; ${noSwitch}`],
  [{ ButlerTaskC: '1' }, 'The setting "ButlerTaskC" is unknown; GET /:/prefs lists those that there are.'],
  [{ ButlerTask: '1' }, 'The setting "ButlerTask" is unknown'],
  [{ ButlerTasktoString: '1' }, 'The setting "ButlerTasktoString" is unknown'],
  [{ butlerStartHour: '1' }, 'The setting "butlerStartHour" is unknown'],
  [{ FriendlyName: 'x' }, 'The setting "FriendlyName" is unknown'],
  [{ ButlerStartHour: '1', ButlerTaskA: '1', Oops: '1' }, 'The setting "Oops" is unknown'],
  [{ ['x'.repeat(1_000)]: '1' }, `The setting "${'x'.repeat(79)}… is unknown`],
])('%j is refused', (query, message) => {
  expect(() => changeFor(query, now)).toThrow(
    expect.objectContaining({ status: 400, message: expect.stringContaining(message) }),
  )
})

const tasks = [{ name: 'A', title: 'Do A', description: 'It does A.' }, { name: 'B' }]
const byId = (all: readonly Setting[]) => new Map(all.map((setting) => [setting.id, setting]))

test('every setting tells what holds, and what would hold if nobody had changed it', () => {
  const all = byId(settingsFor(tasks, now, settings('03:15', '04:00', { A: false, B: false })))
  expect([...all.keys()]).toEqual(['ButlerStartHour', 'ButlerEndHour', 'ButlerTaskA', 'ButlerTaskB'])
  expect(all.get('ButlerStartHour')).toMatchObject({ type: 'int', value: 2, default: 3, group: 'butler' })
  expect(all.get('ButlerEndHour')).toMatchObject({ label: 'Time at which tasks stop running', value: 5, default: 4 })
  expect(all.get('ButlerTaskA')).toEqual({
    id: 'ButlerTaskA',
    label: 'Do A',
    summary: 'It does A.',
    type: 'bool',
    default: false,
    value: true,
    hidden: false,
    advanced: false,
    group: 'butler',
  })
  expect(all.get('ButlerTaskB')).toMatchObject({ label: 'B', summary: '', value: false })
})

test('minutes, which clients do not know, are told in words', () => {
  const [start] = settingsFor([], now, now)
  expect(start?.summary).toContain('open from 02:30 to 05:00 (Europe/Berlin)')
})

test('the choices are 24, and read by clients that split them at "|" and at ":"', () => {
  const [{ enumValues = '' } = {}] = settingsFor([], now, now)
  const choices = enumValues.split('|').map((choice) => choice.split(':'))
  expect(choices.map(([hour]) => Number(hour))).toEqual(Array.from({ length: 24 }, (_, hour) => hour))
  expect(choices.every(({ length }) => length === 2)).toBe(true)
  expect([0, 1, 12, 13, 23].map((hour) => choices[hour]?.[1])).toEqual(['Midnight', '1 am', 'Noon', '1 pm', '11 pm'])
})

test('sending all settings back as they are changes nothing', () => {
  const many = settings(
    '02:30',
    '05:45',
    Object.fromEntries(butlerTaskNames.map((name, index) => [name, index % 2 === 0])),
  )
  const all = settingsFor(
    butlerTaskNames.map((name) => ({ name })),
    many,
    many,
  )
  const query = Object.fromEntries(all.map(({ id, value }) => [id, String(value)]))
  const { opensAt, closesAt } = many.window
  expect(changeFor(query, many)).toEqual({ window: { opensAt, closesAt }, enabled: many.enabled })
})
