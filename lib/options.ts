import { ButlerError, type ButlerErrorCode, shown } from './errors'

/**
 * Refuses what is no object and what has members nobody reads: a misspelt option must fail when it is written, not be ignored
 * at three in the morning.
 */
export function checkMembers(
  subject: string,
  value: unknown,
  known: readonly string[],
  code: ButlerErrorCode = 'BUTLER_INVALID_OPTIONS',
): void {
  if (!isObject(value)) {
    throw new ButlerError(code, `${subject} is ${shown(value)}; expected an object with ${known.join(', ')}.`)
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new ButlerError(
        code,
        `${subject} has ${shown(key)}, which nothing reads; expected only ${known.join(', ')}.`,
      )
    }
  }
}

/** Refuses a request: it comes where a function was mounted that makes what is to be mounted. `call`: how that is written. */
export function refuseRequest(subject: string, value: unknown, call: string): void {
  const { method, url, headers } = Object(value) as { method?: unknown; url?: unknown; headers?: unknown }
  if (typeof method !== 'string' || typeof url !== 'string' || !isObject(headers)) return
  throw new ButlerError(
    'BUTLER_INVALID_OPTIONS',
    `${subject} is a request; expected to be called when the server starts, because it makes what is mounted: app.use(${call}).`,
  )
}

/** Refuses a value that does not hold, naming it, what came and what was expected. */
export function expectThat(
  holds: boolean,
  subject: string,
  value: unknown,
  expected: string,
  code: ButlerErrorCode = 'BUTLER_INVALID_OPTIONS',
): void {
  if (!holds) throw new ButlerError(code, `${subject} is ${shown(value)}; expected ${expected}.`)
}

/** Whether a value is an object, and no list. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is an object that has all of these functions, be they its own or those of its class. */
export function hasMethods(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof Reflect.get(value, name) === 'function')
}

/** Whether a value is a length of time in milliseconds, or `null` for none. */
export function isDuration(value: unknown): boolean {
  return value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0)
}

/** Whether a value is a time limit in milliseconds that lets anything happen at all, or `null` for none. */
export function isTimeout(value: unknown): boolean {
  return isDuration(value) && value !== 0
}
