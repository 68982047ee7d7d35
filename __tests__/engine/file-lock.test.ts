import fs from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type FileLock, lockFile } from '../../lib/engine/file-lock'
import { newOwner, type Owner, sightProcess } from '../../lib/engine/lock-owner'
import { aContext } from '../helpers/stores'
import { tempFolder } from '../helpers/temp-folder'
import { until } from '../helpers/until'

const { readdir, readFile, rm, stat, utimes, writeFile } = fs

let folder: string
let file: string
const locks: FileLock[] = []

beforeEach(() => {
  folder = tempFolder()
  file = join(folder, 'butler.json')
})

afterEach(async () => {
  jest.restoreAllMocks()
  await Promise.all(locks.splice(0).map((lock) => lock.release()))
})

/** The lock on the test's file; it is released after the test. */
async function locked(context = aContext()): Promise<FileLock> {
  const lock = await lockFile(file, context)
  locks.push(lock)
  return lock
}

/** A lock file as another process would have left it, so many seconds ago. */
async function lockLies(generation: number | string, owner: Partial<Owner> | string, secondsAgo = 0): Promise<string> {
  const path = `${file}.lock-${generation}`
  const theirs = { ...newOwner(Date.parse('2026-01-01T02:00Z')), ...(owner as object) }
  await writeFile(path, typeof owner === 'string' ? owner : JSON.stringify(theirs))
  const then = new Date(Date.now() - secondsAgo * 1_000)
  await utimes(path, then, then)
  return path
}

const earlier = { incarnation: 'earlier' }
const elsewhere = { host: 'elsewhere', pid: 4711 }
const names = async () => (await readdir(folder)).sort()

describe('the lock', () => {
  test('is a file beside the locked one that names its owner', async () => {
    await locked()
    expect(await names()).toEqual(['butler.json.lock-1'])
    const owner = JSON.parse(await readFile(`${file}.lock-1`, 'utf8'))
    expect(owner).toMatchObject({ pid: process.pid, host: hostname(), since: '2026-01-01T12:00:00.000Z' })
  })

  test('can be had again once it was released', async () => {
    await (await locked()).release()
    expect(await names()).toEqual([])
    await locked()
  })

  test('is not had twice in one process', async () => {
    await locked()
    const error = await locked().catch((error) => error)
    expect(error).toMatchObject({ code: 'BUTLER_STORE_LOCKED', status: 503 })
    expect(error.message).toContain(`"${file}" is open in this process already, since 2026-01-01T12:00:00.000Z`)
    expect(await names()).toEqual(['butler.json.lock-1'])
  })

  test('leaves files alone that only look like its own', async () => {
    const others = [
      'butler.json.lock-',
      'butler.json.lock-1.bak',
      'butler.json.lock-notes',
      'butler.json.lock-new-notes',
    ]
    for (const other of others) await writeFile(join(folder, other), '')
    for (const other of others) await utimes(join(folder, other), 1, 1)
    await locked()
    expect(await names()).toEqual([...others, 'butler.json.lock-1'].sort())
  })
})

