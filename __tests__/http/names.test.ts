import { butlerTaskNames } from '../../lib/catalogue'
import { aHost, aRegistry, callsOf, errorIn, json, send } from '../helpers/http'

/** Of `Object.prototype`, which no name may touch. */
const untouched = Object.getOwnPropertyDescriptors(Object.prototype)

afterEach(() => {
  expect(Object.getOwnPropertyDescriptors(Object.prototype)).toEqual(untouched)
  expect(({} as Record<string, unknown>).taskName).toBeUndefined()
})

const fourteen = `expected one of ${butlerTaskNames.join(', ')}.`

/** A row with its path once more, cut short to be read in a title. */
function titled([path, shown]: string[]): [title: string, path: string, shown: string] {
  return [`${path}`.slice(0, 40), `${path}`, `${shown}`]
}

describe.each(['POST', 'DELETE'])('%s', (method) => {
  test.each(
    [
      // path                         how the message shows the name
      ['/butler/Unheard', '"Unheard"'],
      ['/butler/__proto__', '"__proto__"'],
      ['/butler/constructor', '"constructor"'],
      ['/butler/toString', '"toString"'],
      ['/butler/hasOwnProperty', '"hasOwnProperty"'],
      ['/butler/prototype', '"prototype"'],
      ['/butler/undefined', '"undefined"'],
      ['/butler/null', '"null"'],
      ['/butler/0', '"0"'],
      ['/butler/*', '"*"'],
      ['/butler/:taskName', '":taskName"'],
      ['/butler/backupdatabase', '"backupdatabase"'],
      ['/butler/BACKUPDATABASE/', '"BACKUPDATABASE"'],
      ['/butler/OpenAPI.json', '"OpenAPI.json"'],
      ['/butler/BackupDatabase%20', '"BackupDatabase "'],
      ['/butler/%20', '" "'],
      ['/butler/BackupDatabase,OptimizeDatabase', '"BackupDatabase,OptimizeDatabase"'],
      ['/butler/BackupDatabase%00', '"BackupDatabase\\u0000"'],
      ['/butler/%00', '"\\u0000"'],
      ['/butler/%0d%0aSet-Cookie:%20a=b', '"\\r\\nSet-Cookie: a=b"'],
      ['/butler/%1b%5b31m', '"\\u001b[31m"'],
      ['/butler/%c2%85', '"\\u0085"'],
      ['/butler/..%2f', '"../"'],
      ['/butler/..%2f..%2fetc%2fpasswd', '"../../etc/passwd"'],
      ['/butler/..', '".."'],
      ['/butler/.', '"."'],
      ['/butler/%2e%2e', '".."'],
      ['/butler/BackupDatabase%2f', '"BackupDatabase/"'],
      ['/butler/%2fBackupDatabase', '"/BackupDatabase"'],
      ['/butler/BackupDatabase;x=1', '"BackupDatabase;x=1"'],
      // A Cyrillic letter that looks like our B.
      ['/butler/%D0%92ackupDatabase', '"ВackupDatabase"'],
      ['/butler/%F0%9F%A7%B9', '"🧹"'],
      ['/butler/Unheard?taskName=BackupDatabase', '"Unheard"'],
      ['/butler/%22%3Cb%3E', '"\\"<b>"'],
      [`/butler/${'x'.repeat(10_000)}`, `"${'x'.repeat(79)}… (10002 characters)`],
      [`/butler/${'%F0%9F%A7%B9'.repeat(800)}`, '(1602 characters)'],
    ].map(titled),
  )('%s is told what was expected, and nobody is asked', async (_, path, shown) => {
    const registry = aRegistry()
    const reply = await send(aHost(registry), `${method} ${path}`, json)
    expect(errorIn(reply)).toMatchObject({ code: 'BUTLER_UNKNOWN_TASK', status: 400 })
    expect(reply.status).toBe(400)
    expect(errorIn(reply).message).toContain(`The task name is ${shown.startsWith('(') ? '"' : shown}`)
    expect(errorIn(reply).message).toContain(`${shown.at(-1)}; ${fourteen}`)
    expect(reply.body.length).toBeLessThan(1_000)
    expect(callsOf(registry)).toEqual([])
  })

  test.each(
    [
      // A name that cannot be decoded is shown as it came.
      ['/butler/%E0%A4%A', '"%E0%A4%A"'],
      ['/butler/%', '"%"'],
      ['/butler/%zz', '"%zz"'],
      ['/butler/%ff', '"%ff"'],
      ['/butler/%c0%af', '"%c0%af"'],
      ['/butler/%ed%a0%80', '"%ed%a0%80"'],
      ['/butler/BackupDatabase%', '"BackupDatabase%"'],
      [`/butler/%${'x'.repeat(10_000)}`, `"%${'x'.repeat(78)}… (10003 characters)`],
    ].map(titled),
  )('%s cannot be decoded', async (_, path, shown) => {
    for (const unknownTaskStatus of [400, 404] as const) {
      const registry = aRegistry()
      const reply = await send(aHost(registry, { unknownTaskStatus }), `${method} ${path}`, json)
      expect(errorIn(reply)).toEqual({
        code: 'BUTLER_UNKNOWN_TASK',
        status: 400,
        message: `The task name is ${shown}, which cannot be decoded; ${fourteen}`,
      })
      expect(callsOf(registry)).toEqual([])
    }
  })

  test.each(['/butler//', '/butler//?X-Plex-Token=x', '/butler//?next=/butler'])(
    '%s, as when a script’s variable is empty, does not mean all tasks',
    async (path) => {
      const registry = aRegistry()
      const reply = await send(aHost(registry), `${method} ${path}`, json)
      expect(errorIn(reply)).toEqual({
        code: 'BUTLER_UNKNOWN_TASK',
        status: 400,
        message: `The task name is ""; ${fourteen}`,
      })
      expect(callsOf(registry)).toEqual([])
    },
  )

  test.each([
    '/butler///',
    '/butler/./',
    '/butler/%2f',
    '/butler//.',
    '//butler//',
    '//butler',
    '/butler/ /'.replace(' ', '%20'),
  ])('%s means no task, and above all not all of them', async (path) => {
    const registry = aRegistry()
    const { status } = await send(aHost(registry), `${method} ${path}`)
    expect([400, 404]).toContain(status)
    expect(callsOf(registry)).toEqual([])
  })

  test.each(['/butler?x=//', '/butler/?x=//', '/butler?//'])(
    'two slashes in the query mean nothing: %s',
    async (path) => {
      const registry = aRegistry()
      expect(await send(aHost(registry), `${method} ${path}`)).toMatchObject({ status: 200 })
      expect(callsOf(registry)).toHaveLength(1)
    },
  )

  test('an unknown name is answered with 404 where that is wanted', async () => {
    const reply = await send(aHost(aRegistry(), { unknownTaskStatus: 404 }), `${method} /butler/Unheard`, json)
    expect(errorIn(reply)).toEqual({
      code: 'BUTLER_UNKNOWN_TASK',
      status: 404,
      message: `The task name is "Unheard"; ${fourteen}`,
    })
  })

  test.each(['', '/', '?x=1', '/?x=1'])('a known name may be written in percents: …%s', async (end) => {
    const registry = aRegistry()
    expect(await send(aHost(registry), `${method} /butler/%42ackupDatabase${end}`)).toMatchObject({ status: 200 })
    expect(callsOf(registry)).toMatchObject([[expect.any(String), 'BackupDatabase', {}]])
  })
})

