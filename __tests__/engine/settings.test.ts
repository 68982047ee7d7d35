import fc from 'fast-check'
import {
  checkChange,
  isSameWindow,
  mergeChanges,
  type Settings,
  type SettingsChange,
  settingsOf,
} from '../../lib/engine/settings'
import { readTasks } from '../../lib/engine/task'

const run = () => {}
const tasks = readTasks({ Backup: run, Scan: { run, enabled: false } })
const window = { opensAt: '02:00', closesAt: '05:00', timeZone: 'Europe/Berlin' }
const settings: Settings = { window, enabled: { Backup: true, Scan: false } }

/** What checking a change throws. */
function refusal(change: unknown): unknown {
  try {
    checkChange(change as SettingsChange, settings)
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}

describe('what holds', () => {
  test.each<[string, SettingsChange, Settings]>([
    ['the host’s options, as long as nobody changed anything', {}, settings],
    [
      'a window changed in part',
      { window: { closesAt: '06:00' } },
      { ...settings, window: { ...window, closesAt: '06:00' } },
    ],
    ['a switch that was turned', { enabled: { Scan: true } }, { window, enabled: { Backup: true, Scan: true } }],
    ['nothing of a task that is no more', { enabled: { Vanished: false } }, settings],
  ])('is %s', (_, change, expected) => {
    expect(settingsOf(tasks, window, change)).toEqual(expected)
  })

  test('follows the host where nobody changed anything, after an update of the host, too', () => {
    const updated = readTasks({ Backup: { run, enabled: false }, Scan: { run, enabled: true } })
    const moved = { ...window, opensAt: '01:00' }
    expect(settingsOf(updated, moved, { window: { closesAt: '06:00' }, enabled: { Backup: true } })).toEqual({
      window: { ...moved, closesAt: '06:00' },
      enabled: { Backup: true, Scan: true },
    })
  })

  test('refuses what was stored of a time zone that this Node does not know', () => {
    expect(() => settingsOf(tasks, window, { window: { timeZone: 'Mars/Olympus' } })).toThrow(
      expect.objectContaining({ code: 'BUTLER_INVALID_WINDOW' }),
    )
  })
})

test.each<[Partial<Settings['window']>, boolean]>([
  [{}, true],
  [{ opensAt: '02:01' }, false],
  [{ closesAt: '05:01' }, false],
  [{ timeZone: 'Europe/Vienna' }, false],
])('whether a window with %j has the same nights: %s', (other, same) => {
  expect(isSameWindow(settings, { window: { ...window, ...other }, enabled: {} })).toBe(same)
})

describe('two changes as one', () => {
  test.each<[SettingsChange, SettingsChange, SettingsChange]>([
    [{}, {}, {}],
    [{ window: { opensAt: '01:00' } }, {}, { window: { opensAt: '01:00' } }],
    [{}, { enabled: { Scan: true } }, { enabled: { Scan: true } }],
    [
      { window: { opensAt: '01:00' } },
      { window: { closesAt: '06:00' } },
      { window: { opensAt: '01:00', closesAt: '06:00' } },
    ],
    [{ window: { opensAt: '01:00' } }, { window: { opensAt: '03:00' } }, { window: { opensAt: '03:00' } }],
    [
      { enabled: { Scan: true } },
      { enabled: { Scan: false, Backup: false } },
      { enabled: { Scan: false, Backup: false } },
    ],
    [
      { enabled: { Scan: true } },
      { window: { opensAt: '03:00' } },
      { enabled: { Scan: true }, window: { opensAt: '03:00' } },
    ],
    [
      { window: { opensAt: '01:00' } },
      { window: { opensAt: undefined, closesAt: '06:00' } },
      { window: { opensAt: '01:00', closesAt: '06:00' } },
    ],
  ])('%j and then %j are %j', (earlier, later, both) => {
    expect(mergeChanges(earlier, later)).toEqual(both)
  })

  test('have nothing in them that JSON would lose', () => {
    const both = mergeChanges({}, { window: { opensAt: '01:00', closesAt: undefined } })
    expect(Object.keys(both.window ?? {})).toEqual(['opensAt'])
  })

  test('hold what the two would have made one after the other', () => {
    const anyTime = fc.constantFrom(undefined, '00:00', '01:30', '23:59')
    const anyChange = fc.record(
      {
        window: fc.record({ opensAt: anyTime, closesAt: anyTime }, { requiredKeys: [] }),
        enabled: fc.record({ Backup: fc.boolean(), Scan: fc.boolean() }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(anyChange, anyChange, anyChange, (first, second, third) => {
        const stepwise = [first, second, third].reduce<Settings>(
          (before, change) => ({
            window: settingsOf(tasks, before.window, { window: change.window }).window,
            enabled: { ...before.enabled, ...change.enabled },
          }),
          settings,
        )
        const atOnce = [first, second, third].reduce<SettingsChange>(mergeChanges, {})
        expect(settingsOf(tasks, window, atOnce)).toEqual(stepwise)
        expect(settingsOf(tasks, window, JSON.parse(JSON.stringify(atOnce)))).toEqual(stepwise)
      }),
      { seed: 20261123, numRuns: 300 },
    )
  })
})

describe('a change', () => {
  test.each([
    {},
    { window: {} },
    { window: { opensAt: '00:00', closesAt: '00:00', timeZone: 'Australia/Lord_Howe' } },
    { window: { opensAt: undefined } },
    { window: undefined, enabled: undefined },
    { enabled: {} },
    { enabled: { Backup: false, Scan: true } },
  ])('may be %j', (change) => {
    expect(refusal(change)).toBe('nothing was thrown')
  })

  test.each([
    ['BUTLER_INVALID_SETTINGS', undefined, 'configure(change) is undefined; expected an object with window, enabled.'],
    [
      'BUTLER_INVALID_SETTINGS',
      ['window'],
      'configure(change) is ["window"]; expected an object with window, enabled.',
    ],
    [
      'BUTLER_INVALID_SETTINGS',
      { concurrency: 2 },
      'configure(change) has "concurrency", which nothing reads; expected only window, enabled.',
    ],
    [
      'BUTLER_INVALID_WINDOW',
      { window: null },
      'configure(change).window is null; expected an object with opensAt, closesAt, timeZone.',
    ],
    [
      'BUTLER_INVALID_WINDOW',
      { window: { start: 2 } },
      'configure(change).window has "start", which nothing reads; expected only opensAt, closesAt, timeZone.',
    ],
    [
      'BUTLER_INVALID_WINDOW',
      { window: { opensAt: '25:00' } },
      'window.opensAt is "25:00"; expected a local time from "00:00" to "23:59", such as "02:30".',
    ],
    [
      'BUTLER_INVALID_SETTINGS',
      { enabled: true },
      'configure(change).enabled is true; expected an object with Backup, Scan.',
    ],
    [
      'BUTLER_INVALID_SETTINGS',
      { enabled: { Vanished: true } },
      'configure(change).enabled has "Vanished", which nothing reads; expected only Backup, Scan.',
    ],
    [
      'BUTLER_INVALID_SETTINGS',
      JSON.parse('{"enabled":{"__proto__":true}}'),
      'configure(change).enabled has "__proto__", which nothing reads; expected only Backup, Scan.',
    ],
    [
      'BUTLER_INVALID_SETTINGS',
      { enabled: { Scan: 'yes' } },
      'configure(change).enabled.Scan is "yes"; expected true or false.',
    ],
    [
      'BUTLER_INVALID_SETTINGS',
      { enabled: { Scan: undefined } },
      'configure(change).enabled.Scan is undefined; expected true or false.',
    ],
  ])('is refused with %s when it is %j', (code, change, message) => {
    expect(refusal(change)).toMatchObject({ code, message })
  })

  test('is refused for its window before anything is said of its switches, and changes nothing', () => {
    const before = structuredClone(settings)
    refusal({ window: { opensAt: '03:00' }, enabled: { Scan: 'yes' } })
    expect(settings).toEqual(before)
  })
})
