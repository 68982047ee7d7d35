import fc from 'fast-check'
import { readMemory, writeMemory } from '../../lib/engine/memory'
import { anyMemory } from '../helpers/any-memory'
import { aMemory, aRun, aTaskMemory } from '../helpers/memories'

describe('what is written', () => {
  test('is indented, with a run to a line', () => {
    const runs = [aRun({ id: 'a' }), aRun({ id: 'b', outcome: 'failed', result: { files: [1, 2] } })]
    const lines = writeMemory(aMemory({ tasks: { BackupDatabase: aTaskMemory({ runs }) } })).split('\n')
    expect(lines.slice(0, 6)).toEqual([
      '{',
      '  "version": 1,',
      '  "settings": {},',
      '  "tasks": {',
      '    "BackupDatabase": {',
      '      "runs": [',
    ])
    expect(
      lines.filter((line) => line.includes('"outcome"')).map((line) => JSON.parse(line.replace(/,$/, ''))),
    ).toEqual(runs)
    expect(lines.at(-1)).toBe('')
  })

  test('leaves out what is undefined, as JSON does', () => {
    const memory = aMemory({
      settings: { window: undefined },
      tasks: { A: aTaskMemory({ runs: [undefined as never] }) },
    })
    expect(JSON.parse(writeMemory(memory))).toEqual(JSON.parse(JSON.stringify(memory)))
  })

  test('does not swell with what is nested', () => {
    const result = JSON.parse('['.repeat(1_000) + ']'.repeat(1_000))
    const memory = aMemory({ tasks: { A: aTaskMemory({ runs: [aRun({ result })] }) } })
    expect(writeMemory(memory).length).toBeLessThan(3_000)
  })

  test('is read back as it was, whatever it was', () => {
    fc.assert(
      fc.property(anyMemory, (memory) => {
        expect(readMemory(writeMemory(memory))).toEqual({ kind: 'memory', memory })
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})

describe('what is refused', () => {
  const withRun = (change: object) => aMemory({ tasks: { A: aTaskMemory({ runs: [aRun(), aRun(change as never)] }) } })
  const withTask = (change: object) => aMemory({ tasks: { A: aTaskMemory(change as never) } })
  const waiting = { task: 'A', trigger: 'window', by: null, at: null, until: null, after: [] }

  test.each<[string, unknown, string]>([
    ['a list', [], 'it is []; expected an object'],
    ['null', null, 'it is null; expected an object'],
    ['a word', 'memory', 'it is "memory"; expected an object'],
    ['another program’s object', { name: 'x' }, 'version is missing; expected 1'],
    ['another program’s version', { version: '1.0.0' }, 'version is "1.0.0"; expected 1'],
    ['a version before the first', { ...aMemory(), version: 0 }, 'version is 0; expected 1'],
    ['a version between two', { ...aMemory(), version: 1.5 }, 'version is 1.5; expected 1'],
    ['no settings', { version: 1, tasks: {} }, 'settings is missing; expected an object'],
    ['no tasks', { version: 1, settings: {} }, 'tasks is missing; expected an object'],
    ['tasks in a list', aMemory({ tasks: [] as never }), 'tasks is []; expected an object'],
    [
      'a window of another kind',
      aMemory({ settings: { window: 'night' as never } }),
      'settings.window is "night"; expected an object',
    ],
    [
      'a time of another kind',
      aMemory({ settings: { window: { opensAt: 2 as never } } }),
      'settings.window.opensAt is 2; expected a string',
    ],
    [
      'a time of another kind',
      aMemory({ settings: { window: { closesAt: 2 as never } } }),
      'settings.window.closesAt is 2; expected a string',
    ],
    [
      'a zone of another kind',
      aMemory({ settings: { window: { timeZone: 2 as never } } }),
      'settings.window.timeZone is 2; expected a string',
    ],
    [
      'a switch of another kind',
      aMemory({ settings: { enabled: { A: 1 as never } } }),
      'settings.enabled.A is 1; expected true or false',
    ],
    ['a task of another kind', aMemory({ tasks: { A: 3 as never } }), 'tasks.A is 3; expected an object'],
    ['a task in lines', aMemory({ tasks: { 'A\nB': 3 as never } }), '"tasks.A\\nB" is 3; expected an object'],
    ['a task with a long name', aMemory({ tasks: { ['A'.repeat(9_999)]: 3 as never } }), 'A… (10007 characters) is 3;'],
    ['a task in a list', aMemory({ tasks: { A: [] as never } }), 'tasks.A is []; expected an object'],
    ['runs that are no list', withTask({ runs: {} }), 'tasks.A.runs is {}; expected a list'],
    ['a run of another kind', withTask({ runs: ['run'] }), 'tasks.A.runs.0 is "run"; expected an object'],
    ['a run’s id', withRun({ id: 7 }), 'tasks.A.runs.1.id is 7; expected a string'],
    ['a run’s task', withRun({ task: null }), 'tasks.A.runs.1.task is null; expected a string'],
    [
      'a run’s trigger',
      withRun({ trigger: 'cron' }),
      'tasks.A.runs.1.trigger is "cron"; expected one of window, start-all, manual',
    ],
    [
      'a run’s trigger',
      withRun({ trigger: 'toString' }),
      'tasks.A.runs.1.trigger is "toString"; expected one of window',
    ],
    ['a run’s asker', withRun({ by: 1 }), 'tasks.A.runs.1.by is 1; expected a string'],
    ['a run’s date', withRun({ date: '2026-02-31' }), 'tasks.A.runs.1.date is "2026-02-31"; expected a date like'],
    ['a run’s date', withRun({ date: '2026-13-01' }), 'tasks.A.runs.1.date is "2026-13-01"; expected a date like'],
    ['a run’s date', withRun({ date: '1 May 2026' }), 'tasks.A.runs.1.date is "1 May 2026"; expected a date like'],
    ['a run’s start', withRun({ startedAt: 1 }), 'tasks.A.runs.1.startedAt is 1; expected an instant in ISO 8601'],
    [
      'a run’s start',
      withRun({ startedAt: '2026-01-01T99:00Z' }),
      'tasks.A.runs.1.startedAt is "2026-01-01T99:00Z"; expected an instant',
    ],
    ['a run’s end', withRun({ endedAt: 'soon' }), 'tasks.A.runs.1.endedAt is "soon"; expected an instant in ISO 8601'],
    [
      'a run’s outcome',
      withRun({ outcome: 'fine' }),
      'tasks.A.runs.1.outcome is "fine"; expected one of completed, failed, stopped',
    ],
    ['a run’s error', withRun({ error: 'oh' }), 'tasks.A.runs.1.error is "oh"; expected an object'],
    ['an error’s name', withRun({ error: { message: '' } }), 'tasks.A.runs.1.error.name is missing; expected a string'],
    [
      'an error’s message',
      withRun({ error: { name: '' } }),
      'tasks.A.runs.1.error.message is missing; expected a string',
    ],
    [
      'an error’s code',
      withRun({ error: { name: '', message: '', code: 5 } }),
      'tasks.A.runs.1.error.code is 5; expected a string',
    ],
    ['a run’s progress', withRun({ progress: '50 %' }), 'tasks.A.runs.1.progress is "50 %"; expected a number'],
    ['a run’s message', withRun({ progressMessage: 5 }), 'tasks.A.runs.1.progressMessage is 5; expected a string'],
    ['a run’s log', withRun({ log: null }), 'tasks.A.runs.1.log is null; expected a list'],
    [
      'a line’s instant',
      withRun({ log: [{ at: 'now', message: '' }] }),
      'tasks.A.runs.1.log.0.at is "now"; expected an instant',
    ],
    [
      'a line’s message',
      withRun({ log: [{ at: '2026-01-01T00:00Z' }] }),
      'tasks.A.runs.1.log.0.message is missing; expected a string',
    ],
    ['what waits', withTask({ waiting: true }), 'tasks.A.waiting is true; expected an object'],
    ['its task', withTask({ waiting: { ...waiting, task: 1 } }), 'tasks.A.waiting.task is 1; expected a string'],
    ['its trigger', withTask({ waiting: { ...waiting, trigger: 1 } }), 'tasks.A.waiting.trigger is 1; expected one of'],
    ['its asker', withTask({ waiting: { ...waiting, by: 1 } }), 'tasks.A.waiting.by is 1; expected a string'],
    [
      'its instant',
      withTask({ waiting: { ...waiting, at: 1 } }),
      'tasks.A.waiting.at is 1; expected an instant in ISO 8601',
    ],
    [
      'its end',
      withTask({ waiting: { ...waiting, until: 1 } }),
      'tasks.A.waiting.until is 1; expected an instant in ISO 8601',
    ],
    [
      'its forerunners',
      withTask({ waiting: { ...waiting, after: [1] } }),
      'tasks.A.waiting.after.0 is 1; expected a string',
    ],
    ['a draw', withTask({ draw: [] }), 'tasks.A.draw is []; expected an object'],
    [
      'a draw’s night',
      withTask({ draw: { night: 1, at: '2026-01-01T00:00Z' } }),
      'tasks.A.draw.night is 1; expected a date like',
    ],
    [
      'a draw’s instant',
      withTask({ draw: { night: '2026-01-01' } }),
      'tasks.A.draw.at is missing; expected an instant',
    ],
    ['the last date', withTask({ lastCompletedOn: 1 }), 'tasks.A.lastCompletedOn is 1; expected a date like'],
  ])('%s: %j', (_what, document, reason) => {
    expect(readMemory(JSON.stringify(document))).toEqual({ kind: 'damaged', reason: expect.stringContaining(reason) })
  })

  test.each([
    ['', 'it is empty'],
    [' \n', 'it is empty'],
    ['\0\0\0\0', 'it is no JSON: '],
    ['hello', 'it is no JSON: '],
    [writeMemory(aMemory()).slice(0, -3), 'JSON'],
    [`${writeMemory(aMemory())}}`, 'JSON'],
  ])('a text that is no JSON: %j', (text, reason) => {
    expect(readMemory(text)).toEqual({ kind: 'damaged', reason: expect.stringContaining(reason) })
  })

  test.each(['\x1b[31m', 'a\nb', 'a'.repeat(9_999)])('in one short line that is safe to print: %j', (text) => {
    const reading = readMemory(text)
    expect(reading).toEqual({ kind: 'damaged', reason: expect.stringMatching(/^\P{Cc}{1,120}$/u) })
  })

  test.each([
    '{"version":1,"settings":{},"tasks":{},"__proto__":{"polluted":true}}',
    '{"version":1,"settings":{},"tasks":{"__proto__":{"runs":[],"waiting":null,"draw":null,"lastCompletedOn":null}}}',
    '{"version":1,"settings":{"enabled":{"__proto__":true}},"tasks":{}}',
    '{"version":1,"settings":{"window":{"__proto__":{"opensAt":"01:00"}}},"tasks":{}}',
  ])('a key that would reach a prototype: %s', (text) => {
    expect(readMemory(text)).toEqual({ kind: 'damaged', reason: expect.stringContaining('"__proto__"') })
    expect({}).not.toHaveProperty('polluted')
  })

  test('never by throwing, and everything else is a memory', () => {
    const prototype = Object.getOwnPropertyNames(Object.prototype)
    const almost = fc
      .tuple(anyMemory, fc.nat(), fc.jsonValue())
      .map(([memory, at, value]) => spoiled(memory, at, value))
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), almost), (text) => {
        const reading = readMemory(text)
        if (reading.kind === 'memory') expect(writeMemory(reading.memory)).toBe(writeMemory(JSON.parse(text)))
        else expect(['damaged', 'newer']).toContain(reading.kind)
        expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype)
      }),
      { seed: 2, numRuns: 1_000 },
    )
  })
})

