import { butlerTaskNames, catalogue } from '../../lib/catalogue'
import { readTasks, type Task, type TaskDefinition } from '../../lib/engine/task'

const run = () => {}

/** One definition, read. */
const read = (definition: Partial<TaskDefinition>, name = 'Tidy'): Task =>
  readTasks({ [name]: { run, ...definition } }).get(name) as Task

/** What reading these definitions throws. */
function refusal(definitions: unknown): unknown {
  try {
    readTasks(definitions as object)
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}

const refused = (message: string) => ({ name: 'ButlerError', code: 'BUTLER_INVALID_OPTIONS', message })

describe('what is left out', () => {
  test.each([...butlerTaskNames])('comes from the catalogue for %s', (name) => {
    expect(readTasks({ [name]: run }).get(name)).toMatchObject(catalogue[name])
  })

  test('has plain defaults for a name of the host’s own', () => {
    expect(readTasks({ Tidy: run }).get('Tidy')).toEqual({
      name: 'Tidy',
      run,
      title: 'Tidy',
      description: '',
      intervalDays: 1,
      weekdays: null,
      enabled: true,
      randomized: false,
      timeoutMs: null,
      atWindowEnd: 'stop',
      after: [],
    })
  })

  test.each([
    ['CleanOldBundles2', 'Clean old bundles2'],
    ['cleanUp', 'Clean up'],
    ['clean_up-every.night', 'Clean up every night'],
    ['scanNFSShares', 'Scan nfs shares'],
    ['ADayInTheURL', 'A day in the url'],
    ['tidy', 'Tidy'],
    ['V8Cache', 'V8 cache'],
  ])('is for %s the title %p', (name, title) => {
    expect(readTasks({ [name]: run }).get(name)?.title).toBe(title)
  })

  test('and what is undefined is left out, too', () => {
    const left = {
      title: undefined,
      description: undefined,
      intervalDays: undefined,
      weekdays: undefined,
      after: undefined,
    }
    const nothing = { ...left, enabled: undefined, randomized: undefined, timeoutMs: undefined, atWindowEnd: undefined }
    expect(read(nothing)).toEqual(read({}))
    expect(read(nothing, 'BackupDatabase')).toEqual(read({}, 'BackupDatabase'))
  })
})

test('a function is short for a definition', () => {
  expect(readTasks({ Tidy: run }).get('Tidy')).toEqual(read({}))
})

test.each<Partial<TaskDefinition>>([
  { title: 'Tidy up' },
  { title: '' },
  { description: 'Puts things back.' },
  { intervalDays: 1 },
  { intervalDays: 30 },
  { intervalDays: 1_000_000 },
  { weekdays: null },
  { weekdays: ['sun'] },
  { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
  { enabled: false },
  { randomized: true },
  { timeoutMs: null },
  { timeoutMs: 1 },
  { timeoutMs: 2 ** 40 },
  { atWindowEnd: 'stop' },
  { atWindowEnd: 'finish' },
  { after: [] },
])('takes %j as it is, also against the catalogue', (definition) => {
  expect(read(definition)).toMatchObject(definition)
  expect(read(definition, 'RefreshLibraries')).toMatchObject(definition)
})

test('a definition may be an object of a class', () => {
  class Tidy {
    intervalDays = 7
    run() {
      return 'done'
    }
  }
  const task = readTasks({ Tidy: new Tidy() }).get('Tidy')
  expect(task?.intervalDays).toBe(7)
  expect(task?.run({} as never)).toBe('done')
})

test('tasks keep the order in which they were written', () => {
  expect([...readTasks({ Scan: run, Backup: run, Clean: run }).keys()]).toEqual(['Scan', 'Backup', 'Clean'])
})

test('no tasks at all are fine', () => {
  expect(readTasks({}).size).toBe(0)
})

test('what the host does with its lists afterwards changes nothing', () => {
  const weekdays: ('mon' | 'tue')[] = ['mon']
  const after: string[] = ['Scan']
  const task = readTasks({ Tidy: { run, weekdays, after }, Scan: run }).get('Tidy')
  weekdays.push('tue')
  after.push('Tidy')
  expect(task).toMatchObject({ weekdays: ['mon'], after: ['Scan'] })
})

test.each<[string, object, string]>([
  [
    'a Map',
    new Map([['Tidy', run]]),
    'is a Map; expected an object of functions or definitions by task name, such as { BackupDatabase: async ({ signal }) => … }: Object.fromEntries(map).',
  ],
  [
    'an object of a class',
    new (class Chores {
      Tidy = run
    })(),
    'is a Chores; expected an object of functions',
  ],
  ['a promise', Promise.resolve({ Tidy: run }), 'is a promise; expected an object of functions'],
  ['an array', [run], 'is an array; expected an object of functions'],
])('refuses %s as tasks, in which nobody would find one', (_, definitions, message) => {
  expect(String(refusal(definitions))).toContain(`createButler({ tasks }) ${message}`)
})

test('tasks may be what a module exports', () => {
  const namespace = Object.assign(Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } }), { Tidy: run })
  expect([...readTasks(namespace).keys()]).toEqual(['Tidy'])
})

