import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, createConnection, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../__tests__/helpers/free-port'
import { contentsOf, unfinishedIn } from './helpers/files'
import { killServers, type ServerProcess, startServer } from './helpers/media-server'
import { descendantsOf, processesWith } from './helpers/processes'
import { aSlowPath } from './helpers/slow-tools'
import { aFolder, cleanUp } from './helpers/test-library'

afterEach(async () => {
  await killServers()
  await cleanUp()
})

const TOKEN = 'a-token-of-our-own'
const headers = { 'X-Plex-Token': TOKEN, Accept: 'application/json' }

function start(env: NodeJS.ProcessEnv): ServerProcess {
  return startServer({ BUTLER_TOKEN: TOKEN, ...env })
}

/** Somebody's own media, of which there are none, so that no time goes into samples. */
async function withoutSamples(): Promise<NodeJS.ProcessEnv> {
  return { DATA_DIR: await aFolder(), MEDIA_DIR: await aFolder() }
}

/** A window that has been open for an hour at most, and closes tomorrow. */
function anOpenWindow(): string {
  const hour = `${String((new Date().getHours() + 23) % 24).padStart(2, '0')}:00`
  return `${hour}-${hour}`
}

interface Listed {
  name: string
  state: string
  lastRun?: { outcome: string | null; result: unknown }
}

async function list(address: string): Promise<Listed[]> {
  const answer = await fetch(`${address}/butler`, { headers })
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { ButlerTasks: { ButlerTask: Listed[] } }).ButlerTasks.ButlerTask
}

async function call(address: string, method: string, path: string): Promise<number> {
  const answer = await fetch(`${address}/butler${path}`, { method, headers })
  await answer.text()
  return answer.status
}

/** The last run of a task, once it has ended. */
async function lastRun(address: string, name: string) {
  for (;;) {
    const task = (await list(address)).find((listed) => listed.name === name)
    if (task?.state === 'idle' && task.lastRun) return task.lastRun
    await pause(20)
  }
}

test('the first minute: samples, a scan, a list, a backup, an analysis, and an end in order', async () => {
  const folder = await aFolder()
  const server = start({ DATA_DIR: folder })
  const address = await server.address()
  expect(server.said).toMatch(/^making sample media 1\/33: Films\/.*\nmaking sample media 2\/33: /)
  expect(server.said.match(/^ {2}curl .*/gm)).toHaveLength(3)

  const metrics = await fetch(`${address}/metrics`, { headers })
  expect(await metrics.text()).toMatch(/^butler_up 1$/m)
  const tasks = await list(address)
  expect(tasks.map(({ name }) => name)).toEqual([
    'BackupDatabase',
    'BuildGracenoteCollections',
    'CheckForUpdates',
    'CleanOldBundles',
    'CleanOldCacheFiles',
    'DeepMediaAnalysis',
    'GenerateAutoTags',
    'GenerateChapterThumbs',
    'GenerateMediaIndexFiles',
    'OptimizeDatabase',
    'RefreshLibraries',
    'RefreshLocalMedia',
    'RefreshPeriodicMetadata',
    'UpgradeMediaAnalysis',
  ])
  expect(await lastRun(address, 'RefreshLibraries')).toMatchObject({ outcome: 'completed', result: { added: 18 } })

  expect(await call(address, 'POST', '/BackupDatabase')).toBe(200)
  expect(await call(address, 'POST', '/DeepMediaAnalysis')).toBe(200)
  expect(await lastRun(address, 'BackupDatabase')).toMatchObject({ outcome: 'completed', result: { changed: 1 } })
  expect(await lastRun(address, 'DeepMediaAnalysis')).toMatchObject({ outcome: 'completed', result: { changed: 11 } })
  expect(await readdir(join(folder, 'backups'))).toHaveLength(1)
  expect(await call(address, 'DELETE', '/DeepMediaAnalysis')).toBe(404)
  expect(await call(address, 'POST', '/NoSuchTask')).toBe(400)

  server.kill('SIGTERM')
  expect(await server.ended()).toBe(0)
  const memory = JSON.parse(await readFile(join(folder, 'butler.json'), 'utf8'))
  expect(memory.tasks.BackupDatabase.runs).toMatchObject([{ outcome: 'completed', trigger: 'manual' }])
  expect(server.log).toContain('BackupDatabase completed')
  expect(server.log).not.toContain(TOKEN)
})

