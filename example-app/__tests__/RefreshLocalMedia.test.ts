import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bundleOf } from '../library/bundles'
import { findItem } from '../library/items'
import type { Library } from '../library/library'
import { localAssetsOf } from '../library/local-assets'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { refreshLocalMedia } from '../tasks/RefreshLocalMedia'
import { contentsOf, unfinishedIn } from './helpers/files'
import { aScript, isAtWork } from './helpers/processes'
import { slowlyProbing } from './helpers/slow-tools'
import { makeSong, putId3 } from './helpers/songs'
import { stopOnce } from './helpers/stop'
import { aFolder, aLibrary, aSampleLibrary, cleanUp, forgetSamples, inMedia } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)
afterAll(forgetSamples)

const chapters = 'Films/Three Chapters (2024).mp4'
const quiet = 'Films/A Quiet Moment (2022).mkv'
const pitch = 'Music/The Sine Waves/Pure Tones/01 Concert Pitch.mp3'
const octave = 'Music/The Sine Waves/Pure Tones/02 An Octave Below.flac'
const fractal = 'Photos/2024/Fractal.jpg'
const beside = (path: string, end: string) => path.replace(/\.\w+$/, end)
const poster = beside(chapters, '-poster.jpg')

const refresh = (library: Library) => runTask(refreshLocalMedia(library))

async function put(library: Library, path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(inMedia(library, path)), { recursive: true })
  await writeFile(inMedia(library, path), content)
}

/** A library that has been scanned, with a poster, subtitles and a .nfo beside a film. */
async function aLibraryWithSidecars(): Promise<Library> {
  const library = await aSampleLibrary()
  await put(library, poster, await readFile(inMedia(library, fractal)))
  await put(library, beside(chapters, '.en.forced.srt'), '1\n00:00:00,000 --> 00:00:01,000\nMorning\n')
  await put(library, beside(chapters, '.nfo'), '<movie><title>Chapters</title><year>2024</year></movie>')
  await runTask(refreshLibraries(library))
  return library
}

/** What is known of an item, without what it holds itself. */
function assetsOf({ database }: Library, path: string) {
  const item = findItem(database, path)
  return localAssetsOf(database, item?.id ?? 0).filter(({ role }) => role !== 'embedded')
}

const rolesOf = (library: Library, path: string) => assetsOf(library, path).map(({ role }) => role)

async function copyOf({ folders }: Library, path: string, name: string): Promise<Buffer> {
  return readFile(join(folders.metadata, bundleOf(path), 'local', name))
}

test('takes subtitles from a folder that is there for them, and is not misled by a file of that name', async () => {
  const library = await aSampleLibrary()
  await put(library, 'Films/Subs/Three Chapters (2024).de.srt', '1')
  await put(library, 'Music/Subs', 'no folder')
  await runTask(refreshLibraries(library))
  expect((await refresh(library)).result).toMatchObject({ failed: 0, problems: [], assets: 1 })
  expect(assetsOf(library, chapters)).toMatchObject([
    { path: 'Films/Subs/Three Chapters (2024).de.srt', role: 'subtitle', language: 'de' },
  ])
})

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

test('the poster of a shared folder is nobody’s; a film with a folder of its own has its', async () => {
  const library = await aSampleLibrary()
  const picture = await readFile(inMedia(library, fractal))
  await put(library, 'Films/poster.jpg', picture)
  await put(library, 'Films/Own (2020)/Own (2020).mp4', await readFile(inMedia(library, chapters)))
  await put(library, 'Films/Own (2020)/Extras/Making of.mp4', await readFile(inMedia(library, chapters)))
  await put(library, 'Films/Own (2020)/POSTER.JPG', picture)
  await runTask(refreshLibraries(library))
  await refresh(library)
  expect(rolesOf(library, chapters)).toEqual([])
  expect(assetsOf(library, 'Films/Own (2020)/Own (2020).mp4')).toMatchObject([{ role: 'poster' }])
  expect(rolesOf(library, 'Films/Own (2020)/Extras/Making of.mp4')).toEqual([])
})

