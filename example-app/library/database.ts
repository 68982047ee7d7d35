import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql'
import { codeOf } from './error-code'
import { schemaSteps } from './schema'

/** What can be bound to a statement. Nothing else: libsql ends the whole process when it is handed a boolean. */
export type Value = string | number | null

/** A question for many rows, which are asked for some at a time. */
export interface Pages<Row> {
  /** Takes the values, and then the key of the last row; gives the rows that follow it in the order of the key, at most a page of them. */
  sql: string
  values?: Value[]
  keyOf(row: Row): Value[]
  /** Before the first of all keys. */
  first: Value[]
}

/** Longest wait for others who write, and how often we look, in milliseconds. */
const LONGEST_WAIT = 5 * 60_000
const LOOK_EVERY = 50

/** Longest wait while it is opened, when nobody is kept from anything, in milliseconds. */
const OPENING_WAIT = 5_000

/**
 * The library database: SQLite, in one file. What it does here takes microseconds; statements that go through the whole file
 * belong in `runLongStatement`, and changes of thousands of rows at once in `runLongTransaction`.
 */
export class LibraryDatabase {
  readonly file: string
  readonly #connection: Database.Database

  /** Opens the database, makes it when there is none, and brings its schema up to date. Throws when the file is damaged. */
  constructor(file: string) {
    this.file = file
    this.#connection = new Database(file)
    // Another server may open it at the same moment.
    this.#connection.exec(`PRAGMA busy_timeout = ${OPENING_WAIT}`)
    // Readers and one writer at the same time; a crash loses at most what was written last, never the database.
    this.#connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON')
    this.#bringUpToDate()
    this.#connection.exec('PRAGMA busy_timeout = 0')
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#connection.prepare(sql).all(values) as Row[]
  }

  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    return this.all<Row>(sql, ...values)[0]
  }

  /** All rows, a page at a time: the server answers in between. Rows that come and go meanwhile do no harm. */
  async *each<Row>({ sql, values = [], keyOf, first }: Pages<Row>): AsyncGenerator<Row> {
    for (let key = first; ; ) {
      const rows = this.all<Row>(sql, ...values, ...key)
      yield* rows
      const last = rows.at(-1)
      if (last === undefined) return
      key = keyOf(last)
      await nextTurn()
    }
  }

  /**
   * Does all that `work` runs, or nothing of it. Lets the server answer first, so that one write after the other does no harm. While
   * somebody else writes (a VACUUM of ours, an operator's `sqlite3`) it waits its turn without holding up the server.
   */
  async write(signal: AbortSignal, work: (run: (sql: string, ...values: Value[]) => void) => void): Promise<void> {
    await nextTurn()
    for (let waited = 0; !this.#tryToBegin(waited); waited += LOOK_EVERY) {
      await sleep(LOOK_EVERY, undefined, { signal })
    }
    try {
      work((sql, ...values) => this.#connection.prepare(sql).run(values))
      this.#connection.exec('COMMIT')
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK')
      throw error
    }
  }

  /** Brings what the log holds into the file, so that a copy of the file alone is complete, and closes. */
  close(): void {
    if (!this.#connection.open) return
    this.#connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all()
    this.#connection.close()
  }

  #tryToBegin(waited: number): boolean {
    try {
      this.#connection.exec('BEGIN IMMEDIATE')
      return true
    } catch (error) {
      if (codeOf(error) !== 'SQLITE_BUSY' || waited >= LONGEST_WAIT) throw error
      return false
    }
  }

  #bringUpToDate(): void {
    if (this.#stepsTaken() >= schemaSteps.length) return
    this.#connection.exec('BEGIN IMMEDIATE')
    try {
      const steps = schemaSteps.slice(this.#stepsTaken())
      this.#connection.exec(`${steps.join(';')}; PRAGMA user_version = ${schemaSteps.length}; COMMIT`)
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK')
      throw error
    }
  }

  #stepsTaken(): number {
    return this.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
  }
}