test('nobody gets in without the token, and the log never tells it', async () => {
  const server = start(await withoutSamples())
  const address = await server.address()
  const [missing, wrong] = ['A token is needed', 'That is not the token']
  const asked: [string, string, Record<string, string>, number, string?][] = [
    ['GET', '/butler', {}, 401, missing],
    ['POST', '/butler', {}, 401, missing],
    ['POST', '/butler/BackupDatabase', { 'X-Plex-Token': 'wrong' }, 401, wrong],
    ['DELETE', '/butler?X-Plex-Token=wrong', {}, 401, wrong],
    ['GET', '/:/prefs?X-Plex-Token=wrong&X-Plex-Token=other', {}, 401, wrong],
    ['GET', '/activities?X-Plex-Token=', {}, 401, missing],
    ['GET', '/butler/openapi.json', {}, 401, missing],
    ['GET', '/butler', { 'x-plex-token': TOKEN }, 200],
    ['GET', `/butler?X-Plex-Token=${TOKEN}`, {}, 200],
    ['GET', `/butler?X%2DPlex%2DToken=${TOKEN}`, {}, 200],
    ['GET', `/butler?oops=${TOKEN}`, {}, 401, missing],
  ]
  for (const [method, path, sent, status, said] of asked) {
    const answer = await fetch(address + path, { method, headers: { Accept: 'application/json', ...sent } })
    expect([method, path, answer.status]).toEqual([method, path, status])
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('x-powered-by')).toBeNull()
    const message = expect.stringContaining(String(said))
    if (status === 401) expect(await answer.json()).toEqual({ errors: [{ code: 401, status, message }] })
    else await answer.text()
  }
  server.kill('SIGINT')
  expect(await server.ended()).toBe(0)
  expect(server.log).toContain('/butler/BackupDatabase')
  expect(server.log).not.toContain(TOKEN)
  expect(server.log).not.toContain('wrong')
})

test('a stop over HTTP, and a SIGTERM, end what runs with every ffmpeg it started, and it is recorded', async () => {
  const folder = await aFolder()
  const server = start({ DATA_DIR: folder, PATH: await aSlowPath() })
  const address = await server.address()
  const runUntilItListens = async () => {
    expect(await call(address, 'POST', '/DeepMediaAnalysis')).toBe(200)
    while (!descendantsOf(server.pid).some((command) => command.includes(' -re '))) await pause(5)
  }
  await runUntilItListens()
  expect(await call(address, 'POST', '/DeepMediaAnalysis')).toBe(202)
  const askedAt = Date.now()
  expect(await call(address, 'DELETE', '/DeepMediaAnalysis')).toBe(200)
  expect(Date.now() - askedAt).toBeLessThan(1_000)
  expect(descendantsOf(server.pid)).toEqual([])
  expect(await lastRun(address, 'DeepMediaAnalysis')).toMatchObject({ outcome: 'stopped' })

  await runUntilItListens()
  server.kill('SIGTERM')
  expect(await server.ended()).toBe(0)
  expect(processesWith(folder)).toEqual([])
  const { DeepMediaAnalysis } = JSON.parse(await readFile(join(folder, 'butler.json'), 'utf8')).tasks
  expect(DeepMediaAnalysis.runs.map((run: { outcome: string }) => run.outcome)).toEqual(['stopped', 'interrupted'])
  expect(await unfinishedIn(folder)).toEqual([])
})

test('a second signal ends it at once, and still no ffmpeg survives', async () => {
  const folder = await aFolder()
  const server = start({ DATA_DIR: folder, PATH: await aSlowPath() })
  const address = await server.address()
  await call(address, 'POST', '/DeepMediaAnalysis')
  while (!descendantsOf(server.pid).some((command) => command.includes(' -re '))) await pause(5)
  // A request that never ends keeps the server waiting for its last answers.
  const hanging = createConnection(Number(new URL(address).port), '127.0.0.1')
  hanging.on('error', () => {}).write('POST /butler HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n')
  await once(hanging, 'connect')
  await list(address)
  server.kill('SIGTERM')
  await pause(400)
  server.kill('SIGTERM')
  expect(await server.ended()).toBe(1)
  expect(processesWith(folder)).toEqual([])
  hanging.destroy()
})

test('a SIGTERM while the samples are made leaves only whole ones, and the next start makes the rest', async () => {
  const folder = await aFolder()
  const first = start({ DATA_DIR: folder })
  await first.untilSaid(/3\/33/)
  first.kill('SIGTERM')
  expect(await first.ended()).toBe(0)
  expect(await unfinishedIn(folder)).toEqual([])
  expect(processesWith(folder)).toEqual([])

  const second = start({ DATA_DIR: folder })
  await second.address()
  expect(second.said).not.toContain(' 1/33')
  expect(Object.keys(await contentsOf(join(folder, 'media')))).toHaveLength(33)
})

test('brings its own token when nobody sets one, and keeps it', async () => {
  const env = await withoutSamples()
  const said: string[] = []
  for (const _ of [1, 2]) {
    const server = start({ ...env, BUTLER_TOKEN: '' })
    const address = await server.address()
    const [, token = ''] = await server.untilSaid(/token {3}(\S+)/)
    expect((await fetch(`${address}/butler`, { headers: { 'X-Plex-Token': token } })).status).toBe(200)
    server.kill('SIGTERM')
    expect(await server.ended()).toBe(0)
    expect(server.log).not.toContain(token)
    said.push(token)
  }
  expect(said[0]).toBe(said[1])
})

