import type { OutgoingHttpHeaders } from 'node:http'
import { type Reply, sendTo } from '../../../__tests__/helpers/http'
import { ServerProcess } from './media-server'
import { aSlowPath } from './slow-tools'
import { aFolder, cleanUp } from './test-library'

/** What callers must know. */
export const TOKEN = 'a-token-of-our-own'

/** What a client asks with that wants JSON. */
export const json = { Accept: 'application/json', 'X-Plex-Token': TOKEN }

interface Told {
  ButlerTasks: { ButlerTask: { name: string; state: string }[] }
  MediaContainer: {
    Setting: { id: string; value: unknown; default: unknown; summary: string }[]
    Activity: { uuid: string; type: string; title: string; subtitle: string; progress: number; cancellable: boolean }[]
  }
}

/**
 * The server as it is started, for all tests of a file, and what it says of itself. Its window is closed, and its ffmpeg takes its
 * time.
 */
export function aServerForClients() {
  let server: ServerProcess
  let address: string
  let folder: string

  beforeAll(async () => {
    folder = await aFolder()
    server = new ServerProcess({
      BUTLER_TOKEN: TOKEN,
      DATA_DIR: folder,
      PATH: await aSlowPath(),
      TZ: 'UTC',
      BUTLER_WINDOW: closedWindow(),
    })
    address = await server.address()
  })

  afterAll(async () => {
    server.kill('SIGTERM')
    expect(await server.ended()).toBe(0)
    expect(server.log).not.toContain(TOKEN)
    await cleanUp()
  })

  /** Asks as it is written: no client tidies the path or adds headers. */
  function ask(line: string, headers: OutgoingHttpHeaders = {}): Promise<Reply> {
    return sendTo(Number(new URL(address).port), line, headers)
  }

  /** What it answers as JSON. */
  async function told(path: string): Promise<Told> {
    return JSON.parse((await ask(`GET ${path}`, json)).body)
  }

  /** The tasks that do something. */
  async function busy(): Promise<string[]> {
    const { ButlerTask } = (await told('/butler')).ButlerTasks
    return ButlerTask.filter(({ state }) => state !== 'idle').map(({ name }) => name)
  }

  /** What holds of each setting. */
  async function values(): Promise<Record<string, unknown>> {
    const { Setting } = (await told('/:/prefs')).MediaContainer
    return Object.fromEntries(Setting.map(({ id, value }) => [id, value]))
  }

  return { ask, told, busy, values, address: () => address, folder: () => folder }
}

/** A window far from now, that opens at half past. */
function closedWindow(): string {
  const hour = (ahead: number) => String((new Date().getUTCHours() + ahead) % 24).padStart(2, '0')
  return `${hour(8)}:30-${hour(10)}:00`
}
