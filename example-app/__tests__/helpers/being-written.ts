import Database from 'libsql'
import type { LibraryDatabase } from '../../library/database'
import { codeOf } from '../../library/error-code'

/** Whether somebody else is in the middle of changing the database. */
export function isBeingWritten({ file }: LibraryDatabase): boolean {
  const other = new Database(file)
  try {
    other.exec('BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch (error) {
    if (codeOf(error) !== 'SQLITE_BUSY') throw error
    return true
  } finally {
    other.close()
  }
}
