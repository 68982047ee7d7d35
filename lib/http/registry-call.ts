import type { HttpError } from 'http-errors'
import { ButlerError } from '../errors'
import { toHttpError } from './errors'
import type { RouterSettings } from './router-options'
import type { Waiter } from './waiter'

/** One call of the registry on behalf of one request. */
export interface RegistryCall {
  /** How messages name it: `registry.start("BackupDatabase")`. */
  asked: string
  call(): unknown
  /** Takes what the registry resolved with. What this throws goes to `fail`. */
  answer(value: unknown): void
  fail(error: HttpError): void
  /** Is told how the waiting ends. Default: nobody needs to know. */
  waiter?: Waiter
}

/**
 * Calls the registry once, and then `answer` or `fail` once, whatever the registry does: throw, reject with anything, be silent
 * for longer than `registryTimeoutMs` (503), or answer after that (nobody hears it). Never throws and leaves no rejection behind.
 */
export function callRegistry(
  { asked, call, answer, fail, waiter }: RegistryCall,
  { registryTimeoutMs, clock }: Pick<RouterSettings, 'registryTimeoutMs' | 'clock'>,
): void {
  let isOpen = true
  const cancel = registryTimeoutMs === null ? undefined : clock.callAfter(registryTimeoutMs, silent)

  function close(): boolean {
    const wasOpen = isOpen
    isOpen = false
    cancel?.()
    waiter?.answered()
    return wasOpen
  }

  function answered(value: unknown): void {
    if (!close()) return
    try {
      answer(value)
    } catch (thrown) {
      fail(toHttpError(thrown, asked))
    }
  }

  function failed(thrown: unknown): void {
    if (close()) fail(toHttpError(thrown, asked))
  }

  function silent(): void {
    waiter?.giveUp()
    // One that was waiting for a task to end may now say that it is stopping, which is more than we know.
    setImmediate(() => failed(silence(asked, registryTimeoutMs)))
  }

  try {
    Promise.resolve(call()).then(answered, failed)
  } catch (thrown) {
    failed(thrown)
  }
}

function silence(asked: string, timeoutMs: number | null): ButlerError {
  const wayOut =
    'If it needs longer, raise `registryTimeoutMs`; a stop may take as long as the registry grants the task.'
  return new ButlerError('BUTLER_UNAVAILABLE', `${asked} has not answered within ${timeoutMs} ms. ${wayOut}`)
}
