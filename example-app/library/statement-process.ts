import { endWith, openDatabase } from './process-database'

/** Runs one statement and writes its rows as JSON: `node statement-process.js <database file> <sql> <values as JSON>`. */
async function main([file = '', sql = '', values = '[]']: string[]): Promise<void> {
  const database = openDatabase(file)
  process.stdout.write(JSON.stringify(database.prepare(sql).all(JSON.parse(values))))
}

main(process.argv.slice(2)).catch(endWith)
