import type { Statement } from 'libsql'
import { endWith, openDatabase } from './process-database'

/**
 * Runs statements in one transaction: `node transaction-process.js <database file>`, with a line of JSON each on standard input,
 * `[sql, ...values]`, and `"commit"` at the end. Without that line nothing is changed.
 */
async function main([file = '']: string[]): Promise<void> {
  const database = openDatabase(file)
  const statements = new Map<string, Statement>()
  database.exec('BEGIN IMMEDIATE')
  for await (const line of linesOf(process.stdin)) {
    const step: unknown = JSON.parse(line)
    if (step === 'commit') {
      database.exec('COMMIT')
      return
    }
    const [sql, ...values] = step as [string, ...unknown[]]
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    statement.run(values)
  }
  throw new Error('the steps ended before the one that decides; nothing was changed')
}

/** Divided at line feeds alone: JSON may hold other characters that some take for the end of a line. */
async function* linesOf(input: NodeJS.ReadStream): AsyncGenerator<string> {
  let rest = ''
  for await (const text of input.setEncoding('utf8')) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

main(process.argv.slice(2)).catch(endWith)
