import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { bundleOf } from '../library/bundles'
import type { Library } from '../library/library'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { refreshLocalMedia } from '../tasks/RefreshLocalMedia'
import { contentsOf, unfinishedIn } from './helpers/files'
import { makeFilm } from './helpers/films'
import { aScript, isAtWork } from './helpers/processes'
import { aPreview, aTiff, cameraTags, jpegTags, sensorTags } from './helpers/raws'
import { slowlyProbing } from './helpers/slow-tools'
import { stopOnce } from './helpers/stop'
import { aFolder, aLibrary, aSampleLibrary, cleanUp, forgetSamples, inMedia } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)
afterAll(forgetSamples)

const refresh = (library: Library) => runTask(refreshLibraries(library))
const pathsIn = ({ database }: Library) =>
  database.all<{ path: string }>('SELECT path FROM item WHERE problem IS NULL ORDER BY path').map(({ path }) => path)
const copy = async (library: Library, from: string, to: string) =>
  writeFile(inMedia(library, to), await readFile(inMedia(library, from)))

const chapters = 'Films/Three Chapters (2024).mp4'
const fractal = 'Photos/2024/Fractal.jpg'
const asMp4 = { how: ['-f', 'mp4'] }

test('fills an empty library with what the files say of themselves', async () => {
  const library = await aSampleLibrary()
  const { result, log } = await refresh(library)
  expect(result).toMatchObject({ changed: 9, added: 9, updated: 0, removed: 0, unchanged: 0, failed: 0, problems: [] })
  expect(log).toEqual([result.summary])

  const columns = 'kind, title, width, height, round(duration_s) AS seconds'
  const film = library.database.get(`SELECT ${columns} FROM item WHERE path = ?`, chapters)
  expect(film).toEqual({ kind: 'video', title: 'Three Chapters', width: 320, height: 180, seconds: 6 })
  const music = library.database.all(`SELECT title, artist, album FROM item WHERE kind = 'music' ORDER BY path`)
  expect(music).toEqual([
    { title: 'Pink', artist: 'The Noise Makers', album: 'Colours' },
    { title: 'Concert Pitch', artist: 'The Sine Waves', album: 'Pure Tones' },
    { title: 'An Octave Below', artist: 'The Sine Waves', album: 'Pure Tones' },
  ])
  const photos = library.database.all(`SELECT title FROM item WHERE kind = 'photo' AND duration_s IS NULL`)
  expect(photos).toHaveLength(3)
})

test('keeps the full report in the bundle of the item, and finds words of it', async () => {
  const library = await aSampleLibrary()
  await refresh(library)
  const report = await readFile(join(library.folders.metadata, bundleOf(chapters), 'probe.json'), 'utf8')
  const titles = JSON.parse(report).chapters.map((chapter: { tags: { title: string } }) => chapter.tags.title)
  expect(titles).toEqual(['Morning', 'Noon', 'Night'])
  const found = library.database.all('SELECT title FROM item_search WHERE item_search MATCH ?', 'octave')
  expect(found).toEqual([{ title: 'An Octave Below' }])
})

test('pictures that belong to a film are no photos, and those that were taken for photos leave', async () => {
  const library = await aSampleLibrary()
  const own = 'Films/Alone/Film.mp4'
  await mkdir(inMedia(library, 'Films/Alone'))
  await copy(library, chapters, own)
  await copy(library, fractal, 'Films/Alone/cast.jpg')
  await copy(library, fractal, 'Films/Alone/Film.jpg')
  expect((await refresh(library)).result).toMatchObject({ added: 12, failed: 0 })
  expect(pathsIn(library)).toContain('Films/Alone/Film.jpg')

  for (const name of ['poster.jpg', 'Film-fanart.jpg']) await copy(library, fractal, `Films/Alone/${name}`)
  await rm(inMedia(library, 'Films/Alone/cast.jpg'))
  expect((await refresh(library)).result).toMatchObject({ added: 0, removed: 2, failed: 0 })
  expect(pathsIn(library).filter((path) => path.startsWith('Films/Alone/'))).toEqual([own])
  const { result } = await runTask(refreshLocalMedia(library))
  expect(result).toMatchObject({ assets: 2, failed: 0 })
})

test('changes nothing the second time, and says so', async () => {
  const library = await aSampleLibrary()
  await refresh(library)
  const before = await contentsOf(library.folders.metadata)
  const { result, messages } = await refresh(library)
  expect(result).toMatchObject({ changed: 0, unchanged: 9, failed: 0 })
  expect(result.summary).toMatch(/^0 changed/)
  expect(messages).toContain(chapters)
  expect(await contentsOf(library.folders.metadata)).toEqual(before)
})

