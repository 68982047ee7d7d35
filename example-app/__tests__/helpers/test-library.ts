import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { foldersOf } from '../../library/folders'
import { closeLibrary, type Library, openLibrary } from '../../library/library'
import { bareSamples, makeSamples } from '../../media/samples'
import { findMediaTools } from '../../media/tools'
import { restLauncher } from '../../programs/program'
import { refreshLibraries } from '../../tasks/RefreshLibraries'
import { runTask } from './test-run'

// Real programs on a machine that may be busy with other things.
jest.setTimeout(60_000)
// The next file of tests may look for processes that are left.
afterAll(restLauncher)

const folders: string[] = []
const libraries: Library[] = []
let samples: Promise<string> | undefined
let scanned: Promise<string> | undefined

/** A folder that `cleanUp` takes away. */
export async function aFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'example-app-')))
  folders.push(folder)
  return folder
}

/** Long statements run in a process of their own, which is compiled also when the tests are not. */
function expectCompiled(): void {
  if (existsSync(join(__dirname, '../../dist/library/statement-process.js'))) return
  throw new Error('The example is not compiled: npm run build -w example-app')
}

/** An empty library in a folder of its own, with an empty media folder beside it, and whatever a test wants otherwise. */
export async function aLibrary(otherwise: Partial<Library> = {}): Promise<Library> {
  expectCompiled()
  const folder = await aFolder()
  const media = join(folder, 'media')
  await mkdir(media)
  const library = await openLibrary(foldersOf(join(folder, 'data'), media))
  libraries.push(library)
  return { ...library, ...otherwise }
}

/** A library whose media folder holds the nine samples with nothing beside them. They are made once for each test file. */
export async function aSampleLibrary(otherwise: Partial<Library> = {}): Promise<Library> {
  samples ??= makeOnce()
  const library = await aLibrary(otherwise)
  await cp(await samples, library.folders.media, { recursive: true, preserveTimestamps: true })
  return library
}

/** Where a file of the media folder lies. */
export function inMedia({ folders }: Library, path: string): string {
  return join(folders.media, path)
}

/** A library of those nine that knows them. They are scanned once for each test file. */
export async function aScannedLibrary(otherwise: Partial<Library> = {}): Promise<Library> {
  scanned ??= scanOnce()
  const folder = await aFolder()
  // libsql may close what scanned it late, and then takes these away; they hold nothing.
  const filter = (file: string) => !/-(wal|shm)$/.test(file)
  await cp(await scanned, folder, { recursive: true, preserveTimestamps: true, filter })
  const library = await openLibrary(foldersOf(join(folder, 'data'), join(folder, 'media')))
  libraries.push(library)
  return { ...library, ...otherwise }
}

async function scanOnce(): Promise<string> {
  expectCompiled()
  samples ??= makeOnce()
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'example-app-scanned-')))
  const media = join(folder, 'media')
  await cp(await samples, media, { recursive: true, preserveTimestamps: true })
  const library = await openLibrary(foldersOf(join(folder, 'data'), media))
  await runTask(refreshLibraries(library))
  await closeLibrary(library)
  return folder
}

async function makeOnce(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'example-app-samples-')))
  const { signal } = new AbortController()
  await makeSamples(folder, { ffmpeg: findMediaTools().ffmpeg, signal, say: () => {} }, bareSamples)
  return folder
}

/** After each test. */
export async function cleanUp(): Promise<void> {
  for (const library of libraries.splice(0)) await closeLibrary(library)
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
}

/** After all tests of a file. */
export async function forgetSamples(): Promise<void> {
  for (const folder of [samples, scanned]) {
    if (folder) await rm(await folder, { recursive: true, force: true })
  }
}
