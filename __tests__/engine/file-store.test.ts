import { once } from 'node:events'
import fs from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, relative } from 'node:path'
import { fileStore } from '../../lib/engine/file-store'
import { aMemory, aTaskMemory } from '../helpers/memories'
import { aContext, closing } from '../helpers/stores'
import { tempFolder } from '../helpers/temp-folder'
import { until } from '../helpers/until'

const { chmod, lstat, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } = fs

let folder: string
let file: string

beforeEach(() => {
  folder = tempFolder()
  file = join(folder, 'butler.json')
})

afterEach(() => jest.restoreAllMocks())

/** A store on the test's file, open. */
async function opened(path = file) {
  const store = closing(fileStore(path))
  const context = aContext()
  const memory = await store.open(context)
  return { store, memory, lines: context.logger.lines }
}

/** What opening the test's file comes to when it is refused. */
const refusal = (path = file) =>
  closing(fileStore(path))
    .open(aContext())
    .then(
      () => 'opened',
      (error) => error,
    )

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

describe('a file store', () => {
  test('makes its file with the first save, for its user only, readable for people', async () => {
    const { store } = await opened()
    await expect(stat(file)).rejects.toThrow('ENOENT')
    await store.save(aMemory())
    expect(await modeOf(file)).toBe(0o600)
    expect(await readFile(file, 'utf8')).toMatch(/^\{\n {2}"version": 1,\n/)
  })

  test('leaves nothing else behind', async () => {
    const { store } = await opened()
    await store.save(aMemory())
    await store.close()
    expect(await readdir(folder)).toEqual(['butler.json'])
  })

  test.each([0o640, 0o444, 0o666])('keeps the mode of a file that is there: %o', async (mode) => {
    await writeFile(file, JSON.stringify(aMemory()))
    await chmod(file, mode)
    const { store } = await opened()
    await store.save(aMemory())
    expect(await modeOf(file)).toBe(mode)
  })

  test('stays where it was made when the process goes elsewhere', async () => {
    const here = process.cwd()
    const store = closing(fileStore(relative(here, file)))
    process.chdir('/')
    try {
      await store.open(aContext())
      await store.save(aMemory())
    } finally {
      process.chdir(here)
    }
    expect(await readdir(folder)).toContain('butler.json')
  })

  test.each([
    ['', 'fileStore(path) is ""; expected the path of a file, such as "butler.json".'],
    ['butler\0.json', 'fileStore(path) is "butler\\u0000.json"; expected the path'],
    [undefined, 'fileStore(path) is undefined; expected the path'],
    [7, 'fileStore(path) is 7; expected the path'],
    [new URL('file:///butler.json'), 'fileStore(path) is a URL; expected the path of a file: fileURLToPath(url).'],
  ])('refuses %j as a path', (path, message) => {
    const refusal = { code: 'BUTLER_INVALID_OPTIONS', message: expect.stringContaining(message) }
    expect(() => fileStore(path as never)).toThrow(expect.objectContaining(refusal))
  })

  test('opens once it has closed, when both are asked for at once', async () => {
    const { store } = await opened()
    const closed = store.close()
    await store.open(aContext())
    await closed
    await store.save(aMemory())
  })

  test('closes once it has opened, when both are asked for at once', async () => {
    const store = closing(fileStore(file))
    const open = store.open(aContext())
    await store.close()
    await open
    expect(await readdir(folder)).toEqual([])
  })
})

describe('a link as path', () => {
  const elsewhere = () => join(folder, 'data', 'memory.json')
  beforeEach(async () => {
    await mkdir(join(folder, 'data'))
    await symlink('data/memory.json', file)
  })

  test.each([true, false])('is followed and stays a link; its target exists: %s', async (exists) => {
    if (exists) await writeFile(elsewhere(), JSON.stringify(aMemory()))
    const { store, memory } = await opened()
    expect(memory).toEqual(exists ? aMemory() : null)
    await store.save(aMemory({ tasks: {} }))
    expect(await readlink(file)).toBe('data/memory.json')
    expect(JSON.parse(await readFile(elsewhere(), 'utf8')).tasks).toEqual({})
    expect(await readdir(folder)).toEqual(['butler.json', 'data'])
  })

  test('is the same memory as its target', async () => {
    await opened()
    expect(await refusal(elsewhere())).toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
  })

  test('that leads in a circle is refused', async () => {
    await rm(file)
    await symlink('butler.json', file)
    expect(await refusal()).toMatchObject({ code: 'BUTLER_STORE_FAILED', cause: { code: 'ELOOP' } })
  })
})

describe('writing', () => {
  test('makes one write of the saves of one turn, and one more of all that come while it goes on', async () => {
    const { store } = await opened()
    const writes = jest.spyOn(fs, 'rename')
    const memory = aMemory({ tasks: {} })
    const save = (name: string) => {
      memory.tasks[name] = aTaskMemory()
      return store.save(memory).then(async () => {
        // Each is told no sooner than its own state can be read.
        expect(Object.keys(JSON.parse(await readFile(file, 'utf8')).tasks)).toContain(name)
      })
    }
    const first = [save('A'), save('B'), save('C')]
    const second = new Promise<void>((resolve) => {
      writes.mockImplementationOnce(async (from, to) => {
        resolve(Promise.all([save('D'), save('E')]).then(() => {}))
        return rename(from, to)
      })
    })
    await Promise.all([...first, second])
    expect(writes).toHaveBeenCalledTimes(2)
    expect(Object.keys(memory.tasks)).toEqual(['A', 'B', 'C', 'D', 'E'])
  })

  test('happens once at a time, and is over before the store is closed', async () => {
    const { store } = await opened()
    let going = 0
    const open = fs.open
    jest.spyOn(fs, 'open').mockImplementation(async (path, ...more) => {
      if (path === `${file}.tmp`) going += 1
      return open(path, ...more)
    })
    const together: number[] = []
    jest.spyOn(fs, 'rename').mockImplementation(async (from, to) => {
      // Long enough for a second write to begin, or for the store to close, if they did not wait.
      for (let turn = 0; turn < 1_000; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      expect(await readdir(folder)).toContain('butler.json.lock-1')
      together.push(going)
      await rename(from, to)
      going -= 1
    })
    const memory = aMemory()
    const first = store.save(memory)
    await until(() => going === 1)
    const second = store.save(memory)
    await store.close()
    await Promise.all([first, second])
    expect(together).toEqual([1, 1])
  })

  test('is durable: text, disk, name, folder, in this order', async () => {
    const { store } = await opened()
    const steps: string[] = []
    const handle = await fs.open(file, 'w')
    const sync = jest.spyOn(Object.getPrototypeOf(handle), 'sync')
    await handle.close()
    const closes: jest.SpyInstance[] = []
    const open = fs.open
    jest.spyOn(fs, 'open').mockImplementation(async (path, ...more) => {
      const opened = await open(path, ...more)
      closes.push(jest.spyOn(opened, 'close'))
      sync.mockImplementationOnce(async () => {
        steps.push(`sync ${relative(folder, String(path))}`)
      })
      return opened
    })
    jest.spyOn(fs, 'rename').mockImplementation(async (from, to) => {
      steps.push(`rename ${relative(folder, String(from))} ${relative(folder, String(to))}`)
      expect(await readFile(from, 'utf8')).toContain('BackupDatabase')
      return rename(from, to)
    })
    await store.save(aMemory())
    expect(steps).toEqual(['sync butler.json.tmp', 'rename butler.json.tmp butler.json', 'sync '])
    expect(closes.map((close) => close.mock.calls.length)).toEqual([1, 1])
  })

  test.each(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF', 'ENOSYS', 'ENOTSUP'])(
    'does without syncing the folder where the system refuses it: %s',
    async (code) => {
      const { store } = await opened()
      await withFailing('open', code, folder, () => store.save(aMemory()))
    },
  )

  test('tells when the folder cannot be synced because the disk fails', async () => {
    const { store } = await opened()
    await withFailing('open', 'EIO', folder, () => expect(store.save(aMemory())).rejects.toThrow('EIO'))
  })

  test('overwrites what an earlier process left unfinished', async () => {
    await writeFile(`${file}.tmp`, 'half a mem', { mode: 0o666 })
    const { store } = await opened()
    await store.save(aMemory())
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(aMemory())
    expect(await modeOf(file)).toBe(0o600)
  })

  test('does not follow a link that somebody put where the next text is written', async () => {
    const victim = join(folder, 'victim')
    await writeFile(victim, 'precious')
    await symlink(victim, `${file}.tmp`)
    const { store } = await opened()
    await store.save(aMemory())
    expect(await readFile(victim, 'utf8')).toBe('precious')
    expect((await lstat(file)).isFile()).toBe(true)
  })
})

describe('a write that fails', () => {
  test.each([
    ['ENOSPC', 'Make room on that disk.'],
    ['EDQUOT', 'quota'],
    ['EFBIG', 'ulimit'],
    ['EACCES', 'the right to read and write'],
    ['EPERM', 'the right to read and write'],
    ['EROFS', 'a disk that can be written to'],
    ['EBUSY', 'mount its folder'],
    ['EIO', 'Mend that'],
  ])('with %s names the path, the reason and the way out, and changes nothing', async (code, wayOut) => {
    const { store } = await opened()
    await store.save(aMemory())
    const before = await readFile(file, 'utf8')
    await withFailing('rename', code, `${file}.tmp`, async () => {
      const error = await store.save(aMemory({ tasks: {} })).catch((error) => error)
      expect(error).toMatchObject({ code: 'BUTLER_STORE_FAILED', status: 503, cause: { code } })
      expect(error.message).toContain(file)
      expect(error.message).toContain(`${code}: told by the test`)
      expect(error.message).toContain(wayOut)
      expect(error.message).toContain('What was stored before is still there')
    })
    expect(await readFile(file, 'utf8')).toBe(before)
    await expect(stat(`${file}.tmp`)).rejects.toThrow('ENOENT')
  })

  test('fails for all that it was for, and the next one is tried', async () => {
    const { store } = await opened()
    await withFailing('rename', 'ENOSPC', `${file}.tmp`, async () => {
      const saves = await Promise.allSettled([store.save(aMemory()), store.save(aMemory())])
      expect(saves.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    })
    await store.save(aMemory())
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(aMemory())
  })

  test('because the lock could not be looked after is tried again by the next one', async () => {
    const { store } = await opened()
    await withFailing('readFile', 'EIO', `${file}.lock-1`, async () => {
      await expect(store.save(aMemory())).rejects.toThrow('EIO')
    })
    await store.save(aMemory())
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(aMemory())
  })

  test('does not fail those that come while it goes on', async () => {
    const { store } = await opened()
    const later = new Promise<void>((resolve) => {
      jest.spyOn(fs, 'rename').mockImplementationOnce(async () => {
        resolve(store.save(aMemory()))
        throw systemError('ENOSPC')
      })
    })
    await expect(store.save(aMemory({ tasks: {} }))).rejects.toThrow('ENOSPC')
    await later
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(aMemory())
  })

  test('does not keep the store from closing', async () => {
    const { store } = await opened()
    await withFailing('rename', 'ENOSPC', `${file}.tmp`, async () => {
      const saved = store.save(aMemory())
      await store.close()
      await expect(saved).rejects.toThrow('ENOSPC')
    })
    expect(await readdir(folder)).toEqual([])
  })

  test('because the folder is gone says so', async () => {
    const { store } = await opened()
    await rm(folder, { recursive: true })
    await expect(store.save(aMemory())).rejects.toMatchObject({ code: 'BUTLER_STORE_FAILED' })
  })

  test('because it is not known what is there', async () => {
    const { store } = await opened()
    await withFailing('stat', 'EIO', file, () => expect(store.save(aMemory())).rejects.toThrow('EIO'))
  })

  test('is what is told, also when what was begun cannot be cleared away', async () => {
    const { store } = await opened()
    await withFailing('rename', 'ENOSPC', `${file}.tmp`, async () => {
      const clear = jest.spyOn(fs, 'rm')
      clear.mockImplementationOnce((...args) => rm(...args))
      clear.mockRejectedValueOnce(systemError('EIO'))
      await expect(store.save(aMemory())).rejects.toThrow('ENOSPC')
    })
  })

  test('for a reason that is no Error is told all the same', async () => {
    const { store } = await opened()
    jest.spyOn(fs, 'rename').mockRejectedValueOnce('a surprise')
    await expect(store.save(aMemory())).rejects.toThrow('a surprise')
  })
})

describe('a lock that is lost', () => {
  test.each<[string, (lock: string) => Promise<unknown>]>([
    ['removed', (lock) => rm(lock)],
    [
      'somebody else’s',
      (lock) => writeFile(lock, JSON.stringify({ pid: 1, host: 'b', since: '', incarnation: '', token: 'x' })),
    ],
    ['overwritten', (lock) => writeFile(lock, '')],
  ])('keeps the store from writing: %s', async (_how, lose) => {
    const { store } = await opened()
    await store.save(aMemory())
    await lose(`${file}.lock-1`)
    const error = await store.save(aMemory({ tasks: {} })).catch((error) => error)
    const message = expect.stringMatching(/no longer ours.*close this Butler and make a new one/)
    expect(error).toMatchObject({ code: 'BUTLER_STORE_FAILED', message })
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(aMemory())
    const left = await readdir(folder)
    await store.close()
    expect(await readdir(folder)).toEqual(left)
  })
})

test('a lock that cannot be given back is told of, with what becomes of it', async () => {
  const { store } = await opened()
  await withFailing('readFile', 'EIO', `${file}.lock-1`, async () => {
    await expect(store.close()).rejects.toMatchObject({
      code: 'BUTLER_STORE_FAILED',
      message: expect.stringMatching(/^Cannot close .* counts as dead when this process ends\.$/),
    })
  })
})

describe('a file that is no memory', () => {
  test.each([
    ['empty', ''],
    ['cut short', JSON.stringify(aMemory()).slice(0, 50)],
    ['no JSON', 'hello'],
    ['a list', '[]'],
    ['another program’s', '{"name":"x"}'],
    ['of wrong types', '{"version":1,"settings":{},"tasks":{"A":{"runs":"none"}}}'],
    ['after a prototype', '{"version":1,"settings":{},"tasks":{"__proto__":{}}}'],
    ['binary', '\x89PNG\r\n\x1a\n\0\0\0'],
  ])('is set aside, reported, and does not keep the host from starting: %s', async (_what, text) => {
    await writeFile(file, text)
    const { store, memory, lines } = await opened()
    expect(memory).toBeNull()
    expect(await readFile(`${file}.damaged-1`, 'utf8')).toBe(text)
    expect(lines).toEqual([expect.stringContaining(`The file is now "${file}.damaged-1"`)])
    expect(lines[0]).toMatch(/^error: .*every task is due\.$/)
    await store.save(aMemory())
    await store.close()
    expect((await opened()).memory).toEqual(aMemory())
  })

  test('never takes the place of one that was set aside earlier', async () => {
    for (const end of ['1', '9', '10.bak', 'x']) await writeFile(`${file}.damaged-${end}`, 'earlier')
    await writeFile(file, 'hello')
    await opened()
    expect(await readFile(`${file}.damaged-10`, 'utf8')).toBe('hello')
    expect(await readFile(`${file}.damaged-9`, 'utf8')).toBe('earlier')
  })

  test('and cannot be set aside refuses the start, and stays', async () => {
    await writeFile(file, 'hello')
    await withFailing('rename', 'EACCES', file, async () => {
      expect(await refusal()).toMatchObject({ code: 'BUTLER_STORE_FAILED', cause: { code: 'EACCES' } })
    })
    expect(await readdir(folder)).toEqual(['butler.json'])
  })

  test('but a newer version’s memory is left to the newer version', async () => {
    await writeFile(file, '{"version":2,"jobs":[]}')
    expect(await refusal()).toMatchObject({
      code: 'BUTLER_STORE_FAILED',
      message: expect.stringContaining('has version 2, and this express-butler knows version 1'),
    })
    expect(await readFile(file, 'utf8')).toBe('{"version":2,"jobs":[]}')
    expect(await readdir(folder)).toEqual(['butler.json'])
  })
})

describe('a place that cannot be used', () => {
  test('a folder', async () => {
    await mkdir(file)
    expect(await refusal()).toMatchObject({
      code: 'BUTLER_STORE_FAILED',
      message: expect.stringContaining('is a folder'),
    })
    expect(await readdir(folder)).toEqual(['butler.json'])
  })

  test('a socket, a pipe or a device, which must not be renamed or replaced', async () => {
    const server = createServer().listen(file)
    await once(server, 'listening')
    expect(await refusal()).toMatchObject({
      code: 'BUTLER_STORE_FAILED',
      message: expect.stringContaining('no ordinary file'),
    })
    expect(await readdir(folder)).toEqual(['butler.json'])
    server.close()
  })

  test('a folder that does not exist, which is not made: its disk may not be mounted', async () => {
    const error = await refusal(join(folder, 'media', 'butler.json'))
    expect(error).toMatchObject({ code: 'BUTLER_STORE_FAILED', cause: { code: 'ENOENT' } })
    expect(error.message).toContain(`Cannot open the Butler's memory in "${join(folder, 'media', 'butler.json')}"`)
    expect(error.message).toContain('Create the folder first')
    expect(await readdir(folder)).toEqual([])
  })

  test('a folder that is a file', async () => {
    await writeFile(file, 'x')
    expect(await refusal(join(file, 'butler.json'))).toMatchObject({
      code: 'BUTLER_STORE_FAILED',
      cause: { code: 'ENOTDIR' },
    })
  })

  test('a folder in which nothing can be written', async () => {
    jest.spyOn(fs, 'writeFile').mockRejectedValueOnce(systemError('EROFS'))
    expect(await refusal()).toMatchObject({ code: 'BUTLER_STORE_FAILED', cause: { code: 'EROFS' } })
  })

  test('a file that cannot be read, whose lock is given back', async () => {
    await writeFile(file, JSON.stringify(aMemory()))
    await withFailing('readFile', 'EACCES', file, async () => {
      expect(await refusal()).toMatchObject({ code: 'BUTLER_STORE_FAILED', cause: { code: 'EACCES' } })
    })
    expect(await readdir(folder)).toEqual(['butler.json'])
  })
})

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: told by the test`), { code })
}

/** Lets one call of the file system fail for one path. */
async function withFailing(
  name: 'open' | 'readFile' | 'rename' | 'stat',
  code: string,
  path: string,
  during: () => Promise<unknown>,
) {
  const original = fs[name] as (...args: unknown[]) => Promise<unknown>
  const spy = jest.spyOn(fs as never as Record<string, () => unknown>, name)
  spy.mockImplementation(async (...args: unknown[]) => {
    if (args[0] === path) throw systemError(code)
    return original(...args)
  })
  await during()
  spy.mockRestore()
}
