import { join } from 'node:path'
import { fileStore } from '../../lib/engine/file-store'
import { silent } from '../../lib/engine/logger'
import { memoryStore, type Store } from '../../lib/engine/store'
import { fakeClock } from '../../lib/testing/fake-clock'
import { aMemory, aRun, aTaskMemory } from '../helpers/memories'
import { tempFolder } from '../helpers/temp-folder'

const context = () => ({ clock: fakeClock(), logger: silent })

/** What every store promises. */
describe.each<[string, () => Store]>([
  ['memoryStore', () => memoryStore()],
  ['fileStore', () => fileStore(join(tempFolder(), 'butler.json'))],
])('%s', (_name, newStore) => {
  let store: Store
  beforeEach(() => {
    store = newStore()
  })
  afterEach(() => store.close())

  test('remembers nothing at first', async () => {
    expect(await store.open(context())).toBeNull()
  })

  test('remembers what was saved last when it is opened again', async () => {
    await store.open(context())
    await store.save(aMemory({ settings: { enabled: { A: true } } }))
    await store.save(aMemory({ settings: { enabled: { A: false } } }))
    await store.close()
    expect(await store.open(context())).toEqual(aMemory({ settings: { enabled: { A: false } } }))
  })

  test('saves the memory as it was at the call, or later', async () => {
    await store.open(context())
    const memory = aMemory()
    const first = store.save(memory)
    memory.tasks.Later = aTaskMemory()
    const second = store.save(memory)
    await Promise.all([first, second])
    await store.close()
    expect(Object.keys((await store.open(context()))?.tasks ?? {})).toEqual(['BackupDatabase', 'Later'])
  })

  test('keeps nothing of what happens to a memory after it was saved, or after it was handed out', async () => {
    await store.open(context())
    const memory = aMemory()
    await store.save(memory)
    memory.tasks.BackupDatabase?.runs.push(aRun({ id: 'unsaved' }))
    await store.close()
    const handedOut = await store.open(context())
    if (handedOut) handedOut.tasks = {}
    await store.close()
    expect(await store.open(context())).toEqual(aMemory())
  })

  test('writes what is pending before it closes', async () => {
    await store.open(context())
    const saved = store.save(aMemory())
    await store.close()
    expect(await store.open(context())).toEqual(aMemory())
    await saved
  })

  test('belongs to one Butler at a time', async () => {
    await store.open(context())
    await expect(store.open(context())).rejects.toMatchObject({ code: 'BUTLER_STORE_LOCKED', status: 503 })
    await store.close()
    await store.open(context())
  })

  test('refuses to save before it is opened, and after it is closed', async () => {
    const refusal = { code: 'BUTLER_STORE_FAILED', message: expect.stringContaining('is not open') }
    await expect(store.save(aMemory())).rejects.toMatchObject(refusal)
    await store.open(context())
    await store.close()
    await expect(store.save(aMemory())).rejects.toMatchObject(refusal)
  })

  test('can be closed before it is opened, twice, and twice at once', async () => {
    await store.close()
    await store.open(context())
    await Promise.all([store.close(), store.close()])
    await store.close()
    await store.open(context())
  })

  test('rejects what is no JSON, and goes on with what is', async () => {
    await store.open(context())
    const endless = aMemory()
    endless.tasks.BackupDatabase?.runs.push(aRun({ result: endless }))
    await expect(store.save(endless)).rejects.toThrow('circular')
    await store.save(aMemory())
    await store.close()
    expect(await store.open(context())).toEqual(aMemory())
  })
})

describe('memoryStore', () => {
  test('starts from the memory it is given, and leaves that alone', async () => {
    const initial = aMemory()
    const store = memoryStore(initial)
    initial.tasks = {}
    expect(store.memory()).toEqual(aMemory())
    const opened = await store.open(context())
    expect(opened).toEqual(aMemory())
    expect(opened).not.toBe(initial)
  })

  test('shows what was saved last, so that another one can start from it', async () => {
    const store = memoryStore()
    expect(store.memory()).toBeNull()
    await store.open(context())
    await store.save(aMemory())
    const shown = store.memory()
    expect(shown).toEqual(aMemory())
    if (shown) shown.tasks = {}
    expect(await memoryStore(store.memory() ?? undefined).open(context())).toEqual(aMemory())
  })

  test('closes even when what was pending could not be kept', async () => {
    const store = memoryStore()
    await store.open(context())
    const endless = aMemory()
    endless.tasks.A = endless as never
    const saved = store.save(endless)
    await store.close()
    await expect(saved).rejects.toThrow('circular')
    expect(store.memory()).toBeNull()
  })
})
