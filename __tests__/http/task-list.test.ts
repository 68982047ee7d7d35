import fc from 'fast-check'
import { butlerTaskNames, catalogue } from '../../lib/catalogue'
import { type ButlerTask, toTaskList, toXmlList } from '../../lib/http/task-list'
import type { TaskStatus } from '../../lib/registry'
import { aHost, aRegistry, send } from '../helpers/http'
import { elementsIn } from '../helpers/xml'

const idle = { name: 'BackupDatabase', enabled: true, state: 'idle' } as const

const lastRun = {
  id: '7',
  trigger: 'window',
  startedAt: '2026-01-14T02:00:00.000Z',
  endedAt: '2026-01-14T02:01:00.000Z',
  outcome: 'completed',
  error: null,
  result: { bytes: 4096, files: ['a "b" <c>'] },
} as const

const everything: TaskStatus = {
  // In an order of its own, which the wire does not keep.
  lastRun,
  nextRun: '2026-01-15T02:00:00.000Z',
  scheduledFor: '2026-01-14T03:45:00.000Z',
  progressMessage: 'table 3 of 4',
  progress: 0.75,
  randomized: true,
  state: 'running',
  enabled: false,
  intervalDays: 3,
  description: 'Both of them.',
  title: 'Back up "all" & more',
  name: 'BackupDatabase',
}

/** What is on the wire when the registry lists something. */
async function listed(list: unknown, { accept = 'application/json', ...options }: Record<string, unknown> = {}) {
  const reply = await send(aHost(aRegistry({ list: async () => list }), options), 'GET /butler', {
    accept: `${accept}`,
  })
  expect(reply.status).toBe(200)
  return reply
}

async function tasksOf(list: unknown, options?: Record<string, unknown>): Promise<ButlerTask[]> {
  return JSON.parse((await listed(list, options)).body).ButlerTasks.ButlerTask
}

describe('in JSON', () => {
  test('a task is six members that every client knows, then our own, and nothing around', async () => {
    const { body, headers } = await listed([everything])
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(body).toBe(
      '{"ButlerTasks":{"ButlerTask":[{"name":"BackupDatabase","title":"Back up \\"all\\" & more","description":"Both of them.",' +
        '"interval":3,"enabled":false,"scheduleRandomized":true,"state":"running","progress":0.75,' +
        '"progressMessage":"table 3 of 4","scheduledFor":"2026-01-14T03:45:00.000Z","nextRun":"2026-01-15T02:00:00.000Z",' +
        `"lastRun":${JSON.stringify(lastRun)}}]}}`,
    )
  })

  test('what is not known is left out, and what the catalogue knows is filled in', async () => {
    expect((await listed([idle])).body).toBe(
      '{"ButlerTasks":{"ButlerTask":[{"name":"BackupDatabase","title":"Back up the database",' +
        '"description":"Keeps a verified copy of the library database beside the newest earlier ones.","interval":3,' +
        '"enabled":true,"scheduleRandomized":false,"state":"idle"}]}}',
    )
  })

  test('no tasks are an empty list', async () => {
    expect((await listed([])).body).toBe('{"ButlerTasks":{"ButlerTask":[]}}')
  })

  test.each(butlerTaskNames)('%s has the title, interval and chance of the catalogue', async (name) => {
    const { title, description, intervalDays, randomized } = catalogue[name]
    const rest = { interval: intervalDays, enabled: false, scheduleRandomized: randomized, state: 'idle' }
    expect(await tasksOf([{ name, enabled: false, state: 'idle' }])).toEqual([{ name, title, description, ...rest }])
  })

  test('a name of the host’s own is its own title, and runs daily', async () => {
    const taskNames = ['SendDigest']
    expect(await tasksOf([{ ...idle, name: 'SendDigest' }], { taskNames })).toEqual([
      {
        name: 'SendDigest',
        title: 'SendDigest',
        description: '',
        interval: 1,
        enabled: true,
        scheduleRandomized: false,
        state: 'idle',
      },
    ])
  })

  test('what the host says goes before what the catalogue says, also when it is little', async () => {
    const own = { title: '', description: '', intervalDays: 0, randomized: false }
    expect(await tasksOf([{ ...idle, name: 'GenerateAutoTags', ...own }])).toEqual([
      {
        name: 'GenerateAutoTags',
        title: '',
        description: '',
        interval: 0,
        enabled: true,
        scheduleRandomized: false,
        state: 'idle',
      },
    ])
  })

  test('null is as good as nothing', async () => {
    const known = { title: null, description: null, intervalDays: null, randomized: null }
    const nothing = { ...known, progress: null, progressMessage: null, scheduledFor: null, nextRun: null }
    expect(await tasksOf([{ ...idle, ...nothing }])).toEqual(await tasksOf([idle]))
  })

  test('tasks are in the order of their names, whatever the registry’s', async () => {
    const taskNames = ['b', 'a', 'Z', 'B', 'a-1', 'a.1', 'a10', 'a9']
    const tasks = await tasksOf(
      taskNames.map((name) => ({ ...idle, name })),
      { taskNames },
    )
    expect(tasks.map(({ name }) => name)).toEqual(['B', 'Z', 'a', 'a-1', 'a.1', 'a10', 'a9', 'b'])
  })

  test('a name that may not be asked for is not listed', async () => {
    const list = [idle, { ...idle, name: 'OptimizeDatabase' }, { ...idle, name: '__proto__' }, { ...idle, name: '' }]
    const tasks = await tasksOf(list, { taskNames: ['OptimizeDatabase', 'RefreshLibraries'] })
    expect(tasks.map(({ name }) => name)).toEqual(['OptimizeDatabase'])
  })

  test('what the registry adds of its own stays with the host', async () => {
    expect(JSON.stringify(await tasksOf([{ ...idle, password: 'secret' }]))).not.toContain('secret')
  })

  test('the list of the registry is left as it was', async () => {
    const list = Object.freeze([Object.freeze({ ...idle, name: 'RefreshLibraries' }), Object.freeze(idle)])
    expect(await tasksOf(list)).toHaveLength(2)
    expect(list.map(({ name }) => name)).toEqual(['RefreshLibraries', 'BackupDatabase'])
  })
})