describe('refuses as tasks', () => {
  const expected =
    'an object of functions or definitions by task name, such as { BackupDatabase: async ({ signal }) => … }'
  test.each([undefined, null, 'BackupDatabase', 14, run, [run]])('%p', (definitions) => {
    expect(refusal(definitions)).toMatchObject({ code: 'BUTLER_INVALID_OPTIONS' })
    expect(String(refusal(definitions))).toContain(`expected ${expected}.`)
  })
})

describe('refuses as a definition', () => {
  const members = 'run, title, description, intervalDays, weekdays, enabled, randomized, timeoutMs, atWindowEnd, after'

  test.each([
    [undefined, `tasks.Tidy is undefined; expected a function that does the work, or an object with ${members}.`],
    [5, `tasks.Tidy is 5; expected a function that does the work, or an object with ${members}.`],
    [null, `tasks.Tidy is null; expected a function that does the work, or an object with ${members}.`],
    ['tidy.js', `tasks.Tidy is "tidy.js"; expected a function that does the work, or an object with ${members}.`],
    [[run], `tasks.Tidy is [null]; expected a function that does the work, or an object with ${members}.`],
    [{ run, interval: 3 }, `tasks.Tidy has "interval", which nothing reads; expected only ${members}.`],
    [{}, 'tasks.Tidy.run is undefined; expected a function that does the work.'],
    [{ run: 'tidy.js' }, 'tasks.Tidy.run is "tidy.js"; expected a function that does the work.'],
    [Promise.resolve(), 'tasks.Tidy is a promise; expected the function, not its result.'],
  ])('%p', (definition, message) => {
    expect(refusal({ Tidy: definition })).toMatchObject(refused(message))
  })

  const whole = 'a whole number of days, from 1 to 1000000'
  const days = 'null or some of mon, tue, wed, thu, fri, sat, sun'
  const duration = 'milliseconds, more than 0, or null for no limit'

  test.each([
    ['title', 5, '5', 'a string'],
    ['title', null, 'null', 'a string'],
    ['description', ['x'], '["x"]', 'a string'],
    ['intervalDays', 0, '0', whole],
    ['intervalDays', -1, '-1', whole],
    ['intervalDays', 1.5, '1.5', whole],
    ['intervalDays', Number.NaN, 'NaN', whole],
    ['intervalDays', Number.POSITIVE_INFINITY, 'Infinity', whole],
    ['intervalDays', 1_000_001, '1000001', whole],
    ['intervalDays', '7', '"7"', whole],
    ['intervalDays', null, 'null', whole],
    ['weekdays', 'mon', '"mon"', days],
    ['weekdays', [], '[]', days],
    ['weekdays', ['mon', 'Monday'], '["mon","Monday"]', days],
    ['weekdays', [1], '[1]', days],
    ['enabled', 'yes', '"yes"', 'true or false'],
    ['enabled', 1, '1', 'true or false'],
    ['enabled', null, 'null', 'true or false'],
    ['randomized', 0, '0', 'true or false'],
    ['timeoutMs', 0, '0', duration],
    ['timeoutMs', -1, '-1', duration],
    ['timeoutMs', Number.POSITIVE_INFINITY, 'Infinity', duration],
    ['timeoutMs', '1h', '"1h"', duration],
    ['atWindowEnd', 'kill', '"kill"', '"stop" or "finish"'],
    ['atWindowEnd', null, 'null', '"stop" or "finish"'],
    ['after', 'BackupDatabase', '"BackupDatabase"', 'an array of task names'],
    ['after', null, 'null', 'an array of task names'],
  ])('one whose %s is %p', (member, value, shown, expected) => {
    const message = `tasks.Tidy.${member} is ${shown}; expected ${expected}.`
    expect(refusal({ Tidy: { run, [member]: value } })).toMatchObject(refused(message))
  })
})