test('sees what was added, changed, moved and removed, by path, size and time of change', async () => {
  const library = await aSampleLibrary()
  await refresh(library)
  await rename(inMedia(library, 'Photos/2025/Greys.jpg'), inMedia(library, 'Photos/2025/Moved.jpg'))
  await utimes(inMedia(library, fractal), 1_700_000_000, 1_700_000_000)
  await rm(inMedia(library, chapters))
  const { result } = await refresh(library)
  expect(result).toMatchObject({ changed: 4, added: 1, updated: 1, removed: 2, unchanged: 6 })
  expect(pathsIn(library)).toContain('Photos/2025/Moved.jpg')
  expect(pathsIn(library)).not.toContain(chapters)
  expect(library.database.all('SELECT path FROM item_search WHERE item_search MATCH ?', 'chapters')).toEqual([])
})

test('only ever reads the media', async () => {
  const library = await aSampleLibrary()
  const before = await contentsOf(library.folders.media)
  await refresh(library)
  expect(await contentsOf(library.folders.media)).toEqual(before)
})

test.each([
  ['is missing', (folder: string) => rm(folder, { recursive: true })],
  ['is empty', (folder: string) => rm(folder, { recursive: true }).then(() => mkdir(folder))],
])('removes nothing when the media folder %s', async (_, lose) => {
  const library = await aSampleLibrary()
  await refresh(library)
  await lose(library.folders.media)
  await expect(refresh(library)).rejects.toThrow('is missing or holds no media; is its disk mounted?')
  expect(pathsIn(library)).toHaveLength(9)
})

test('removes nothing that lies behind a link to nowhere: its disk may come back', async () => {
  const library = await aSampleLibrary()
  const disk = await aFolder()
  await rename(inMedia(library, 'Films'), join(disk, 'Films'))
  await symlink(join(disk, 'Films'), inMedia(library, 'Films'))
  expect((await refresh(library)).result).toMatchObject({ added: 9 })
  await rename(join(disk, 'Films'), join(disk, 'gone'))
  const { result } = await refresh(library)
  expect(result).toMatchObject({ changed: 0, removed: 0, failed: 1, problems: [{ item: 'Films' }] })
  expect(pathsIn(library)).toContain(chapters)
})

describe('a bad file is counted and named, and the rest goes on', () => {
  type Make = (file: string, library: Library) => Promise<unknown>
  const cases: [string, string, Make][] = [
    ['an empty file', 'Films/empty.mp4', (file) => writeFile(file, '')],
    ['a text named .mp4', 'Films/text.mp4', (file) => writeFile(file, 'once upon a time')],
    ['a text named .jpg', 'Photos/text.jpg', (file) => writeFile(file, 'once upon a time')],
    ['a playlist of addresses', 'Films/list.mp4', (file) => writeFile(file, '#EXTM3U\nhttp://127.0.0.1:9/a.ts\n')],
    ['a text named .flac', 'Music/text.flac', (file) => writeFile(file, '<html>once upon a time</html>')],
    ['a picture named .mp4', 'Films/picture.mp4', (_, library) => copy(library, fractal, 'Films/picture.mp4')],
    ['a film named .jpg', 'Photos/film.jpg', (_, library) => copy(library, chapters, 'Photos/film.jpg')],
    ['a silent film named .png', 'Photos/film.png', async (_, library) => makeFilm(library, 'Photos/film.png', asMp4)],
    ['music without sound', 'Music/silent.mp3', (_, library) => copy(library, fractal, 'Music/silent.mp3')],
    [
      'a truncated video',
      'Films/cut.mp4',
      async (file, library) => {
        await copy(library, chapters, 'Films/cut.mp4')
        await truncate(file, 20_000)
      },
    ],
    ['a link that leads to itself', 'Films/loop.mp4', (file) => symlink(file, file)],
    ['a link to a folder it lies in', 'Films/circle', (file) => symlink('..', file)],
    ['a link to nothing', 'Films/nothing.mp4', (file) => symlink('/nowhere.mp4', file)],
  ]

  test.each(cases)('%s', async (_, path, make) => {
    const library = await aSampleLibrary()
    await make(inMedia(library, path), library)
    const { result } = await refresh(library)
    expect(result).toMatchObject({ added: 9, failed: 1, problems: [{ item: path }] })
    expect(pathsIn(library)).toHaveLength(9)

    const again = (await refresh(library)).result
    expect(again).toMatchObject({ changed: 0, unchanged: 9, failed: 1, problems: result.problems })
  })
})