describe('the allowed names are', () => {
  /** Which of the names the router lets pass. */
  async function passing(names: readonly string[], registry: object, options: object = {}): Promise<string[]> {
    const app = aHost(registry, options)
    const statuses = await Promise.all(names.map(async (name) => (await send(app, `POST /butler/${name}`)).status))
    return names.filter((_, index) => statuses[index] === 200)
  }

  test('the 14 of the catalogue when nobody says otherwise', async () => {
    expect(butlerTaskNames).toHaveLength(14)
    expect(await passing([...butlerTaskNames, 'SendDigest'], aRegistry())).toEqual(butlerTaskNames)
  })

  test('those of the registry, when it has any', async () => {
    const registry = { ...aRegistry(), taskNames: ['SendDigest', 'BackupDatabase'] }
    expect(await passing(['SendDigest', 'BackupDatabase', 'OptimizeDatabase'], registry)).toEqual([
      'SendDigest',
      'BackupDatabase',
    ])
  })

  test('those of the option before all others', async () => {
    const registry = { ...aRegistry(), taskNames: ['SendDigest', 'EmptyTrash'] }
    const options = { taskNames: ['EmptyTrash'] }
    expect(await passing(['SendDigest', 'EmptyTrash', 'BackupDatabase'], registry, options)).toEqual(['EmptyTrash'])
  })

  test('none, when none are wanted', async () => {
    expect(await passing(['BackupDatabase'], aRegistry(), { taskNames: [] })).toEqual([])
  })

  test('fixed when the router is made', async () => {
    const taskNames = ['EmptyTrash']
    const registry = { ...aRegistry(), taskNames }
    const app = aHost(registry)
    taskNames.push('SendDigest')
    registry.taskNames = ['SendDigest']
    expect(await send(app, 'POST /butler/SendDigest')).toMatchObject({ status: 400 })
    expect(await send(app, 'POST /butler/EmptyTrash')).toMatchObject({ status: 200 })
  })

  test('read once', () => {
    const read = jest.fn(() => ['EmptyTrash'])
    aHost(Object.defineProperty(aRegistry(), 'taskNames', { get: read }))
    expect(read).toHaveBeenCalledTimes(1)
  })

  test.each([
    [100, /task-98, task-99\.$/],
    [101, /task-98, task-99, and 1 more\.$/],
    [5_000, /task-98, task-99, and 4900 more\.$/],
  ])('counted where there are very many: %i', async (count, end) => {
    const taskNames = Array.from({ length: count }, (_, index) => `task-${index}`)
    const app = aHost(aRegistry(), { taskNames })
    expect(errorIn(await send(app, 'POST /butler/Unheard', json)).message).toMatch(end)
    expect(await send(app, `POST /butler/task-${count - 1}`)).toMatchObject({ status: 200 })
  })
})

test('a name of the host’s own may have dots, dashes and underscores', async () => {
  const registry = aRegistry()
  const app = aHost(registry, { taskNames: ['db.vacuum-full_2', 'x'] })
  expect(await send(app, 'POST /butler/db.vacuum-full_2')).toMatchObject({ status: 200 })
  expect(await send(app, 'DELETE /butler/x/')).toMatchObject({ status: 200 })
  expect(callsOf(registry)).toMatchObject([
    ['start', 'db.vacuum-full_2', {}],
    ['stop', 'x', {}],
  ])
})
