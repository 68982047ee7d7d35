import { runProgram } from '../programs/program'
import type { Value } from './database'
import { envFor, programOf } from './long-statement'

/** A statement and what is bound to it. */
export type Step = readonly [sql: string, ...values: Value[]]

/**
 * Does all the steps, or nothing of them, in a process of its own, however long that takes: the server answers meanwhile. Others who
 * write wait their turn. A stop, or the end of the process, in the middle leaves the database as it was. Steps are taken one by one, as
 * the process comes to them; when making one throws, so does this.
 */
export async function runLongTransaction(
  signal: AbortSignal,
  databaseFile: string,
  steps: Iterable<Step>,
): Promise<void> {
  const args = [programOf('transaction-process'), databaseFile]
  await runProgram(process.execPath, args, { signal, env: envFor(databaseFile), input: linesOf(steps) })
}

/** The last line is the decision: whoever reads an end without it has lost us. */
function* linesOf(steps: Iterable<Step>): Generator<string> {
  for (const step of steps) yield `${JSON.stringify(step)}\n`
  yield '"commit"\n'
}
