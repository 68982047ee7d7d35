import { join } from 'node:path'
import { type Folders, foldersOf } from '../library/folders'
import { closeLibrary, type Library, openLibrary } from '../library/library'
import { makeDataFolder } from './data-folder'
import { type Environment, readEnvironment } from './environment'
import { createLogger } from './logger'
import { keepMachineIdentifier } from './plex'
import { queueFor } from './shared-queue'
import { keepToken } from './token'

/** Everything of the media server but the Butler and HTTP. */
export interface MediaServer extends Pick<Environment, 'host' | 'port' | 'window' | 'redisUrl' | 'postgresUrl'> {
  token: string
  machineIdentifier: string
  folders: Folders
  library: Library
  /** What this server shares with others; `null` when it is alone. */
  queue: ReturnType<typeof queueFor>
  logger: ReturnType<typeof createLogger>
  /** Aborts when the server closes. */
  signal: AbortSignal
  close(): Promise<void>
}

export async function openMediaServer(env: NodeJS.ProcessEnv): Promise<MediaServer> {
  const environment = readEnvironment(env)
  const { host, port, window, redisUrl, postgresUrl, dataDir, mediaDir, token } = environment
  await makeDataFolder(dataDir)
  const folders = foldersOf(dataDir, mediaDir)
  const queue = queueFor(environment)
  const library = await openLibrary(folders, { say: console.log, isShared: queue !== null })
  const closing = new AbortController()
  return {
    host,
    port,
    window,
    redisUrl,
    postgresUrl,
    folders,
    library,
    queue,
    machineIdentifier: await keepMachineIdentifier(join(dataDir, 'machine-identifier')),
    token: token ?? (await keepToken(join(dataDir, 'token'))),
    logger: createLogger(),
    signal: closing.signal,
    async close() {
      closing.abort()
      await closeLibrary(library)
    },
  }
}
