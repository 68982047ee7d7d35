import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Butler, createButler } from '../lib/butler'
import { eventNames } from '../lib/engine/events'
import { fileStore } from '../lib/engine/file-store'
import { memoryStore, type Store } from '../lib/engine/store'
import { ButlerError } from '../lib/errors'
import { fakeClock } from '../lib/testing/fake-clock'

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8')
const [, section = ''] = /^## What a Butler can be asked$(.*?)^## /ms.exec(readme) ?? []

/** The rows of the table: each call, and what it refuses with. */
const rows = [...section.matchAll(/^\| `(\w+)\(.*\| ([^|]*)\|$/gm)].map(([, call = '', refusals = '']) => ({
  call,
  codes: [...refusals.matchAll(/BUTLER_\w+/g)].map(([code]) => code),
}))

const make = (store: Store = memoryStore()) =>
  createButler({ tasks: { BackupDatabase: async () => {} }, store, clock: fakeClock() })

type Asked = ReturnType<typeof make>

const opened: Asked[] = []

afterEach(async () => {
  for (const butler of opened.splice(0)) await butler.close()
})

async function open(store?: Store): Promise<Asked> {
  const butler = make(store)
  await butler.open()
  opened.push(butler)
  return butler
}

/** A Butler whose disk is full by now. */
async function openOnFullDisk(): Promise<Asked> {
  const memory = memoryStore()
  let isFull = false
  const save: typeof memory.save = async (state) => {
    if (isFull) throw new ButlerError('BUTLER_STORE_FAILED', 'The disk is full.')
    return memory.save(state)
  }
  const butler = await open({ ...memory, save })
  isFull = true
  return butler
}

const wrong = { oops: true } as never
const unheard = 'Unheard' as 'BackupDatabase'

/** How each refusal of the table comes about. */
const refusals: Record<string, () => Promise<unknown>> = {
  async 'open BUTLER_STORE_LOCKED'() {
    const store = memoryStore()
    await open(store)
    return make(store).open()
  },
  'open BUTLER_STORE_FAILED': () => make(fileStore('/no/such/folder/butler.json')).open(),
  async 'open BUTLER_NOT_OPEN'() {
    const butler = await open()
    await butler.close()
    return butler.open()
  },
  'close BUTLER_INVALID_OPTIONS': () => make().close(wrong),
  'start BUTLER_TASK_NOT_IMPLEMENTED': async () => (await open()).start(unheard),
  'start BUTLER_STORE_FAILED': async () => (await openOnFullDisk()).start('BackupDatabase'),
  'start BUTLER_INVALID_OPTIONS': async () => (await open()).start('BackupDatabase', wrong),
  'stop BUTLER_TASK_NOT_IMPLEMENTED': async () => (await open()).stop(unheard),
  'stop BUTLER_INVALID_OPTIONS': async () => (await open()).stop('BackupDatabase', wrong),
  'startAll BUTLER_STORE_FAILED': async () => (await openOnFullDisk()).startAll(),
  'startAll BUTLER_INVALID_OPTIONS': async () => (await open()).startAll(wrong),
  'stopAll BUTLER_INVALID_OPTIONS': async () => (await open()).stopAll(wrong),
  'plan BUTLER_INVALID_OPTIONS': async () => (await open()).plan('soon'),
  'history BUTLER_TASK_NOT_IMPLEMENTED': async () => (await open()).history(unheard),
  'history BUTLER_INVALID_OPTIONS': async () => (await open()).history('BackupDatabase', wrong),
  'configure BUTLER_INVALID_SETTINGS': async () => (await open()).configure(wrong),
  'configure BUTLER_INVALID_WINDOW': async () => (await open()).configure({ window: { opensAt: 'late' } }),
  'configure BUTLER_STORE_FAILED': async () => (await openOnFullDisk()).configure({ window: { opensAt: '01:00' } }),
  'on BUTLER_INVALID_OPTIONS': async () => make().on('run:endet' as never, (() => {}) as never),
}

const called = rows.map(({ call }) => call)

test('the table has every call of a Butler, and no other', () => {
  const ofAnEmitter = ['emit', 'addListener', 'prependListener']
  const own = [Butler.prototype, Object.getPrototypeOf(Butler.prototype)].flatMap(Object.getOwnPropertyNames)
  const public_ = own.filter((name) => !['constructor', 'tellers', ...ofAnEmitter].includes(name))
  expect(called.toSorted()).toEqual(public_.sort())
})

test('whatever the table says that a call refuses with is tried here, and nothing else', () => {
  expect(rows.flatMap(({ call, codes }) => codes.map((code) => `${call} ${code}`))).toEqual(Object.keys(refusals))
})

test.each(Object.entries(refusals))('%s', async (title, refused) => {
  await expect(refused()).rejects.toMatchObject({ name: 'ButlerError', code: title.split(' ')[1] })
})

test.each(called.slice(2, -2))('%s needs an open Butler', async (call) => {
  const butler = make()
  const ask = () => Reflect.apply(butler[call as 'list'], butler, ['BackupDatabase'])
  await expect(ask()).rejects.toMatchObject({ code: 'BUTLER_NOT_OPEN' })
  await butler.open()
  await butler.close()
  await expect(ask()).rejects.toMatchObject({ code: 'BUTLER_NOT_OPEN' })
})

test('every event is named beside the table', () => {
  expect(eventNames.filter((name) => !section.includes(`\`${name}\``) && !section.includes(`'${name}'`))).toEqual([])
})
