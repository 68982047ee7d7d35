/** A reason why a Redis does not fit, for the log. */
export interface Misfit {
  fields: Record<string, string>
  message: string
}

/** The oldest Redis on which our tests have been run. BullMQ recommends no older one, either. */
const OLDEST = [6, 2] as const

/** What speaks against a Redis, by what it answers to `INFO`. Where a hosted one leaves a line out, nothing does. */
export function misfitsOf(info: string): Misfit[] {
  const policy = lineOf(info, 'maxmemory_policy')
  const version = lineOf(info, 'redis_version')
  const misfits: Misfit[] = []
  if (policy !== undefined && policy !== 'noeviction') {
    const message = `Redis may throw away what the Butler remembers: its maxmemory-policy is ${policy}; set it to noeviction.`
    misfits.push({ fields: { policy }, message })
  }
  if (version !== undefined && isOlder(version)) {
    const message = `Redis ${version} is older than the shared queue has been tried on; expected ${OLDEST.join('.')} or newer. Update it.`
    misfits.push({ fields: { version }, message })
  }
  return misfits
}

function lineOf(info: string, key: string): string | undefined {
  return new RegExp(`^${key}:(\\S+)`, 'm').exec(info)?.[1]
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}
