import type { ButlerErrorCode } from '../errors'

/** How far a chain of causes is followed. */
const DEEPEST = 5

const noRoom: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/**
 * What a client is told of an error of ours whose own message is for developers, because it may name files or hosts. `undefined`:
 * nothing more than the status.
 */
export function publicWords(code: ButlerErrorCode, error: unknown): string | undefined {
  if (code === 'BUTLER_UNAVAILABLE')
    return 'The Butler cannot reach what it works with, or had no answer in time. Try again later.'
  if (code === 'BUTLER_NOT_OPEN') return 'The Butler is not open yet, or has been closed. Try again later.'
  if (code === 'BUTLER_STORE_LOCKED') return "The Butler's memory is in use by another process."
  if (code !== 'BUTLER_STORE_FAILED') return undefined
  const reason = isFullDisk(error) ? ': there is no space left on its disk' : ''
  return `The Butler cannot write down what it does${reason}. The server's log says more.`
}

function isFullDisk(error: unknown): boolean {
  let link = error
  for (let depth = 0; depth < DEEPEST && typeof link === 'object' && link !== null; depth += 1) {
    const { code, cause } = link as { code?: unknown; cause?: unknown }
    if (noRoom.has(code)) return true
    link = cause
  }
  return false
}