describe('refuses as a name', () => {
  test.each([
    '',
    ' ',
    '1st',
    '_private',
    '-rf',
    '.env',
    'two words',
    'a/b',
    '..',
    'a%2fb',
    'naïve',
    'x'.repeat(65),
    'line\nbreak',
  ])('%j, which is none', (name) => {
    expect(refusal({ [name]: run })).toMatchObject({ code: 'BUTLER_INVALID_OPTIONS' })
    expect(String(refusal({ [name]: run }))).toMatch(/expected a letter, then at most 63 letters, digits/)
  })

  test.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'openapi.json', 'OpenAPI.json'])(
    '%s, which is taken',
    (name) => {
      expect(refusal({ [name]: run })).toMatchObject(
        refused(`the name of a task is "${name}"; expected another name, because this word is reserved.`),
      )
    },
  )

  test('a long one, and tells it once, cut short', () => {
    const message = `the name of a task is "${'x'.repeat(79)}… (202 characters); expected a letter, then at most 63 letters, digits, "_", "." or "-".`
    expect(refusal({ ['x'.repeat(200)]: run })).toMatchObject(refused(message))
  })

  test('__proto__, which every object already has', () => {
    const definitions = Object.defineProperty({}, '__proto__', { value: run, enumerable: true })
    expect(refusal(definitions)).toMatchObject({ code: 'BUTLER_INVALID_OPTIONS' })
  })

  test.each(['a', 'BackupDatabase', 'x'.repeat(64), 'nightly.v2_final-1'])('but not %s', (name) => {
    expect(readTasks({ [name]: run }).has(name)).toBe(true)
  })
})

describe('after', () => {
  const behind = (...names: string[]) => ({ run, after: names })

  test('names other tasks, written earlier or later', () => {
    const tasks = readTasks({ a: behind('b', 'c'), b: run, c: behind('b') })
    expect(tasks.get('a')?.after).toEqual(['b', 'c'])
  })

  test('may meet again further ahead', () => {
    expect(refusal({ a: behind('b', 'c'), b: behind('d'), c: behind('d'), d: run })).toBe('nothing was thrown')
  })

  test.each([
    [{ a: behind('b') }, 'tasks.a.after is ["b"]; expected names of other tasks, and "b" is none.'],
    [
      { a: behind('constructor') },
      'tasks.a.after is ["constructor"]; expected names of other tasks, and "constructor" is none.',
    ],
    [{ a: { run, after: [5] } }, 'tasks.a.after is [5]; expected names of other tasks, and 5 is none.'],
  ])('names nobody in %j', (definitions, message) => {
    expect(refusal(definitions)).toMatchObject(refused(message))
  })

  test.each([
    [{ a: behind('a') }, 'a'],
    [{ a: behind('b'), b: behind('a') }, 'a'],
    [{ a: behind('b'), b: behind('c'), c: behind('d'), d: behind('b') }, 'b'],
    [{ a: run, b: behind('a', 'c'), c: behind('a', 'b') }, 'b'],
  ])('comes round in a circle in %j', (definitions, name) => {
    const message = `tasks.${name}.after leads back to ${name}, so it would wait for itself; expected an order without a circle.`
    expect(refusal(definitions)).toMatchObject(refused(message))
  })
})