test('music has its words, the art of its album and its artist', async () => {
  const library = await aSampleLibrary()
  const picture = await readFile(inMedia(library, fractal))
  await put(library, beside(pitch, '.lrc'), '[00:01.00]La')
  await put(library, 'Music/The Sine Waves/Pure Tones/Folder.jpg', picture)
  await put(library, 'Music/The Sine Waves/artist.jpg', picture)
  await runTask(refreshLibraries(library))
  await refresh(library)
  expect(rolesOf(library, pitch)).toEqual(['artist', 'cover', 'lyrics'])
  expect(rolesOf(library, octave)).toEqual(['artist', 'cover'])
  expect(await copyOf(library, octave, 'cover.jpg')).toEqual(picture)
})

/** Puts a film or a piece of music with a picture embedded in it into the library. */
async function putWithArt(library: Library, from: string, path: string, disposition: readonly string[] = []) {
  const inputs = ['-i', inMedia(library, from), '-i', inMedia(library, fractal), '-map', '0', '-map', '1', '-c', 'copy']
  const file = join(await aFolder(), `made.${path.split('.').at(-1)}`)
  const first = ['-disposition:v:0', from === chapters ? 'default' : 'attached_pic']
  execFileSync(library.tools.ffmpeg, ['-v', 'error', ...inputs, ...first, ...disposition, file])
  await rename(file, inMedia(library, path))
}

test.each([
  ['music', pitch, 'Music/with art.mp3', []],
  ['FLAC', octave, 'Music/with art.flac', []],
  ['a film', chapters, 'Films/with 100%d art.mp4', ['-disposition:v:1', 'attached_pic']],
])('the picture embedded in %s is copied as it is', async (_, from, path, disposition) => {
  const library = await aSampleLibrary()
  await putWithArt(library, from, path, disposition)
  await runTask(refreshLibraries(library))
  await refresh(library)
  const item = findItem(library.database, path)
  const embedded = localAssetsOf(library.database, item?.id ?? 0).find(({ role }) => role === 'embedded')
  expect(embedded).toMatchObject({ path, copy: 'local/embedded.jpg' })
  expect(await copyOf(library, path, 'embedded.jpg')).toEqual(await readFile(inMedia(library, fractal)))
  expect((await refresh(library)).result).toMatchObject({ changed: 0, failed: 0 })
})

describe('a bad file is counted and named, and the rest goes on', () => {
  type Make = (file: string) => Promise<unknown>
  const cases: [string, string, Make, RegExp][] = [
    ['an empty picture', '-fanart.jpg', (file) => writeFile(file, ''), /an empty file/],
    ['a text named .jpg', '-fanart.jpg', (file) => writeFile(file, 'once upon a time'), /unsupported image format/],
    [
      'a picture that is too large',
      '-fanart.jpg',
      (file) => writeFile(file, '').then(() => truncate(file, 60_000_000)),
      /larger/,
    ],
    ['a folder', '-fanart.jpg', (file) => mkdir(file), /is no file/],
    ['a link that leads to itself', '-fanart.jpg', (file) => symlink(file, file), /a link that leads to itself/],
    ['a link to nothing', '-fanart.jpg', (file) => symlink('/nowhere', file), /no longer there/],
    ['hostile XML', '.nfo', (file) => writeFile(file, '<!DOCTYPE a [<!ENTITY b "c">]><movie>&b;</movie>'), /DOCTYPE/],
    ['a .nfo of ten megabytes', '.nfo', (file) => writeFile(file, Buffer.alloc(10_000_000, 32)), /larger than/],
    ['empty subtitles', '.fr.srt', (file) => writeFile(file, ''), /an empty file/],
    ['subtitles that are no text', '.fr.vtt', (file) => writeFile(file, Buffer.alloc(100)), /is no text/],
  ]

  test.each(cases)('%s', async (_, end, make, reason) => {
    const library = await aLibraryWithSidecars()
    await rm(inMedia(library, beside(chapters, '.nfo')))
    const path = beside(chapters, end)
    await make(inMedia(library, path))
    const problems = [{ item: path, reason: expect.stringMatching(reason) }]
    expect((await refresh(library)).result).toMatchObject({ changed: 6, failed: 1, problems })
    expect(rolesOf(library, chapters)).toEqual(['poster', 'subtitle'])
    expect((await refresh(library)).result).toMatchObject({ changed: 0, unchanged: 6, failed: 1, problems })
    expect(await unfinishedIn(library.folders.data)).toEqual([])
  })

  test('a picture that is cut off, where the next best takes its place', async () => {
    const library = await aLibraryWithSidecars()
    const other = beside(chapters, '.jpg')
    await put(library, other, await readFile(inMedia(library, 'Photos/2025/Greys.jpg')))
    await truncate(inMedia(library, poster), 3_000)
    expect((await refresh(library)).result).toMatchObject({ failed: 1, problems: [{ item: poster }] })
    expect(await copyOf(library, chapters, 'poster.jpg')).toEqual(await readFile(inMedia(library, other)))
  })

  test('a picture that is spoilt later: what was there before stays', async () => {
    const library = await aLibraryWithSidecars()
    await refresh(library)
    const before = await copyOf(library, chapters, 'poster.jpg')
    await put(library, poster, 'no picture')
    expect((await refresh(library)).result).toMatchObject({
      changed: 0,
      unchanged: 6,
      failed: 1,
      problems: [{ item: poster }],
    })
    expect(await copyOf(library, chapters, 'poster.jpg')).toEqual(before)
  })

  test('a file that disappears while it is looked at', async () => {
    const library = await aLibraryWithSidecars()
    const { result } = await runTask(refreshLocalMedia(library), {
      onProgress: (message) => message === quiet && rmSync(inMedia(library, quiet)),
    })
    const reason = expect.stringMatching(/no longer there/)
    expect(result).toMatchObject({ changed: 5, failed: 1, problems: [{ item: quiet, reason }] })
  })
})

