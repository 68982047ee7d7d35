import Database from 'libsql'

/** Longest wait for others who write, in milliseconds. Waiting holds up nobody here. */
const LONGEST_WAIT = 60_000

/** Runs one statement and writes its rows as JSON: `node statement-process.js <database file> <sql> <values as JSON>`. */
function main([file = '', sql = '', values = '[]']: string[]): void {
  const database = new Database(file, { timeout: LONGEST_WAIT })
  process.stdout.write(JSON.stringify(database.prepare(sql).all(JSON.parse(values))))
}

try {
  main(process.argv.slice(2))
} catch (error) {
  const { code, message } = error as { code?: string; message: string }
  process.stderr.write(`${code ?? 'Error'}: ${message}`)
  process.exitCode = 1
}
