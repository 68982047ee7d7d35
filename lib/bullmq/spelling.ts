import { ButlerError, shown } from '../errors'

/** What somebody writes who has another client in mind, and what the database's own client reads. */
type Spellings = Readonly<Record<string, string>>

/** What ioredis and BullMQ read of where Redis is, and as whom to come. Whatever else there is, is theirs to know. */
const ofRedis: Spellings = {
  ...asTheyAre('url', 'host', 'port', 'path', 'username', 'password', 'db', 'tls', 'family', 'sentinels'),
  uri: '"url"',
  hostname: '"host"',
  user: '"username"',
  pass: '"password"',
  database: '"db"',
  socket: '"host" and "port"',
}

/** The same of node-postgres. */
const ofPostgres: Spellings = {
  ...asTheyAre('connectionString', 'host', 'port', 'user', 'password', 'database', 'ssl'),
  url: '"connectionString"',
  uri: '"connectionString"',
  hostname: '"host"',
  username: '"user"',
  pass: '"password"',
  db: '"database"',
}

const toPostgres = /^postgres(ql)?:/i
const choosePostgres = 'expected backendFactory: createPostgresBackend (of bullmq) beside it'

/**
 * Refuses a connection that would be opened to another place than somebody means, because what says where is not read: both clients then
 * take the machine at hand. A client that is made already is taken as it is. Throws `BUTLER_INVALID_OPTIONS`.
 */
export function checkSpelling(subject: string, connection: unknown, database: 'redis' | 'postgres'): void {
  const other = whatElse(connection)
  if (other !== undefined) refuse(`${subject} is ${other}`)
  if (connection instanceof URL) refuse(`${subject} is a URL; expected its text: { ${textIn[database]} }`)
  if (database === 'redis' && leadsToPostgres(connection)) refuse(`${subject} leads to PostgreSQL; ${choosePostgres}`)
  if (typeof connection !== 'object' || connection === null || isClient(connection)) return
  if (database === 'redis' && 'connectionString' in connection) {
    refuse(`${subject} has "connectionString", which Redis does not read; ${choosePostgres}`)
  }
  const spellings = database === 'redis' ? ofRedis : ofPostgres
  for (const key of Object.keys(connection)) {
    const meant = meaningOf(key, spellings)
    if (meant !== undefined) refuse(`${subject} has ${shown(key)}, which nothing reads; expected ${meant}`)
  }
}

/** What came in place of a connection, and the way out; `undefined`: nothing of the kind. */
function whatElse(connection: unknown): string | undefined {
  if (Array.isArray(connection)) return 'an array; expected one connection (of a cluster: its client)'
  const { then, waitUntilReady } = Object(connection) as Record<string, unknown>
  if (typeof then === 'function') return 'a promise; expected its value: await it'
  if (typeof waitUntilReady !== 'function') return undefined
  return `a ${(connection as object).constructor.name} of BullMQ; expected what that was given for a connection`
}

const textIn = { redis: 'url: url.href', postgres: 'connectionString: url.href' }

function asTheyAre(...names: readonly string[]): Spellings {
  return Object.fromEntries(names.map((name) => [name, shown(name)]))
}

/** `undefined`: it is right, or nothing that we know. */
function meaningOf(key: string, spellings: Spellings): string | undefined {
  const [, meant] = Object.entries(spellings).find(([name]) => name.toLowerCase() === key.toLowerCase()) ?? []
  return meant === shown(key) ? undefined : meant
}

function leadsToPostgres(connection: unknown): boolean {
  const url = typeof connection === 'string' ? connection : (Object(connection) as { url?: unknown }).url
  return typeof url === 'string' && toPostgres.test(url)
}

/** A client of Redis can be copied, a pool of node-postgres connects. */
function isClient(connection: object): boolean {
  const { duplicate, connect } = connection as { duplicate?: unknown; connect?: unknown }
  return typeof duplicate === 'function' || typeof connect === 'function'
}

function refuse(message: string): never {
  throw new ButlerError('BUTLER_INVALID_OPTIONS', `${message}.`)
}
