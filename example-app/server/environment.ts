import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { MaintenanceWindow } from 'express-butler'
import { foldersOf } from '../library/folders'
import { OperatorError } from '../library/operator-error'

/** What an operator decides, by environment variables. An empty one counts as not set. */
export interface Environment {
  port: number
  host: string
  /** `null`: one is made and kept. */
  token: string | null
  dataDir: string
  /** `null`: samples are made. */
  mediaDir: string | null
  /** What differs from the window in the code. */
  window: Partial<MaintenanceWindow>
  /** What several servers share, so that they are one Butler. `null`: this one is alone, and its Butler keeps a file. */
  redisUrl: string | null
  postgresUrl: string | null
}

/** Throws a `OperatorError` that tells everything that is wrong, and not only the first of it. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const findings: string[] = []
  const read = <Value>(
    name: string,
    otherwise: Value,
    understand: (text: string) => Value | undefined,
    hope: string,
  ) => {
    const text = env[name] ?? ''
    const value = text === '' ? otherwise : understand(text)
    if (value === undefined) findings.push(`${name} is ${JSON.stringify(text)}; expected ${hope}.`)
    return value ?? otherwise
  }
  const toPath = (text: string) => fromCaller(env, text)
  const toFolder = (text: string) => (isFolder(toPath(text)) ? toPath(text) : undefined)

  const environment: Environment = {
    port: read('PORT', 3000, toPort, 'a number from 0 (any free port) to 65535'),
    // Nobody but this machine may knock, unless somebody decides otherwise: a token in plain HTTP is no fence for an open network.
    host: read(
      'HOST',
      '127.0.0.1',
      (text) => text.trim() || undefined,
      'an address to listen on, such as 0.0.0.0 for all',
    ),
    token: read<string | null>('BUTLER_TOKEN', null, toToken, 'letters, digits and signs without spaces'),
    dataDir: readDataDir(env),
    mediaDir: read<string | null>('MEDIA_DIR', null, toFolder, 'a folder that exists'),
    window: read<Partial<MaintenanceWindow>>('BUTLER_WINDOW', {}, toWindow, 'two local times such as 02:00-05:00'),
    redisUrl: read<string | null>('BUTLER_REDIS_URL', null, toUrl('redis:', 'rediss:'), 'redis://host:port'),
    postgresUrl: read<string | null>(
      'BUTLER_POSTGRES_URL',
      null,
      toUrl('postgres:', 'postgresql:'),
      'postgres://user:password@host:port/database',
    ),
  }
  if (environment.redisUrl !== null && environment.postgresUrl !== null) {
    findings.push('BUTLER_REDIS_URL and BUTLER_POSTGRES_URL are both set; expected one of them.')
  }
  if (isWithin(environment.dataDir, environment.mediaDir)) {
    findings.push(
      `DATA_DIR is ${environment.dataDir}, inside of MEDIA_DIR; expected a folder outside: media are only read.`,
    )
  }
  if (environment.mediaDir !== null && keptIn(environment.dataDir).some((own) => isWithin(environment.mediaDir, own))) {
    findings.push(
      `MEDIA_DIR is ${environment.mediaDir}, where this server keeps, and removes, files of its own; expected another folder.`,
    )
  }
  if (findings.length > 0) throw new OperatorError(findings.join('\n'))
  return environment
}

/** Where everything is kept. A folder that need not exist yet. */
export function readDataDir(env: NodeJS.ProcessEnv): string {
  return env.DATA_DIR ? fromCaller(env, env.DATA_DIR) : resolve('data')
}

/** npm starts us in our own folder; a relative path means the folder in which npm was called. */
function fromCaller(env: NodeJS.ProcessEnv, path: string): string {
  return resolve(env.INIT_CWD ?? '', path)
}

function toPort(text: string): number | undefined {
  const port = Number(text)
  return /^\d+$/.test(text) && port <= 65_535 ? port : undefined
}

/** What fits into a header and into a URL without being changed on the way. */
function toToken(text: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(text) ? text : undefined
}

function toWindow(text: string): Partial<MaintenanceWindow> | undefined {
  const [, opensAt, closesAt] = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)$/.exec(text) ?? []
  return opensAt && closesAt ? { opensAt, closesAt } : undefined
}

function toUrl(...protocols: string[]): (text: string) => string | undefined {
  return (text) => (URL.canParse(text) && protocols.includes(new URL(text).protocol) ? text : undefined)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** The folders of DATA_DIR in which files come and go. */
function keptIn(dataDir: string): string[] {
  const { metadata, quarantine, cache, backups, setAside } = foldersOf(dataDir, null)
  return [metadata, quarantine, cache, backups, setAside]
}

/** Whether one folder is another or lies in it, whatever links lead there. */
function isWithin(path: string | null, folder: string | null): boolean {
  if (path === null || folder === null) return false
  const way = relative(realPathOf(folder), realPathOf(path))
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

/** Of what is not there yet: as far as it is. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path === dirname(path) ? path : join(realPathOf(dirname(path)), basename(path))
  }
}