test('a first start in the middle of the window scans before anything else works on the library', async () => {
  const server = start({ DATA_DIR: await aFolder(), BUTLER_WINDOW: anOpenWindow() })
  const address = await server.address()
  expect(await lastRun(address, 'DeepMediaAnalysis')).toMatchObject({
    trigger: 'window',
    outcome: 'completed',
    result: { changed: 11 },
  })
  expect(await lastRun(address, 'RefreshLibraries')).toMatchObject({ trigger: 'manual', result: { added: 18 } })
})

test('until the Butler is open, what needs it answers 503 and when to try again; the rest answers', async () => {
  // A Redis that takes what it is told, and answers nothing.
  const silent = createTcpServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const port = await freePort()
  const server = start({
    ...(await withoutSamples()),
    PORT: String(port),
    BUTLER_REDIS_URL: `redis://127.0.0.1:${(silent.address() as AddressInfo).port}`,
  })
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { headers })
  const ended = server.ended()
  while (!(await ask('/identity').catch(() => undefined))) {
    expect(await Promise.race([ended, pause(20, 'starting')])).toBe('starting')
  }
  for (const path of ['/butler', '/activities', '/:/prefs']) {
    const answer = await ask(path)
    expect([path, answer.status, answer.headers.get('Retry-After')]).toEqual([path, 503, '5'])
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'BUTLER_NOT_OPEN', status: 503 }] })
  }
  expect((await ask('/')).status).toBe(200)
  silent.close()
})

describe('what whoever starts it can mend is said in a line', () => {
  async function refusal(env: NodeJS.ProcessEnv) {
    const server = start({ ...(await withoutSamples()), ...env })
    expect(await server.ended()).toBe(1)
    return server.log.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  }

  test('a wrong variable', async () => {
    const line = expect.stringContaining('PORT is "http"; expected a number')
    expect(await refusal({ PORT: 'http' })).toEqual([line])
  })

  test.each([
    ['BUTLER_REDIS_URL', 'redis://127.0.0.1:1'],
    ['BUTLER_POSTGRES_URL', 'postgres://127.0.0.1:1/media'],
  ])('a database that %s does not lead to', async (variable, url) => {
    const said = await refusal({ [variable]: url })
    const line = `${variable} leads to no database that can be used. The shared queue cannot be used: connect ECONNREFUSED 127.0.0.1:1.`
    expect(said.at(-1)).toContain(line)
  })

  test('a wrong window', async () => {
    const line = expect.stringContaining('25:00')
    expect(await refusal({ BUTLER_WINDOW: '25:00-26:00' })).toEqual([line])
  })

  test('a port that is taken, before any task has begun', async () => {
    const data = await aFolder()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const line = `Port ${port} of 127.0.0.1 is taken. Set PORT to another one, or stop what listens there.`
    const taken = { PORT: String(port), DATA_DIR: data, BUTLER_WINDOW: anOpenWindow() }
    expect(await refusal(taken)).toEqual([line])
    expect(await readdir(data)).not.toContain('butler.json')
    other.close()
  })

  test.each([
    ['is a file', async () => join(await aFolder(), 'file'), 'is a file'],
    ['lies in a file', async () => join(await aFolder(), 'file', 'data'), 'is a file'],
    ['is a link that leads to itself', async () => join(await aFolder(), 'loop'), 'a link on the way leads to itself'],
  ])('a DATA_DIR that %s', async (_, dataDir, reason) => {
    const path = await dataDir()
    const folder = path.replace(/(file|loop).*/, '')
    await writeFile(join(folder, 'file'), '')
    await symlink(join(folder, 'loop'), join(folder, 'loop'))
    expect(await refusal({ DATA_DIR: path })).toEqual([
      expect.stringMatching(new RegExp(`^DATA_DIR is ${path}, and .*${reason}; expected a folder`)),
    ])
  })

  const onLinux = existsSync('/proc/self') ? test.each : test.skip.each
  onLinux([
    ['/proc', 'lets nobody make anything there'],
    ['/proc/x', 'lets nobody make anything there'],
    ['/proc/x/y/z', 'lets nobody make anything there'],
  ])('a DATA_DIR of %s', async (path, reason) => {
    expect(await refusal({ DATA_DIR: path })).toEqual([
      expect.stringMatching(new RegExp(`^DATA_DIR is ${path}, and .*${reason}; expected a folder`)),
    ])
  })

  test('a damaged database', async () => {
    const env = await withoutSamples()
    await writeFile(join(env.DATA_DIR ?? '', 'library.db'), 'garbage'.repeat(1_000))
    const line = expect.stringMatching(/library\.db is damaged.*npm run restore/)
    expect(await refusal(env)).toEqual([line])
  })

  test('data that another server uses', async () => {
    const env = await withoutSamples()
    await start(env).address()
    const line = expect.stringMatching(/ is in use by another process: a server that runs.*DATA_DIR/)
    expect(await refusal(env)).toEqual([line])
  })
})
