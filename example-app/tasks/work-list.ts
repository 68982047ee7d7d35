import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TaskContext } from 'express-butler'
import { reasonOf } from '../media/walk'

/** What a task needs of its context to work through a list. */
export type WorkContext = Pick<TaskContext, 'signal' | 'progress' | 'log'>

export interface Problem {
  item: string
  reason: string
}

/** What working through a list came to. */
export interface WorkReport {
  changed: number
  unchanged: number
  /** How many items could not be worked on. */
  failed: number
  /** Which, and why: as many as are worth keeping with a run. */
  problems: Problem[]
}

export interface Work<Item> {
  nameOf(item: Item): string
  /** Works on one item; resolves with whether that changed anything. What it rejects with is the item's problem. */
  work(item: Item): Promise<boolean>
}

/**
 * Works through a list item by item, and says which one it is at. A bad item is counted and named, and the rest goes on. Rejects
 * when the signal aborts, and for what would go wrong with every item.
 */
export async function workThrough<Item>(
  { signal, progress, log }: WorkContext,
  items: readonly Item[],
  { nameOf, work }: Work<Item>,
): Promise<WorkReport> {
  const report: WorkReport = { changed: 0, unchanged: 0, failed: 0, problems: [] }
  for (const [done, item] of items.entries()) {
    // Looking at an item that needs no work takes no waiting; the server must answer in between all the same.
    await nextTurn()
    signal.throwIfAborted()
    progress(done / items.length, nameOf(item))
    try {
      if (await work(item)) report.changed += 1
      else report.unchanged += 1
    } catch (error) {
      signal.throwIfAborted()
      if (isOurs(error)) throw error
      addProblem(report, { item: nameOf(item), reason: reasonOf(error) }, log)
    }
  }
  return report
}

/** All names and reasons together, in characters of JSON. A run keeps a result of 10 000 at most. */
const MOST_TOLD = 5_000

/** How many those of a report have come to: counted once, because thousands of files may have a problem. */
const told = new WeakMap<readonly Problem[], number>()

/** The log of a run keeps a hundred lines. */
const MOST_LOGGED = 90

/** What a report has no room for is told to the run's log, as far as there is room. */
export function addProblem(report: WorkReport, problem: Problem, log: WorkContext['log']): void {
  report.failed += 1
  const characters = (told.get(report.problems) ?? 0) + JSON.stringify(problem).length + 1
  if (characters > MOST_TOLD) {
    const logged = report.failed - report.problems.length
    if (logged <= MOST_LOGGED) log(`${problem.item}: ${problem.reason}`)
    return
  }
  told.set(report.problems, characters)
  report.problems.push(problem)
}

/** What is wrong with our own database, disk or programs, and not with an item. */
export function isOurs(error: unknown): boolean {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException
  return /^(SQLITE_|ENOSPC|EDQUOT|EROFS|EMFILE|ENFILE)/.test(code) || syscall.startsWith('spawn')
}

/** The report with one line that says it all, which also goes into the run's log. */
export function conclude<Report extends object>({ log, progress }: WorkContext, summary: string, report: Report) {
  log(summary)
  progress(1, summary)
  return { summary, ...report }
}
