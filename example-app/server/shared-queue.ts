import { createPostgresBackend } from 'bullmq'
import type { Butler } from 'express-butler'
import { bullmqQueue } from 'express-butler/bullmq'
import { OperatorError } from '../library/operator-error'
import type { Environment } from './environment'

/** Where an operator says that servers share a queue. */
type Place = Pick<Environment, 'redisUrl' | 'postgresUrl'>

/** The queue that several servers share, if an operator named a database for it. */
export function queueFor({ redisUrl, postgresUrl }: Place) {
  if (redisUrl !== null) return bullmqQueue({ connection: { url: redisUrl }, prefix: 'media' })
  if (postgresUrl === null) return null
  const connection = { connectionString: postgresUrl, migrate: true, max: 3 }
  return bullmqQueue({ connection, backendFactory: createPostgresBackend, prefix: 'media' })
}

/** Opens the Butler. Where its database cannot be used, says which variable leads there. */
export async function openButler(butler: Butler, { redisUrl, postgresUrl }: Place): Promise<void> {
  const variable = redisUrl !== null ? 'BUTLER_REDIS_URL' : postgresUrl !== null ? 'BUTLER_POSTGRES_URL' : null
  try {
    await butler.open()
  } catch (error) {
    const { code, message } = Object(error) as { code?: unknown; message?: string }
    if (variable === null || code !== 'BUTLER_UNAVAILABLE') throw error
    throw new OperatorError(`${variable} leads to no database that can be used. ${message}`)
  }
}
