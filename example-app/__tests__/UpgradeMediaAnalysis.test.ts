import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'libsql'
import { bundleOf } from '../library/bundles'
import { LibraryDatabase } from '../library/database'
import { findItem } from '../library/items'
import type { Library } from '../library/library'
import { schemaSteps } from '../library/schema'
import { probeVersion } from '../media/probe'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { upgradeMediaAnalysis } from '../tasks/UpgradeMediaAnalysis'
import { contentsOf, unfinishedIn } from './helpers/files'
import { isAtWork } from './helpers/processes'
import { slowlyProbing } from './helpers/slow-tools'
import { stopOnce } from './helpers/stop'
import { aFolder, aSampleLibrary, cleanUp, forgetSamples, inMedia } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)
afterAll(forgetSamples)

const chapters = 'Films/Three Chapters (2024).mp4'
const quiet = 'Films/A Quiet Moment (2022).mkv'
const pitch = 'Music/The Sine Waves/Pure Tones/01 Concert Pitch.mp3'
const fractal = 'Photos/2024/Fractal.jpg'

const upgrade = (library: Library) => runTask(upgradeMediaAnalysis(library))
const oldIn = ({ database }: Library) => database.all(`SELECT 1 FROM item WHERE probe_version < ${probeVersion}`).length
const technical = 'container, video_codec, audio_codec, round(frame_rate, 2) AS frame_rate, channels, chapters'
const technicalOf = ({ database }: Library, path: string) =>
  database.get(`SELECT ${technical} FROM item WHERE path = ?`, path)

/** As an earlier version of the example left it: scanned, and nothing known of what the probe keeps since. */
async function anOldLibrary(): Promise<Library> {
  const library = await aSampleLibrary()
  await runTask(refreshLibraries(library))
  await forgetIn(library)
  return library
}

async function forgetIn({ database }: Library): Promise<void> {
  const columns = 'container, video_codec, audio_codec, bit_rate, frame_rate, channels, chapters'.split(', ')
  const nothing = columns.map((column) => `${column} = NULL`).join(', ')
  await database.write(new AbortController().signal, (run) => run(`UPDATE item SET probe_version = 1, ${nothing}`))
}

test('a scan writes what the probe of today keeps, so there is nothing to upgrade', async () => {
  const library = await aSampleLibrary()
  await runTask(refreshLibraries(library))
  expect(technicalOf(library, chapters)).toMatchObject({ video_codec: 'h264', audio_codec: 'aac', chapters: 3 })
  const { result } = await upgrade(library)
  expect(result).toMatchObject({ changed: 0, unchanged: 9, failed: 0 })
})

test('fills in what an older probe did not keep, as ffprobe itself tells it', async () => {
  const library = await anOldLibrary()
  await rm(join(library.folders.metadata, bundleOf(chapters)), { recursive: true })
  const { result, messages, log } = await upgrade(library)
  expect(result).toMatchObject({ changed: 9, unchanged: 0, failed: 0, version: probeVersion })
  expect(messages).toEqual(expect.arrayContaining([chapters, pitch, fractal]))
  expect(log).toEqual([result.summary])
  expect(oldIn(library)).toBe(0)

  const mp4 = { container: 'mov,mp4,m4a,3gp,3g2,mj2', video_codec: 'h264', audio_codec: 'aac' }
  expect(technicalOf(library, chapters)).toEqual({ ...mp4, frame_rate: 24, channels: 1, chapters: 3 })
  const mp3 = { container: 'mp3', video_codec: null, audio_codec: 'mp3' }
  expect(technicalOf(library, pitch)).toEqual({ ...mp3, frame_rate: null, channels: 1, chapters: 0 })
  const jpeg = { video_codec: 'mjpeg', audio_codec: null, frame_rate: null, channels: null, chapters: 0 }
  expect(technicalOf(library, fractal)).toMatchObject(jpeg)

  const args = ['-v', 'error', '-show_entries', 'format=bit_rate', '-of', 'csv=p=0', inMedia(library, quiet)]
  const bitRate = Number(execFileSync(library.tools.ffprobe, args, { encoding: 'utf8' }))
  expect(library.database.get('SELECT bit_rate FROM item WHERE path = ?', quiet)).toEqual({ bit_rate: bitRate })

  const report = await readFile(join(library.folders.metadata, bundleOf(chapters), 'probe.json'), 'utf8')
  expect(JSON.parse(report).chapters).toHaveLength(3)
})