describe('another owner', () => {
  test.each<[string, Partial<Owner> | string, number, boolean]>([
    // what lies there                                        owner        seconds ago  taken over
    ['an earlier process with our pid, in a restarted container', earlier, 0, true],
    ['a process that has ended', { pid: 2 ** 22 + 1 }, 0, true],
    ['a process whose pid another one has now', { pid: process.ppid, ...earlier }, 0, process.platform === 'linux'],
    ['another host with a fresh sign of life', elsewhere, 0, false],
    ['another host with a sign two minutes ago', elsewhere, 120, false],
    ['another host with a sign four minutes ago', elsewhere, 240, true],
    ['another host whose clock is ahead', elsewhere, -3_600, false],
    ['an empty file, just made', '', 0, false],
    ['an empty file, a minute old', '', 60, true],
    ['a file cut short, a minute old', '{"pid":1,"ho', 60, true],
  ])('%s', async (_what, owner, secondsAgo, isTakenOver) => {
    const path = await lockLies(7, owner, secondsAgo)
    if (isTakenOver) {
      const context = aContext()
      await locked(context)
      expect(await names()).toEqual(['butler.json.lock-8'])
      expect(context.logger.lines).toEqual(['info: Took over the lock on the memory: its owner has ended.'])
    } else {
      const error = await locked().catch((error) => error)
      expect(error).toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
      expect(error.message).toContain(`remove "${path}"`)
      expect(await names()).toEqual(['butler.json.lock-7'])
    }
  })

  test.each([-3_600_000, 3_600_000])(
    'on another host is judged by the clock of the disk; ours is wrong by %i ms',
    async (wrongBy) => {
      await lockLies(1, elsewhere, 120)
      const now = Date.now() + wrongBy
      jest.spyOn(Date, 'now').mockReturnValue(now)
      await expect(locked()).rejects.toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
      await lockLies(1, elsewhere, 240 + wrongBy / 1_000)
      await locked()
    },
  )

  test('is named, with what to do', async () => {
    await lockLies(1, elsewhere, 90)
    const { message } = await locked().catch((error) => error)
    expect(message).toContain(`"${file}" is in use by process 4711 on host "elsewhere" since 2026-01-01T02:00:00.000Z.`)
    expect(message).toMatch(/It last gave a sign (89|90|91) s ago, and counts as gone after 180 s\./)
    expect(message).toContain(
      'give createButler a `queue` that they share: bullmqQueue({ connection }) of express-butler/bullmq',
    )
    expect(message).toContain(`If you are sure that it is gone, remove "${file}.lock-1".`)
  })

  test('on this host is named without talk of signs: the system knows', async () => {
    await lockLies(1, { pid: process.ppid, incarnation: sightProcess(process.ppid)?.incarnation ?? '' }, 900)
    const { message } = await locked().catch((error) => error)
    expect(message).toContain(
      `in use by process ${process.ppid} on host "${hostname()}" since 2026-01-01T02:00:00.000Z. One file`,
    )
  })

  test('that is only just writing its name is not named', async () => {
    await lockLies(1, '')
    await expect(locked()).rejects.toThrow('is in use by a process that is starting. One file')
  })

  test('whose clock is ahead gave its sign 0 s ago', async () => {
    await lockLies(1, elsewhere, -3_600)
    await expect(locked()).rejects.toThrow('It last gave a sign 0 s ago')
  })

  test('that only wants the lock does not have it, and what it began is left to it', async () => {
    const draft = await lockLies('new-00000000-0000-4000-8000-000000000000', elsewhere)
    await locked()
    await stat(draft)
  })

  test('that ended while it wanted the lock is cleared away, and any number of dead locks', async () => {
    await lockLies('new-00000000-0000-4000-8000-000000000000', earlier)
    for (const generation of [1, 3, 30]) await lockLies(generation, earlier)
    await locked()
    expect(await names()).toEqual(['butler.json.lock-31'])
  })

  test('that is dead and cannot be removed does no harm', async () => {
    const dead = await lockLies(1, earlier)
    jest.spyOn(fs, 'rm').mockImplementation(async (path, options) => {
      if (path === dead) throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
      return rm(path, options)
    })
    const lock = await locked()
    await lock.check()
    expect(await names()).toEqual(['butler.json.lock-1', 'butler.json.lock-2'])
    await lock.release()
    await locked()
    expect(await names()).toEqual(['butler.json.lock-1', 'butler.json.lock-2'])
  })

  test('that cannot be looked at after our lock file was made is no reason to leave that behind', async () => {
    const readdir = fs.readdir
    const look = jest.spyOn(fs, 'readdir')
    look.mockImplementationOnce((...args) => readdir(...args))
    look.mockRejectedValueOnce(Object.assign(new Error('EIO'), { code: 'EIO' }))
    await expect(locked()).rejects.toThrow('EIO')
    expect(await names()).toEqual([])
  })

  test('is named even when what we began cannot be cleared away', async () => {
    await lockLies(1, elsewhere)
    jest.spyOn(fs, 'rm').mockRejectedValueOnce(Object.assign(new Error('EIO'), { code: 'EIO' }))
    await expect(locked()).rejects.toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
  })

  test('whose lock cannot be read is not judged', async () => {
    await lockLies(1, elsewhere, 900)
    jest.spyOn(fs, 'readFile').mockRejectedValueOnce(Object.assign(new Error('EACCES'), { code: 'EACCES' }))
    await expect(locked()).rejects.toThrow('EACCES')
    expect(await names()).toEqual(['butler.json.lock-1'])
  })
})

