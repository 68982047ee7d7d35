import { OperatorError } from '../library/operator-error'

/** Runs a script. What its operator can mend is told in plain words, everything else as it is, and the exit code is 1. */
export function runScript(main: (args: string[]) => Promise<void>): void {
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof OperatorError ? error.message : error)
    process.exitCode = 1
  })
}