test.each([
  [
    'the end of a film with its table of contents is missing',
    'moov atom not found (Invalid data found when processing input)',
    async (library: Library) => {
      await copy(library, chapters, 'Films/cut.mp4')
      await truncate(inMedia(library, 'Films/cut.mp4'), 20_000)
    },
  ],
  [
    'a film is a picture',
    'a picture (mjpeg), and no film',
    (library: Library) => copy(library, fractal, 'Films/picture.mp4'),
  ],
])('it is told that %s', async (_, reason, make) => {
  const library = await aSampleLibrary()
  await make(library)
  expect((await refresh(library)).result).toMatchObject({ added: 9, failed: 1, problems: [{ reason }] })
})

// Other systems take no such name.
const onLinux = process.platform === 'linux' ? test : test.skip

onLinux('it is told that a name is in another encoding', async () => {
  const library = await aLibrary()
  await writeFile(Buffer.from(inMedia(library, 'caf\xe9.mp4'), 'latin1'), 'x')
  const { result } = await refresh(library)
  expect(result).toMatchObject({ failed: 1, problems: [{ reason: 'its name is not UTF-8' }] })
})

test('a photo that ffprobe cannot read is read by the library for pictures', async () => {
  const library = await aLibrary()
  await copyFile(join(__dirname, 'helpers/phone.heic'), inMedia(library, 'phone.HEIC'))
  const fail = await aScript(await aFolder(), 'ffprobe', 'echo "Invalid data found" >&2; exit 1')
  const old = { ...library, tools: { ...library.tools, ffprobe: fail } }
  expect((await refresh(old)).result).toMatchObject({ added: 1, failed: 0 })
  expect(library.database.get('SELECT width, height, container, video_codec, problem FROM item')).toEqual({
    width: 64,
    height: 48,
    container: 'heif',
    video_codec: 'hevc',
    problem: null,
  })
  expect((await refresh(old)).result).toMatchObject({ changed: 0, unchanged: 1 })
})

test('a raw photo has the size of what its sensor saw, whatever ffprobe takes for it', async () => {
  const library = await aLibrary()
  const raw = aTiff({ ...cameraTags, ...jpegTags(await aPreview()), next: sensorTags() })
  await writeFile(inMedia(library, 'a.dng'), raw)
  await writeFile(inMedia(library, 'b.nef'), await aPreview())
  await writeFile(inMedia(library, 'c.arw'), raw.subarray(0, 20))
  await writeFile(inMedia(library, 'd.cr2'), 'a text')
  const { result } = await refresh(library)
  expect(result).toMatchObject({ added: 2, failed: 2 })
  expect(result.problems).toEqual([
    { item: 'c.arw', reason: 'its picture is damaged: it is cut off' },
    { item: 'd.cr2', reason: expect.stringMatching(/./) },
  ])
  expect(library.database.all('SELECT path, width, height, container FROM item WHERE problem IS NULL')).toEqual([
    { path: 'a.dng', width: 6_000, height: 4_000, container: 'dng' },
    { path: 'b.nef', width: 60, height: 40, container: expect.any(String) },
  ])
  expect((await refresh(library)).result).toMatchObject({ changed: 0, unchanged: 2 })
})

test.each(['3gp', 'flv', 'mts', 'vob', 'ogv', 'aiff', 'm4b', 'mka', 'avif', 'heif'])(
  'a file that ends in .%s counts as media',
  async (extension) => {
    const library = await aLibrary()
    await writeFile(inMedia(library, `a.${extension}`), '')
    expect((await refresh(library)).result).toMatchObject({ failed: 1, problems: [{ reason: 'an empty file' }] })
  },
)

test.each([
  ['before ffprobe looks', async (library: Library) => library],
  [
    'while ffprobe looks',
    async (library: Library) => {
      const script = `for file; do :; done\necho "$file: what?" >&2\nrm "$file"; exit 1`
      return { ...library, tools: { ...library.tools, ffprobe: await aScript(await aFolder(), 'ffprobe', script) } }
    },
  ],
])('a file that disappears %s is named and leaves no trace', async (when, prepare) => {
  const library = await aSampleLibrary()
  await rm(inMedia(library, 'Music'), { recursive: true })
  await rm(inMedia(library, 'Photos'), { recursive: true })
  const { result } = await runTask(refreshLibraries(await prepare(library)), {
    onProgress: (message) => {
      if (message === chapters && when.startsWith('before')) rmSync(inMedia(library, chapters))
    },
  })
  const reason = expect.stringMatching(/no longer there/)
  expect(result.problems).toContainEqual({ item: chapters, reason })
  expect(library.database.all('SELECT * FROM item WHERE path = ?', chapters)).toEqual([])
})