describe('two that want it at once', () => {
  /** Lets somebody do something right after our lock file was created, before we look again. */
  function afterCreating(act: () => Promise<unknown>) {
    const link = fs.link
    jest.spyOn(fs, 'link').mockImplementationOnce(async (from, to) => {
      await link(from, to)
      await act()
    })
  }

  /** Lets somebody do something right before our lock file is created, after we have looked. */
  function beforeCreating(act: () => Promise<unknown>) {
    const link = fs.link
    jest.spyOn(fs, 'link').mockImplementationOnce(async (from, to) => {
      await act()
      await link(from, to)
    })
  }

  test('and the same generation: the slower one looks again, and finds the owner', async () => {
    beforeCreating(() => lockLies(1, elsewhere))
    await expect(locked()).rejects.toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
    expect(await names()).toEqual(['butler.json.lock-1'])
  })

  test('and the same generation: the slower one looks again, and the faster one is gone', async () => {
    beforeCreating(async () => {
      const path = await lockLies(1, elsewhere)
      const readdir = fs.readdir
      jest.spyOn(fs, 'readdir').mockImplementationOnce(async (...args) => {
        await rm(path)
        return readdir(...args)
      })
    })
    await locked()
    expect(await names()).toEqual(['butler.json.lock-1'])
  })

  test.each([[1], [9]])('and different generations: ours is taken back, whichever is higher', async (theirs) => {
    await lockLies(5, earlier)
    afterCreating(() => lockLies(theirs, elsewhere))
    await expect(locked()).rejects.toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
    expect(await names()).toEqual([`butler.json.lock-${theirs}`, 'butler.json.lock-5'].sort())
  })

  test('and both take theirs back: one of them gets it', async () => {
    afterCreating(async () => {
      const path = await lockLies(9, elsewhere)
      const unlink = fs.rm
      jest.spyOn(fs, 'rm').mockImplementationOnce(async (...args) => {
        await rm(path)
        return unlink(...args)
      })
    })
    await locked()
    expect(await names()).toEqual(['butler.json.lock-1'])
  })

  test('and the one took the other for dead: that one does not go on as if it had it', async () => {
    afterCreating(() => rm(`${file}.lock-1`))
    await locked()
    expect(await names()).toEqual(['butler.json.lock-1'])
  })

  test('and an owner that gives back while we look is not in the way', async () => {
    const path = await lockLies(1, elsewhere)
    jest.spyOn(fs, 'readFile').mockImplementationOnce(async (...args) => {
      await rm(path)
      return readFile(...args)
    })
    await locked()
    expect(await names()).toEqual(['butler.json.lock-1'])
  })

  test('and always come in between: the one gives up in the end, and says what to look at', async () => {
    jest.spyOn(fs, 'link').mockRejectedValue(Object.assign(new Error('EEXIST'), { code: 'EEXIST' }))
    const error = await locked().catch((error) => error)
    expect(error).toMatchObject({
      code: 'BUTLER_STORE_FAILED',
      message: expect.stringContaining(`Remove "${file}.lock-*"`),
    })
    expect(await names()).toEqual([])
  })

  test('on a network file system that links and then loses its answer', async () => {
    afterCreating(async () => {
      throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' })
    })
    await locked()
    expect(await names()).toEqual(['butler.json.lock-1'])
  })
})

describe('a file system without links', () => {
  beforeEach(() => {
    jest.spyOn(fs, 'link').mockRejectedValue(Object.assign(new Error('ENOTSUP'), { code: 'ENOTSUP' }))
  })

  test('can lock as well', async () => {
    await lockLies(1, earlier)
    await locked()
    await expect(locked()).rejects.toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
    expect(await names()).toEqual(['butler.json.lock-2'])
  })

  /** Lets something happen when our lock file, not its draft, is about to be created. */
  function whenCreating(act: (path: string, text: string) => Promise<void>) {
    jest.spyOn(fs, 'writeFile').mockImplementation(async (path, text, options) => {
      if (path === `${file}.lock-1`) await act(String(path), String(text))
      return writeFile(path, text, options)
    })
  }

  test('lets one of two through as well', async () => {
    whenCreating(async () => {
      jest.restoreAllMocks()
      await lockLies(1, elsewhere)
    })
    await expect(locked()).rejects.toMatchObject({ code: 'BUTLER_STORE_LOCKED' })
  })

  test('that is full says so, and leaves nothing behind', async () => {
    whenCreating(async (path) => {
      await writeFile(path, '')
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    })
    await expect(locked()).rejects.toThrow('ENOSPC')
    expect(await names()).toEqual([])
  })
})

