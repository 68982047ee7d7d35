import { createPostgresBackend } from 'bullmq'
import { bullmqQueue } from 'express-butler/bullmq'
import type { Environment } from './environment'

/** The queue that several servers share, if an operator named a database for it. */
export function queueFor({ redisUrl, postgresUrl }: Pick<Environment, 'redisUrl' | 'postgresUrl'>) {
  if (redisUrl !== null) return bullmqQueue({ connection: { url: redisUrl }, prefix: 'media' })
  if (postgresUrl === null) return null
  const connection = { connectionString: postgresUrl, migrate: true, max: 3 }
  return bullmqQueue({ connection, backendFactory: createPostgresBackend, prefix: 'media' })
}