describe('what is newer', () => {
  test.each([2, 3, 1_000])('version %i is told apart, whatever else is in it', (version) => {
    expect(readMemory(JSON.stringify({ version, jobs: [] }))).toEqual({ kind: 'newer', version })
  })
})

test('what it does not know it leaves alone, for whoever wrote it', () => {
  const memory = { ...aMemory({ tasks: { A: { ...aTaskMemory(), colour: 'red' } as never } }), note: 'mine' }
  expect(readMemory(JSON.stringify(memory))).toEqual({ kind: 'memory', memory })
})

test('a result may be any JSON, also with a key that is nobody’s business', () => {
  const text = writeMemory(
    aMemory({ tasks: { A: aTaskMemory({ runs: [aRun({ result: JSON.parse('{"__proto__":1}') })] }) } }),
  )
  expect(readMemory(text)).toMatchObject({ kind: 'memory' })
})

/** The text of a memory of which one value, wherever it is, was replaced. */
function spoiled(memory: unknown, at: number, value: unknown): string {
  const places: [Record<string, unknown>, string][] = []
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, each] of Object.entries(node)) {
      places.push([node as Record<string, unknown>, key])
      walk(each)
    }
  }
  const copy = structuredClone(memory)
  walk(copy)
  const [node, key] = places[at % places.length] as [Record<string, unknown>, string]
  node[key] = value
  return JSON.stringify(copy)
}
