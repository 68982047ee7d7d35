import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import sharp from 'sharp'
import { makeSamples } from '../media/samples'
import { findMediaTools } from '../media/tools'
import { ButlerClient } from './helpers/butler-client'
import { unfinishedIn } from './helpers/files'
import { killServers, startServer } from './helpers/media-server'
import { processesWith } from './helpers/processes'
import { aFolder, cleanUp } from './helpers/test-library'

/** The server is killed with `kill -9` while all of its tasks work, and started again on what that left. */

const TOKEN = 'a-token-of-our-own'

jest.setTimeout(180_000)
afterEach(async () => {
  await killServers()
  await cleanUp()
})

async function start(env: NodeJS.ProcessEnv) {
  // Nobody is asked about updates.
  const server = startServer({ BUTLER_TOKEN: TOKEN, npm_config_registry: 'http://127.0.0.1:9/', ...env })
  return { server, client: new ButlerClient(await server.address(), TOKEN) }
}

/** Sees so many different steps of so many tasks. */
async function untilSteps(client: ButlerClient, count: number): Promise<void> {
  for (const seen = new Set<string>(); seen.size < count; await pause(3)) {
    const tasks = await client.list()
    for (const { name, progressMessage } of tasks) if (progressMessage) seen.add(`${name}: ${progressMessage}`)
    if (tasks.every(({ state }) => state === 'idle')) throw new Error(`All was done after ${seen.size} steps.`)
  }
}

/** Every picture can be read to its end. */
async function expectWholePictures(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true })
  for (const file of files.filter((name) => /\.(jpe?g|png|webp)$/.test(name))) {
    await sharp(join(folder, file), { failOn: 'warning' }).stats()
  }
}

test('killed at any moment it leaves no program behind and no half a file, and the next start does the rest', async () => {
  const env = { DATA_DIR: await aFolder(), MEDIA_DIR: await aFolder() }
  const { signal } = new AbortController()
  await makeSamples(env.MEDIA_DIR, { ffmpeg: findMediaTools().ffmpeg, signal, say: () => {} })

  for (const steps of [2, 4, 7, 11]) {
    const { server, client } = await start(env)
    for (const { name } of await client.list()) await client.call('POST', `/${name}`)
    await untilSteps(client, steps)
    server.kill('SIGKILL')
    await server.ended()
    while (processesWith(env.MEDIA_DIR).length > 0) await pause(5)
    await expectWholePictures(env.DATA_DIR)
  }

  const { server, client } = await start(env)
  for (const { name, outcome, error } of await client.runAll()) {
    expect([name, outcome, error]).toEqual([name, 'completed', null])
  }
  expect(await unfinishedIn(env.DATA_DIR)).toEqual([])
  // The database is backed up and optimised while others still write into it, so that takes another round or two.
  const changes = async () => (await client.runAll()).filter(({ result }) => !result.summary.startsWith('0 changed'))
  for (let round = 0; round < 3; round += 1) await changes()
  expect(await changes()).toEqual([])

  server.kill('SIGTERM')
  expect(await server.ended()).toBe(0)
  const { tasks } = JSON.parse(await readFile(join(env.DATA_DIR, 'butler.json'), 'utf8'))
  const outcomes = Object.values(tasks).flatMap((task) => (task as { runs: { outcome: string }[] }).runs)
  expect(outcomes.map(({ outcome }) => outcome)).toContain('interrupted')
})
