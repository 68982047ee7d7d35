import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Folders, foldersOf } from '../../library/folders'
import { closeLibrary, type Library, openLibrary } from '../../library/library'
import { backupDatabase } from '../../tasks/BackupDatabase'
import { addItems } from './rows'
import { aFolder, aLibrary } from './test-library'
import { runTask } from './test-run'

/** The folder of the project. */
export const project = join(__dirname, '../../..')
const program = join(project, 'example-app/dist/scripts/restore.js')
const opened: Library[] = []
const running: ChildProcess[] = []

/** After each test. */
export async function endRestoring(): Promise<void> {
  while (opened.length > 0) await closeLast()
  for (const child of running.splice(0)) child.kill('SIGKILL')
}

async function run(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn(file, args, { cwd, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } })
  running.push(child)
  const [said, complained, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { said, complained, exitCode }
}

/** Calls the script as a person does, from the folder of the project unless it is another. */
export const npmRunRestore = (args: readonly string[], { data }: Folders, cwd = project) =>
  run('npm', ['run', 'restore', '--', ...args], cwd, { DATA_DIR: data })

/** The same without npm. */
export const restore = (args: readonly string[], { data }: Pick<Folders, 'data'>, env: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, [program, ...args], project, { DATA_DIR: data, ...env })

/** A library that `endRestoring` closes. */
export async function open(folders: Folders, options?: { isShared: boolean }): Promise<Library> {
  const library = await openLibrary(folders, options)
  opened.push(library)
  return library
}

/** Closes what was opened last. */
export async function closeLast(): Promise<void> {
  const library = opened.pop()
  if (library) await closeLibrary(library)
}

/** Late on a day. */
export const on = (year: number, month: number, date: number) => () => new Date(year, month - 1, date, 23, 30)

/** The same in a place where no connection of this process ever was: libsql may close one late, and then removes its log. */
export async function elsewhere(from: Folders): Promise<Folders> {
  const folders = foldersOf(join(await aFolder(), 'data'), from.media)
  await cp(from.data, folders.data, { recursive: true, filter: (file) => !file.endsWith('-shm') })
  return folders
}

/** What a server left that was killed: 25 items, the latest only in the log, and a backup from when there were five. */
export async function aLibraryWithBackup() {
  const library = await aLibrary({ now: on(2026, 3, 9) })
  await addItems(library, 5)
  await runTask(backupDatabase(library))
  await addMore(library, 20)
  return { folders: await elsewhere(library.folders) }
}

/** Adds items that no backup has. */
export async function addMore({ database }: Library, count: number): Promise<void> {
  await database.write(new AbortController().signal, (add) => {
    for (let number = 1; number <= count; number += 1) {
      add(`INSERT INTO item (path, kind, size, mtime_ms, title) VALUES ('Later/${number}.mp4', 'video', 1, 1, 'later')`)
    }
  })
}