test('a folder that a second name leads to is looked into once', async () => {
  const library = await aSampleLibrary()
  await symlink('Films', inMedia(library, 'All films'))
  expect((await refresh(library)).result).toMatchObject({ added: 9, failed: 0 })
})

test('a file that is mended is taken up', async () => {
  const library = await aSampleLibrary()
  await writeFile(inMedia(library, 'Films/new.mp4'), '')
  await refresh(library)
  await copy(library, chapters, 'Films/new.mp4')
  expect((await refresh(library)).result).toMatchObject({ changed: 1, added: 1, failed: 0 })
})

test('files may be called anything', async () => {
  const library = await aSampleLibrary()
  const names = [
    `it's "quoted".mp4`,
    'line\nbreak.mp4',
    'emoji 🎬 ünïcode.mp4',
    '-v.mp4',
    'http:colon.mp4',
    '100%d %03d.mp4',
    '$(touch hacked) `touch hacked`;.mp4',
  ]
  for (const name of names) await copy(library, chapters, name)
  const { result, messages } = await refresh(library)
  expect(result).toMatchObject({ added: 9 + names.length, failed: 0 })
  expect(messages).toEqual(expect.arrayContaining(names))
  expect(pathsIn(library)).toEqual(expect.arrayContaining(names))
})

test('a photo may be called like a numbered series', async () => {
  const library = await aSampleLibrary()
  await copy(library, fractal, 'Photos/%03d.jpg')
  expect((await refresh(library)).result).toMatchObject({ added: 10, failed: 0 })
})

test('a stop in the middle kills ffprobe, leaves nothing half done, and the next run goes on', async () => {
  const library = await aSampleLibrary()
  const tools = await slowlyProbing(library, 'Pink')
  const task = refreshLibraries({ ...library, tools })
  await stopOnce(
    () => isAtWork('sleep 60'),
    (signal) => runTask(task, { signal }),
  )
  expect(await unfinishedIn(library.folders.data)).toEqual([])

  const done = pathsIn(library).length
  expect(done).toBeGreaterThan(0)
  expect(done).toBeLessThan(9)
  expect((await refresh(library)).result).toMatchObject({ added: 9 - done, unchanged: done })
})

test('an item that comes back gets its bundle back from quarantine', async () => {
  const library = await aSampleLibrary()
  await refresh(library)
  const { metadata, quarantine } = library.folders
  await rename(join(metadata, bundleOf(chapters)), join(quarantine, bundleOf(chapters)))
  await writeFile(join(quarantine, bundleOf(chapters), 'thumbnail.jpg'), 'made earlier')
  await utimes(inMedia(library, chapters), 1_700_000_000, 1_700_000_000)
  await refresh(library)
  expect(await readFile(join(metadata, bundleOf(chapters), 'thumbnail.jpg'), 'utf8')).toBe('made earlier')
})

test('an empty library with an empty media folder has nothing to do', async () => {
  expect((await refresh(await aLibrary())).result).toMatchObject({ changed: 0, failed: 0 })
})

const withPipes = process.platform === 'win32' ? test.skip : test
withPipes('what is called like media and is no file is named, and nobody waits for it', async () => {
  const library = await aSampleLibrary()
  execFileSync('mkfifo', [inMedia(library, 'a pipe.mp4'), inMedia(library, 'a pipe.txt')])
  await symlink(inMedia(library, 'a pipe.mp4'), inMedia(library, 'linked.mkv'))
  const socket = createServer().listen(inMedia(library, 'a socket.jpg'))
  await once(socket, 'listening')
  const { result } = await refresh(library)
  socket.close()
  const reason = 'a pipe, a socket or a device, and no file'
  const problems = ['a pipe.mp4', 'a socket.jpg', 'linked.mkv'].map((item) => ({ item, reason }))
  expect(result).toMatchObject({ added: 9, failed: 3, problems })
})

test('the pictures that the server made are no photos, also where a link leads to them', async () => {
  const library = await aSampleLibrary()
  const { folders } = library
  await refresh(library)
  await mkdir(join(folders.metadata, 'of a film', 'chapters'), { recursive: true })
  await copyFile(inMedia(library, fractal), join(folders.metadata, 'of a film', 'chapters', '001.jpg'))
  await symlink(folders.metadata, inMedia(library, 'Own'))
  const elsewhere = await aFolder()
  await symlink(folders.data, join(elsewhere, 'data'))
  await symlink(elsewhere, inMedia(library, 'Elsewhere'))
  const { result } = await refresh(library)
  expect(result).toMatchObject({ changed: 0, failed: 0 })
})
