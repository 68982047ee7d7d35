import { execFileSync } from 'node:child_process'
import { readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleOf } from '../library/bundles'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { refreshLocalMedia } from '../tasks/RefreshLocalMedia'
import { contentsOf, unfinishedIn } from './helpers/files'
import {
  aLibraryWithSidecars,
  assetsOf,
  beside,
  chapters,
  copyOf,
  fractal,
  pitch,
  poster,
  put,
  putWithArt,
  quiet,
  refresh,
  rolesOf,
} from './helpers/local-media'
import { aScript, isAtWork } from './helpers/processes'
import { slowlyProbing } from './helpers/slow-tools'
import { stopOnce } from './helpers/stop'
import { aFolder, cleanUp, forgetSamples, inMedia } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)
afterAll(forgetSamples)

test('takes what lies beside a film: the picture into its bundle, what the .nfo says, what subtitles there are', async () => {
  const library = await aLibraryWithSidecars()
  const { result, messages, log } = await refresh(library)
  expect(result).toMatchObject({ changed: 6, failed: 0, problems: [], assets: 3 })
  expect(messages).toEqual(expect.arrayContaining([chapters, pitch]))
  expect(messages).not.toContain(fractal)
  expect(log).toEqual([
    '6 changed: films and music looked into; 3 pictures and texts found beside and inside them, 0 gone, 3 known; 0 unchanged, 0 failed',
  ])

  const [nfo, art, subtitle] = assetsOf(library, chapters)
  expect(nfo).toMatchObject({ role: 'nfo', copy: null, nfo: { about: 'movie', title: 'Chapters', year: 2024 } })
  expect(art).toMatchObject({ path: poster, role: 'poster', copy: 'local/poster.jpg' })
  expect(subtitle).toMatchObject({ role: 'subtitle', language: 'en', forced: true, sdh: false, copy: null })
  expect(await copyOf(library, chapters, 'poster.jpg')).toEqual(await readFile(inMedia(library, poster)))
  expect(assetsOf(library, quiet)).toEqual([])
})

test('changes nothing the second time, says so, and touches no file', async () => {
  const library = await aLibraryWithSidecars()
  await refresh(library)
  const copy = join(library.folders.metadata, bundleOf(chapters), 'local/poster.jpg')
  const [before, { mtimeMs, ino }] = [await contentsOf(library.folders.metadata), await stat(copy)]
  const tools = { ffmpeg: '/nowhere', ffprobe: '/nowhere' }
  const { result } = await refresh({ ...library, tools })
  expect(result).toMatchObject({ changed: 0, unchanged: 6, failed: 0 })
  expect(result.summary).toMatch(/^0 changed/)
  expect(await contentsOf(library.folders.metadata)).toEqual(before)
  expect(await stat(copy)).toMatchObject({ mtimeMs, ino })
})

test('only ever reads the media', async () => {
  const library = await aLibraryWithSidecars()
  const before = await contentsOf(library.folders.media)
  await refresh(library)
  expect(await contentsOf(library.folders.media)).toEqual(before)
})

test('what has gone is forgotten, with its copy; what is new or different is taken', async () => {
  const library = await aLibraryWithSidecars()
  await refresh(library)
  await rm(inMedia(library, poster))
  await put(library, beside(chapters, '.de.srt'), 'Morgen')
  await put(library, beside(chapters, '.nfo'), '<movie><title>Other</title></movie>')
  expect((await refresh(library)).result).toMatchObject({
    changed: 1,
    unchanged: 5,
    failed: 0,
    found: 2,
    gone: 1,
    assets: 3,
  })
  expect(rolesOf(library, chapters)).toEqual(['nfo', 'subtitle', 'subtitle'])
  expect(assetsOf(library, chapters)[0]?.nfo?.title).toBe('Other')
  expect(await readdir(join(library.folders.metadata, bundleOf(chapters), 'local'))).toEqual([])
})

test('a poster that becomes another kind of picture leaves no old copy behind', async () => {
  const library = await aLibraryWithSidecars()
  await refresh(library)
  const png = inMedia(library, beside(chapters, '-poster.png'))
  execFileSync(library.tools.ffmpeg, ['-v', 'error', '-i', inMedia(library, fractal), png])
  await rm(inMedia(library, poster))
  await refresh(library)
  expect(await readdir(join(library.folders.metadata, bundleOf(chapters), 'local'))).toEqual(['poster.png'])
})

test('a copy that has gone from the bundle is made again', async () => {
  const library = await aLibraryWithSidecars()
  await refresh(library)
  await rm(join(library.folders.metadata, bundleOf(chapters)), { recursive: true })
  expect((await refresh(library)).result).toMatchObject({ changed: 1, unchanged: 5 })
  expect(await copyOf(library, chapters, 'poster.jpg')).toEqual(await readFile(inMedia(library, poster)))
})

test('forgets nothing when the disk of the media is away', async () => {
  const library = await aLibraryWithSidecars()
  await refresh(library)
  const before = assetsOf(library, chapters)
  await rename(inMedia(library, 'Films'), inMedia(library, 'away'))
  expect((await refresh(library)).result).toMatchObject({ changed: 0, unchanged: 3, failed: 3 })
  expect(assetsOf(library, chapters)).toEqual(before)
})

test('a film that has changed is left to the scan, and then looked into again', async () => {
  const library = await aLibraryWithSidecars()
  await refresh(library)
  await utimes(inMedia(library, chapters), 1_700_000_000, 1_700_000_000)
  const problems = [{ item: chapters, reason: 'has changed since the last scan' }]
  expect((await refresh(library)).result).toMatchObject({ changed: 0, unchanged: 5, failed: 1, problems })
  await runTask(refreshLibraries(library))
  expect((await refresh(library)).result).toMatchObject({ changed: 1, unchanged: 5, failed: 0 })
})

test('a full disk ends the run, and leaves nothing half done', async () => {
  const library = await aLibraryWithSidecars()
  const places = {
    ...library.places,
    use: async () => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    },
  }
  await expect(refresh({ ...library, places: places as never })).rejects.toThrow('no space left')
  expect(await unfinishedIn(library.folders.data)).toEqual([])
  expect((await refresh(library)).result).toMatchObject({ changed: 6 })
})

test('a disk that ffmpeg finds full ends the run, and is no fault of the music', async () => {
  const library = await aLibraryWithSidecars()
  await putWithArt(library, pitch, 'Music/with art.mp3')
  await runTask(refreshLibraries(library))
  const full = await aScript(await aFolder(), 'ffmpeg', 'head -c 9 /dev/zero > /dev/full')
  const task = refreshLocalMedia({ ...library, tools: { ...library.tools, ffmpeg: full } })
  await expect(runTask(task)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await unfinishedIn(library.folders.data)).toEqual([])
  expect((await refresh(library)).result).toMatchObject({ failed: 0 })
})

test('a stop in the middle kills ffprobe, leaves nothing half done, and the next run goes on', async () => {
  const library = await aLibraryWithSidecars()
  const tools = await slowlyProbing(library, 'Pitch')
  const task = refreshLocalMedia({ ...library, tools })
  await stopOnce(
    () => isAtWork('sleep 60'),
    (signal) => runTask(task, { signal }),
  )
  expect(await unfinishedIn(library.folders.data)).toEqual([])

  const done = library.database.all('SELECT DISTINCT item_id FROM local_asset').length
  expect(done).toBeGreaterThan(0)
  expect((await refresh(library)).result).toMatchObject({ changed: 6 - done, unchanged: done })
})