test('leaves items as they were otherwise: their number, their words, what is not older', async () => {
  const library = await anOldLibrary()
  const { database } = library
  await database.write(new AbortController().signal, (run) => {
    run(`UPDATE item SET probe_version = ${probeVersion}, title = 'by hand' WHERE path = ?`, pitch)
  })
  const ids = database.all('SELECT id, path, size, mtime_ms FROM item ORDER BY id')
  expect((await upgrade(library)).result).toMatchObject({ changed: 8, unchanged: 1 })
  expect(database.all('SELECT id, path, size, mtime_ms FROM item ORDER BY id')).toEqual(ids)
  expect(findItem(database, pitch)?.title).toBe('by hand')
  expect(database.all('SELECT title FROM item_search WHERE item_search MATCH ?', 'octave')).toHaveLength(1)
})

test('changes nothing the second time, and says so', async () => {
  const library = await anOldLibrary()
  await upgrade(library)
  const before = await contentsOf(library.folders.metadata)
  const { result } = await upgrade(library)
  expect(result).toMatchObject({ changed: 0, unchanged: 9, failed: 0 })
  expect(result.summary).toMatch(/^0 changed/)
  expect(await contentsOf(library.folders.metadata)).toEqual(before)
})

test('a database of the time before gets its columns, and its items are the older ones', async () => {
  const file = join(await aFolder(), 'library.db')
  const old = new Database(file)
  for (const step of schemaSteps.slice(0, 2)) old.exec(step)
  old.exec(
    `INSERT INTO item (path, kind, size, mtime_ms, title) VALUES ('a.mp4', 'video', 1, 1, 'A'); PRAGMA user_version = 2`,
  )
  old.close()
  const database = new LibraryDatabase(file)
  expect(findItem(database, 'a.mp4')).toMatchObject({ title: 'A', probeVersion: 1 })
  database.close()
})

test('a file that cannot be probed any more is named each time, and keeps what is known of it', async () => {
  const library = await anOldLibrary()
  const { size, mtime } = await stat(inMedia(library, quiet))
  await writeFile(inMedia(library, quiet), Buffer.alloc(size))
  await utimes(inMedia(library, quiet), mtime, mtime)
  const before = findItem(library.database, quiet)
  const { result } = await upgrade(library)
  expect(result).toMatchObject({ changed: 8, unchanged: 0, failed: 1, problems: [{ item: quiet }] })
  expect(findItem(library.database, quiet)).toEqual(before)
  expect((await upgrade(library)).result).toMatchObject({
    changed: 0,
    unchanged: 8,
    failed: 1,
    problems: [{ item: quiet }],
  })
})

test('what the scan found to be no media stays with the scan', async () => {
  const library = await aSampleLibrary()
  await writeFile(inMedia(library, 'Films/text.mp4'), 'once upon a time')
  await runTask(refreshLibraries(library))
  await forgetIn(library)
  expect((await upgrade(library)).result).toMatchObject({ changed: 9, failed: 0 })
})

test.each([
  ['disappears', (file: string) => rmSync(file), /no longer there/],
  ['changes', (file: string) => writeFileSync(file, 'something else'), /changed since the last scan/],
])('a file that %s is left to the scan', async (_, act, reason) => {
  const library = await anOldLibrary()
  const before = findItem(library.database, quiet)
  const { result } = await runTask(upgradeMediaAnalysis(library), {
    onProgress: (message) => {
      if (message === quiet) act(inMedia(library, quiet))
    },
  })
  const problems = [{ item: quiet, reason: expect.stringMatching(reason) }]
  expect(result).toMatchObject({ changed: 8, failed: 1, problems })
  expect(findItem(library.database, quiet)).toEqual(before)
})

test('a stop in the middle kills ffprobe, and the next run goes on with what is left', async () => {
  const library = await anOldLibrary()
  const tools = await slowlyProbing(library, 'Pink')
  const task = upgradeMediaAnalysis({ ...library, tools })
  await stopOnce(
    () => isAtWork('sleep 60'),
    (signal) => runTask(task, { signal }),
  )
  expect(await unfinishedIn(library.folders.data)).toEqual([])

  const left = oldIn(library)
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThan(9)
  expect((await upgrade(library)).result).toMatchObject({ changed: left, unchanged: 9 - left })
})

test('a missing ffprobe ends the run: it is no fault of the items', async () => {
  const library = await anOldLibrary()
  const tools = { ...library.tools, ffprobe: '/nowhere/ffprobe' }
  await expect(upgrade({ ...library, tools })).rejects.toThrow('spawn /nowhere/ffprobe ENOENT')
  expect(oldIn(library)).toBe(9)
})
