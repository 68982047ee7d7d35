import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeWithRedisServer, type RedisServer, startRedis } from '../../__tests__/helpers/databases'
import { foldersOf } from '../library/folders'
import { openLibrary } from '../library/library'
import { lockLibrary } from '../library/library-lock'
import { ButlerClient } from './helpers/butler-client'
import { killServers, type ServerProcess, startServer } from './helpers/media-server'
import { aFolder, cleanUp } from './helpers/test-library'

jest.setTimeout(120_000)

describeWithRedisServer('two servers on one Redis', () => {
  let redis: RedisServer

  beforeEach(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    await killServers()
    await redis.close()
    await cleanUp()
  })

  function start(DATA_DIR: string): ServerProcess {
    return startServer({ DATA_DIR, BUTLER_REDIS_URL: `redis://127.0.0.1:${redis.port}` })
  }

  test('that start at once for the first time have one token, one set of samples and one library', async () => {
    const data = await aFolder()
    const [one, other] = [start(data), start(data)]
    const [at, there] = [await one.address(), await other.address()]
    const token = (await readFile(join(data, 'token'), 'utf8')).trim()
    const [client, neighbour] = [new ButlerClient(at, token), new ButlerClient(there, token)]
    const made = `${one.said}${other.said}`.match(/making sample media \d+/g) ?? []
    expect(new Set(made).size).toBe(made.length)
    expect(await client.call('POST', '/BackupDatabase')).toBe(200)
    const backup = (await neighbour.idle()).find(({ name }) => name === 'BackupDatabase')
    expect(backup?.lastRun).toMatchObject({ outcome: 'completed' })
    expect(await readdir(join(data, 'backups'))).toHaveLength(1)
    expect(await neighbour.call('POST', '/RefreshLibraries')).toBe(200)
    const scan = (await client.idle()).find(({ name }) => name === 'RefreshLibraries')
    expect(scan?.lastRun?.result).toMatchObject({ changed: 0 })
    expect((await readdir(data)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('do all the work there is together, on one library', async () => {
    const data = await aFolder()
    const [one, other] = [start(data), start(data)]
    const [at] = [await one.address(), await other.address()]
    const runs = await new ButlerClient(at, (await readFile(join(data, 'token'), 'utf8')).trim()).runAll()
    expect(runs.map(({ name, outcome, error }) => ({ name, outcome, error }))).toEqual(
      runs.map(({ name }) => ({ name, outcome: 'completed', error: null })),
    )
  })

  test('keep others from having the library alone, until both have ended', async () => {
    const data = await aFolder()
    const [one, other] = [start(data), start(data)]
    await Promise.all([one.address(), other.address()])
    const folders = foldersOf(data, null)
    for (const server of [one, other]) {
      await expect(lockLibrary(folders)).rejects.toThrow(`${data} is in use by another process`)
      await expect(openLibrary(folders)).rejects.toThrow('in use by another process')
      server.kill('SIGTERM')
      expect(await server.ended()).toBe(0)
    }
    const lock = await lockLibrary(folders)
    lock.release()
    expect(existsSync(join(data, 'butler.json'))).toBe(false)
  })
})
