import { OperatorError } from '../library/operator-error'

export type Closer = () => unknown

/** Takes what must be closed at the end. */
export type AtEnd = (close: Closer) => void

/** Signals so soon after the first, in milliseconds, are the same: npm hands on a Ctrl-C that we got from the terminal already. */
const SAME_SIGNAL_MS = 300

/** SIGHUP: somebody closed the terminal. */
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * Runs a server until a signal ends it: then closes, in reverse order, what `main` handed to `atEnd`, and exits with 0. A second
 * signal exits at once. When `main` fails, says why, closes what there is, and exits with 1.
 */
export function untilSignal(main: (atEnd: AtEnd) => Promise<void>): void {
  const closers: Closer[] = []
  let endingSince: number | null = null

  const end = async (exitCode: number) => {
    endingSince = Date.now()
    const failures = await closeAll(closers)
    process.exit(failures === 0 ? exitCode : 1)
  }
  const onSignal = () => {
    if (endingSince === null) void end(0)
    else if (Date.now() - endingSince > SAME_SIGNAL_MS) process.exit(1)
  }

  for (const signal of signals) process.on(signal, onSignal)
  main((close) => closers.push(close)).catch((error: unknown) => {
    // What is cut off by the end of the server has not failed.
    if (endingSince !== null) return
    complain(error)
    void end(1)
  })
}

async function closeAll(closers: Closer[]): Promise<number> {
  let failures = 0
  for (let close = closers.pop(); close; close = closers.pop()) {
    try {
      await close()
    } catch (error) {
      complain(error)
      failures += 1
    }
  }
  return failures
}

/** A line for what can be mended from outside, a stack for what cannot. */
function complain(error: unknown): void {
  const isForPeople = error instanceof OperatorError || (error instanceof Error && error.name === 'ButlerError')
  console.error(isForPeople ? error.message : error)
}