describe('in XML', () => {
  const accept = 'application/xml'

  test('a task is an element, and what it says are attributes', async () => {
    const { body, headers } = await listed([everything], { accept })
    expect(headers['content-type']).toBe('application/xml; charset=utf-8')
    expect(body).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<ButlerTasks><ButlerTask name="BackupDatabase" /)
    expect(elementsIn(body)).toEqual([
      { name: 'ButlerTasks', attributes: {} },
      {
        name: 'ButlerTask',
        attributes: {
          name: 'BackupDatabase',
          title: 'Back up "all" & more',
          description: 'Both of them.',
          interval: '3',
          enabled: '0',
          scheduleRandomized: '1',
          state: 'running',
          progress: '0.75',
          progressMessage: 'table 3 of 4',
          scheduledFor: '2026-01-14T03:45:00.000Z',
          nextRun: '2026-01-15T02:00:00.000Z',
          lastRunId: '7',
          lastRunTrigger: 'window',
          lastRunStartedAt: '2026-01-14T02:00:00.000Z',
          lastRunEndedAt: '2026-01-14T02:01:00.000Z',
          lastRunOutcome: 'completed',
          lastRunResult: '{"bytes":4096,"files":["a \\"b\\" <c>"]}',
        },
      },
    ])
  })

  test('attributes are in the order of the JSON', async () => {
    const [, task] = elementsIn((await listed([everything], { accept })).body)
    expect(Object.keys(task?.attributes ?? {}).slice(0, 7)).toEqual([
      'name',
      'title',
      'description',
      'interval',
      'enabled',
      'scheduleRandomized',
      'state',
    ])
  })

  test('tasks are in the order of their names', async () => {
    const { body } = await listed([{ ...idle, name: 'RefreshLibraries' }, idle], { accept })
    expect(elementsIn(body).map(({ attributes }) => attributes.name)).toEqual([
      undefined,
      'BackupDatabase',
      'RefreshLibraries',
    ])
  })

  test('no tasks are a root without children', async () => {
    expect(elementsIn((await listed([], { accept })).body)).toEqual([{ name: 'ButlerTasks', attributes: {} }])
  })

  test('a last run that is a text is one attribute', async () => {
    const [, task] = elementsIn((await listed([{ ...idle, lastRun: '2026-01-14T02:00:00.000Z' }], { accept })).body)
    expect(task?.attributes).toMatchObject({ lastRun: '2026-01-14T02:00:00.000Z' })
  })

  test.each([null, undefined])('a last run that is %s is no attribute', async (none) => {
    const [, task] = elementsIn((await listed([{ ...idle, lastRun: none }], { accept })).body)
    expect(Object.keys(task?.attributes ?? {}).filter((key) => key.startsWith('lastRun'))).toEqual([])
  })

  test.each([
    // a title                       what a parser reads back
    ['"double" and \'single\''],
    ['a < b && c > d'],
    [']]> <!-- --> <?xml?>'],
    ['&amp; &#65; &quot;'],
    ['line\nbreak, tab\tand return\r\n.'],
    ['  two spaces before,  within,  and after  '],
    ['🧹 tidy 中文 العربية'],
    ['\u00a0\u0085\u2028\u2029'],
    ['$& $1 $$'],
    ['true'],
    [''],
    ['\u0000\u0001\u0008\u000b\u000c\u001f', '\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd'],
    ['\u001b[31mred', '\ufffd[31mred'],
    ['a lone \ud83e surrogate', 'a lone \ufffd surrogate'],
    ['another \uddf9', 'another \ufffd'],
    ['\uddf9\ud83e the wrong way round', '\ufffd\ufffd the wrong way round'],
    ['\ufffe\uffff', '\ufffd\ufffd'],
    ['\u007f\u0080\u009f'],
  ])('%j comes through', async (title, expected = title) => {
    const [, task] = elementsIn((await listed([{ ...idle, title, progressMessage: title }], { accept })).body)
    expect(task?.attributes).toMatchObject({ title: expected, progressMessage: expected })
  })

  /** Any text that a program can hold, with what is hard for XML in most of them. */
  const text = fc
    .array(
      fc.oneof(
        fc.constantFrom(...'<>&"\'=]/?!-\n\r\t \u0000\u001f\ud83e\uddf9\ufffe\uffff\u0085\u2028'.split('')),
        fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
        fc.string({ unit: 'binary', maxLength: 3 }),
        fc.constantFrom('&amp;', '&#x0;', ']]>', '-->', '__proto__', 'constructor', '1e3', '0x10'),
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join(''))

  test('whatever the texts of the host are, it is well-formed and says the same', () => {
    fc.assert(
      fc.property(text, text, text, text, (title, description, progressMessage, error) => {
        const status = { ...idle, title, description, progressMessage, lastRun: { ...lastRun, error } }
        const [, task] = elementsIn(toXmlList(toTaskList([status], new Set(['BackupDatabase']))))
        expect(task?.attributes).toMatchObject({
          title: legal(title),
          description: legal(description),
          progressMessage: legal(progressMessage),
          lastRunError: legal(error),
        })
      }),
      { numRuns: 300, seed: 2026 },
    )
  })

  test('whatever a task has returned is its JSON in one attribute', () => {
    fc.assert(
      fc.property(fc.jsonValue(), text, (value, key) => {
        const result = { [key]: value }
        const [, task] = elementsIn(
          toXmlList(toTaskList([{ ...idle, lastRun: { ...lastRun, result } }], new Set(['BackupDatabase']))),
        )
        expect(task?.attributes.lastRunResult).toBe(legal(JSON.stringify(result)))
      }),
      { numRuns: 300, seed: 2026 },
    )
  })
})

/** A text with U+FFFD for every character that XML 1.0 cannot hold, counted here once more, from the production `Char`. */
function legal(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) as number
    const isChar =
      [0x9, 0xa, 0xd].includes(code) ||
      (code >= 0x20 && code <= 0xd7ff) ||
      (code >= 0xe000 && code <= 0xfffd) ||
      code >= 0x10000
    return isChar ? character : '\ufffd'
  }).join('')
}