describe('an owner', () => {
  const lock1 = () => `${file}.lock-1`
  const age = (path: string) => utimes(path, 1, 1)
  const beaten = async (path = lock1()) => (await stat(path)).mtimeMs > 1_000

  test('shows once a minute that it lives, without a moment in which its file is incomplete', async () => {
    const context = aContext()
    await locked(context)
    const text = await readFile(lock1(), 'utf8')
    for (const minute of [1, 2, 3]) {
      await age(lock1())
      await context.clock.moveBy(59_999)
      expect([minute, await beaten()]).toEqual([minute, false])
      await context.clock.moveBy(1)
      await until(() => beaten())
      expect(await readFile(lock1(), 'utf8')).toBe(text)
    }
    expect(context.logger.lines).toEqual([])
  })

  test('keeps the lock while it is its own', async () => {
    const lock = await locked()
    await lock.check()
    await lock.check()
  })

  test.each<[string, () => Promise<unknown>]>([
    ['removed', () => rm(lock1())],
    ['somebody else’s now', () => lockLies(1, elsewhere)],
    ['this process’s, but for another Butler', () => lockLies(1, {})],
  ])('is told when it lost the lock, once, and leaves it alone: %s', async (_how, lose) => {
    const context = aContext()
    const lock = await locked(context)
    await lose()
    await expect(lock.check()).rejects.toMatchObject({ code: 'BUTLER_STORE_FAILED' })
    const left = await names()
    const text = await readFile(lock1(), 'utf8').catch(() => null)
    await context.clock.moveBy(60_000)
    await until(async () => context.logger.lines.length > 0)
    await context.clock.moveBy(300_000)
    await lock.release()
    expect(context.logger.lines).toEqual([expect.stringMatching(/^error: The lock .* is no longer ours/)])
    expect(await names()).toEqual(left)
    expect(await readFile(lock1(), 'utf8').catch(() => null)).toBe(text)
  })

  test('that cannot show it lives says so, and tries again a minute later', async () => {
    const context = aContext()
    await locked(context)
    await age(lock1())
    jest.spyOn(fs, 'open').mockRejectedValueOnce(Object.assign(new Error('EIO'), { code: 'EIO' }))
    const armed = jest.spyOn(context.clock, 'callAfter')
    await context.clock.moveBy(60_000)
    await until(async () => armed.mock.calls.length > 0)
    expect(context.logger.lines).toEqual([expect.stringMatching(/^warn: Could not renew the lock/)])
    expect(await beaten()).toBe(false)
    await context.clock.moveBy(60_000)
    await until(() => beaten())
  })

  test('shows nothing any more once it released', async () => {
    const context = aContext()
    const lock = await locked(context)
    await lock.release()
    await lockLies(1, elsewhere)
    await age(lock1())
    const looks = jest.spyOn(fs, 'open')
    await context.clock.moveBy(300_000)
    expect(looks).not.toHaveBeenCalled()
    expect(await beaten()).toBe(false)
    expect(context.logger.lines).toEqual([])
  })

  test('that releases in the middle of a sign waits for it, and gives no more', async () => {
    const context = aContext()
    const lock = await locked(context)
    const open = fs.open
    const opens = jest.spyOn(fs, 'open').mockImplementationOnce(async (...args) => {
      // Long enough for the lock to be given back, if that did not wait.
      for (let turn = 0; turn < 2_000; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      return open(...args)
    })
    await context.clock.moveBy(60_000)
    await lock.release()
    await Promise.allSettled(opens.mock.results.map(({ value }) => value))
    await new Promise((resolve) => setImmediate(resolve))
    expect(await names()).toEqual([])
    const { length } = opens.mock.calls
    await context.clock.moveBy(300_000)
    expect(opens).toHaveBeenCalledTimes(length)
    expect(context.logger.lines).toEqual([])
  })

  test('that cannot look after its lock does not claim to have it', async () => {
    const lock = await locked()
    jest.spyOn(fs, 'readFile').mockRejectedValueOnce(Object.assign(new Error('EIO'), { code: 'EIO' }))
    await expect(lock.check()).rejects.toThrow('EIO')
  })
})