test('names may be anything', async () => {
  const library = await aSampleLibrary()
  const film = await readFile(inMedia(library, chapters))
  const picture = await readFile(inMedia(library, fractal))
  const names = [`it's "quoted"`, 'line\nbreak', 'emoji 🎬 ünïcode', '-v', '100%d %03d', '$(touch hacked)']
  for (const name of names) {
    await put(library, `Films/${name}.mp4`, film)
    await put(library, `Films/${name}-poster.jpg`, picture)
    await put(library, `Films/${name}.en.srt`, 'Hello')
  }
  await runTask(refreshLibraries(library))
  expect((await refresh(library)).result).toMatchObject({ failed: 0 })
  for (const name of names) expect(rolesOf(library, `Films/${name}.mp4`)).toEqual(['poster', 'subtitle'])
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

const onLinux = process.platform === 'linux' ? test : test.skip
onLinux('a subtitle whose name is no UTF-8 is named with that reason', async () => {
  const library = await aSampleLibrary()
  await runTask(refreshLibraries(library))
  const folder = join(library.folders.media, dirname(chapters), '/')
  const name = Buffer.from([...Buffer.from('Three Chapters (2024).d'), 0xe9, ...Buffer.from('.srt')])
  await writeFile(Buffer.concat([Buffer.from(folder), name]), '1\n00:00:00,000 --> 00:00:01,000\nHello\n')
  const { result } = await runTask(refreshLocalMedia(library))
  expect(result.problems).toEqual([{ item: expect.stringMatching(/\.srt$/), reason: 'its name is not UTF-8' }])
})

test('an embedded picture needs no room on the disk before it is known to be small enough', async () => {
  const library = await aLibrary()
  const picture = Buffer.concat([
    Buffer.from('\0image/jpeg\0\x03\0', 'latin1'),
    Buffer.from([0xff, 0xd8]),
    Buffer.alloc(50_000_000),
  ])
  putId3(makeSong(library, 'huge.mp3', {}), [['APIC', picture]])
  await runTask(refreshLibraries(library))
  await rm(library.folders.cache, { recursive: true })
  const { result } = await refresh(library)
  const reason = 'the picture in it is larger than 50000000 bytes'
  expect(result).toMatchObject({ failed: 1, problems: [{ item: 'huge.mp3', reason }] })
})
