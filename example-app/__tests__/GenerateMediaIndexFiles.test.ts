import { existsSync, rmSync } from 'node:fs'
import fs, { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Library } from '../library/library'
import { deepMediaAnalysis } from '../tasks/DeepMediaAnalysis'
import { generateChapterThumbs } from '../tasks/GenerateChapterThumbs'
import { generateMediaIndexFiles, mediaIndexOf } from '../tasks/GenerateMediaIndexFiles'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { contentsOf, unfinishedIn } from './helpers/files'
import { type Colour, colourOf, makeFilm, makeRecording, sizeOfPicture } from './helpers/films'
import { allGone, aScript, descendantsOf } from './helpers/processes'
import { aFolder, aLibrary, aSampleLibrary, cleanUp, forgetSamples } from './helpers/test-library'
import { runTask } from './helpers/test-run'
import { until } from './helpers/until'

afterEach(async () => {
  jest.restoreAllMocks()
  await cleanUp()
})
afterAll(forgetSamples)

const make = (library: Library) => runTask(generateMediaIndexFiles(library))
const scan = (library: Library) => runTask(refreshLibraries(library))
const film = 'Films/Four Colours.mp4'

async function aFilmLibrary(otherwise: Partial<Library> = {}, how = {}): Promise<Library> {
  const library = await aLibrary(otherwise)
  makeFilm(library, film, how)
  await scan(library)
  return library
}

interface Bif {
  intervalMs: number
  pictures: { atMs: number; jpeg: Buffer }[]
}

/** A reader of its own, after Roku's description of the format; shares nothing with the writer. */
function readBif(bytes: Buffer): Bif {
  expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x42, 0x49, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  expect(view.getUint32(8, true)).toBe(0)
  const count = view.getUint32(12, true)
  const intervalMs = view.getUint32(16, true)
  expect(bytes.subarray(20, 64).equals(Buffer.alloc(44))).toBe(true)
  const entries = Array.from({ length: count + 1 }, (_, index) => ({
    time: view.getUint32(64 + index * 8, true),
    offset: view.getUint32(68 + index * 8, true),
  }))
  expect(entries[0]?.offset).toBe(64 + 8 * (count + 1))
  expect(entries[count]).toEqual({ time: 0xffffffff, offset: bytes.length })
  const pictures = entries.slice(0, count).map(({ time, offset }, index) => ({
    atMs: time * intervalMs,
    jpeg: bytes.subarray(offset, entries[index + 1]?.offset),
  }))
  return { intervalMs, pictures }
}

const indexOf = async (library: Library, path = film) => readBif(await readFile(mediaIndexOf(library, { path })))

/** What is shown when, by another program than the one that made the pictures. */
async function shownIn({ pictures }: Bif): Promise<[number, Colour][]> {
  return Promise.all(pictures.map(async ({ atMs, jpeg }): Promise<[number, Colour]> => [atMs, await colourOf(jpeg)]))
}

const fourColours = [
  [0, 'red'],
  [2_000, 'lime'],
  [4_000, 'blue'],
  [6_000, 'white'],
]

test('makes an index that another reader understands, with the right picture for every two seconds', async () => {
  const library = await aFilmLibrary()
  const { result, messages } = await make(library)
  expect(result).toMatchObject({ changed: 1, unchanged: 0, failed: 0 })
  expect(messages).toContain(film)
  const bif = await indexOf(library)
  expect(bif.intervalMs).toBe(2_000)
  expect(await shownIn(bif)).toEqual(fourColours)
  for (const { jpeg } of bif.pictures) expect(await sizeOfPicture(jpeg)).toEqual([320, 180])
})

test('of the samples, every film gets its index, and music and photos are left alone', async () => {
  const library = await aSampleLibrary()
  await scan(library)
  const before = await contentsOf(library.folders.media)
  expect((await make(library)).result).toMatchObject({ changed: 3, unchanged: 0, failed: 0 })
  expect((await indexOf(library, 'Films/Three Chapters (2024).mp4')).pictures).toHaveLength(3)
  expect(await contentsOf(library.folders.media)).toEqual(before)
})

test('changes nothing the second time, and makes anew what was deleted, cut short or is of an older film', async () => {
  const library = await aFilmLibrary()
  await make(library)
  const before = await contentsOf(library.folders.metadata)
  const { result } = await make(library)
  expect(result).toMatchObject({ changed: 0, unchanged: 1 })
  expect(result.summary).toMatch(/^0 changed/)
  expect(await contentsOf(library.folders.metadata)).toEqual(before)

  const file = mediaIndexOf(library, { path: film })
  for (const act of [() => rm(file), () => truncate(file, 100)]) {
    await act()
    expect((await make(library)).result).toMatchObject({ changed: 1 })
    expect(await contentsOf(library.folders.metadata)).toEqual(before)
  }

  makeFilm(library, film, { shown: ['cyan', 'magenta'] })
  await scan(library)
  expect((await make(library)).result).toMatchObject({ changed: 1 })
  expect(await shownIn(await indexOf(library))).toEqual([
    [0, 'cyan'],
    [2_000, 'magenta'],
  ])
})

describe('films of every kind', () => {
  const farApart = { how: ['-force_key_frames', '0', '-g', '999'] }

  test.each<[string, string, Parameters<typeof makeFilm>[2], unknown[]]>([
    ['key frames far apart: every frame is looked at', 'a.mp4', farApart, fourColours],
    [
      'a colour that changes between two pictures',
      'a.mp4',
      { ...farApart, eachS: 1.5, shown: ['red', 'lime', 'blue', 'cyan'] },
      [
        [0, 'red'],
        [2_000, 'lime'],
        [4_000, 'blue'],
      ],
    ],
    ['a single frame', 'a.mp4', { shown: ['blue'], eachS: 0.1 }, [[0, 'blue']]],
    [
      'a single frame, and five seconds of music',
      'a.mkv',
      { shown: ['blue'], eachS: 0.1, soundS: 5 },
      [
        [0, 'blue'],
        [2_000, 'blue'],
        [4_000, 'blue'],
      ],
    ],
    ['ten bits', 'a.mkv', { how: ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p10le'] }, fourColours],
    ['odd sides', 'a.mkv', { size: '161x91', how: ['-pix_fmt', 'yuv444p'] }, fourColours],
    [
      'a varying frame rate',
      'a.mkv',
      { how: ['-vf', "select='not(mod(n,7))+lt(t,1)'", '-vsync', 'vfr'] },
      [
        [0, 'red'],
        [2_000, 'red'],
        [4_000, 'lime'],
        [6_000, 'blue'],
      ],
    ],
    ['an old container', 'a.avi', { how: ['-c:v', 'mpeg4', '-q:v', '2'] }, fourColours],
    ['a recording that does not begin at 0', 'a.mkv', { how: ['-output_ts_offset', '500'] }, fourColours],
  ])('%s', async (_, path, how, shown) => {
    const library = await aLibrary()
    makeFilm(library, path, how)
    await scan(library)
    expect((await make(library)).result).toMatchObject({ changed: 1, problems: [] })
    expect(await shownIn(await indexOf(library, path))).toEqual(shown)
  })

  test.each<[string, Parameters<typeof makeFilm>[2], [number, number]]>([
    ['turned by its camera', { isTurned: true }, [180, 320]],
    ['pixels that are no squares', { size: '120x90', how: ['-aspect', '2'] }, [320, 160]],
  ])('%s', async (_, how, size) => {
    const library = await aFilmLibrary({}, how)
    await make(library)
    for (const { jpeg } of (await indexOf(library)).pictures) expect(await sizeOfPicture(jpeg)).toEqual(size)
  })

  test('a decoder that calls it a mistake to pass over pictures', async () => {
    const library = await aLibrary()
    // A little noise, so that there is something between the key frames.
    makeFilm(library, 'theora.ogv', { how: ['-c:v', 'libtheora', '-q:v', '8', '-vf', 'noise=alls=6:allf=t'] })
    await scan(library)
    expect((await make(library)).result).toMatchObject({ changed: 1, failed: 0, problems: [] })
    expect(await shownIn(await indexOf(library, 'theora.ogv'))).toEqual(fourColours)
  })

  test('names may contain anything', async () => {
    const library = await aLibrary()
    const names = ['-i x.mp4', '100%d %s.mp4', `it's "so".mp4`, 'two\nlines.mp4', '🎬 ünï.mp4']
    for (const name of names) makeFilm(library, name, { shown: ['red'] })
    await scan(library)
    expect((await make(library)).result).toMatchObject({ changed: names.length, problems: [] })
    for (const name of names) expect(await shownIn(await indexOf(library, name))).toEqual([[0, 'red']])
  })
})

describe('a bad film is counted and named, and the rest goes on', () => {
  const bad = 'Films/Bad.mkv'

  test('that disappears meanwhile', async () => {
    const library = await aFilmLibrary()
    const file = makeFilm(library, bad)
    await scan(library)
    const { result } = await runTask(generateMediaIndexFiles(library), {
      onProgress: (message) => {
        if (message === bad) rmSync(file)
      },
    })
    expect(result).toMatchObject({
      changed: 1,
      failed: 1,
      problems: [{ item: bad, reason: 'no longer there, or a link to nothing' }],
    })
  })

  test('that is cut off', async () => {
    const library = await aFilmLibrary()
    const file = makeFilm(library, bad)
    await truncate(file, Math.floor((await readFile(file)).length * 0.6))
    await scan(library)
    const { result } = await make(library)
    const problems = [{ item: bad, reason: expect.stringMatching(/^cut off: ends at \d/) }]
    expect(result).toMatchObject({ changed: 1, failed: 1, problems })
    expect(existsSync(mediaIndexOf(library, { path: bad }))).toBe(false)
    expect((await make(library)).result).toMatchObject({ changed: 0, unchanged: 1, failed: 1 })
  })

  test('that is a text, which nobody has noticed yet', async () => {
    const library = await aFilmLibrary()
    const file = makeFilm(library, bad)
    await scan(library)
    const { size, mtime } = await fs.stat(file)
    await writeFile(file, 'no film at all\n')
    await truncate(file, size)
    await fs.utimes(file, mtime, mtime)
    const { result } = await make(library)
    expect(result).toMatchObject({ changed: 1, failed: 1, problems: [{ item: bad }] })
  })

  test('of which ffmpeg writes only half a picture', async () => {
    const library = await aFilmLibrary()
    const ffmpeg = await aScript(await aFolder(), 'ffmpeg', `"${library.tools.ffmpeg}" "$@" | head -c 200`)
    const { result } = await make({ ...library, tools: { ...library.tools, ffmpeg } })
    expect(result).toMatchObject({ changed: 0, failed: 1, problems: [{ item: film, reason: 'holds no picture' }] })
    expect(await unfinishedIn(library.folders.metadata)).toEqual([])
  })
})

test('a full disk ends the run, says so, and leaves no half of anything', async () => {
  const library = await aFilmLibrary({ freeBytes: async () => 1_000 })
  await expect(make(library)).rejects.toThrow(/metadata is full: 1000 bytes are left/)
  expect(await unfinishedIn(library.folders.metadata)).toEqual([])
})

test('a disk that fills up in the middle does so too, and ffmpeg goes', async () => {
  const library = await aFilmLibrary()
  const open = fs.open
  jest.spyOn(fs, 'open').mockImplementation(async (file, flags) => {
    const handle = await open(file, flags)
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
    if (String(file).endsWith('pictures')) jest.spyOn(handle, 'appendFile').mockRejectedValue(full)
    return handle
  })
  await expect(make(library)).rejects.toThrow('no space left')
  jest.restoreAllMocks()
  await allGone()
  expect(await unfinishedIn(library.folders.metadata)).toEqual([])
  expect(existsSync(mediaIndexOf(library, { path: film }))).toBe(false)
  expect((await make(library)).result).toMatchObject({ changed: 1 })
})

test('what a killed process left is removed by the next run', async () => {
  const library = await aFilmLibrary()
  const left = join(library.folders.metadata, 'GenerateMediaIndexFiles.part')
  await mkdir(left)
  await writeFile(join(left, 'pictures'), 'half')
  await make(library)
  expect(await unfinishedIn(library.folders.metadata)).toEqual([])
})

test('a stop in the middle ends within a second, with no ffmpeg left, and the next run goes on', async () => {
  const library = await aFilmLibrary()
  makeFilm(library, 'Films/Slow.mkv')
  await scan(library)
  const { tools } = library
  // Read no faster than it is shown, for minutes.
  const script = `case "$*" in *Slow*) slow='-stream_loop 99 -re' ;; esac\n"${tools.ffmpeg}" $slow "$@"\nexit $?`
  const ffmpeg = await aScript(await aFolder(), 'ffmpeg', script)
  const stop = new AbortController()
  const task = generateMediaIndexFiles({ ...library, tools: { ...tools, ffmpeg } })
  const running = runTask(task, { signal: stop.signal })
  await until(() => descendantsOf(process.pid).some((command) => command.includes(' -re ')), running)
  const askedAt = Date.now()
  stop.abort(new Error('stop'))
  await expect(running).rejects.toThrow('stop')
  expect(Date.now() - askedAt).toBeLessThan(1_000)
  expect(descendantsOf(process.pid)).toEqual([])
  expect(await unfinishedIn(library.folders.metadata)).toEqual([])
  expect(await shownIn(await indexOf(library))).toEqual(fourColours)
  expect((await make(library)).result).toMatchObject({ changed: 1, unchanged: 1 })
})

test('where the pictures of a recording change their size, its index goes on, and keeps its own', async () => {
  const library = await aLibrary()
  makeRecording(library, 'recording.ts', [
    { shown: ['red', 'lime'], size: '160x90' },
    { shown: ['blue', 'white'], size: '320x180' },
  ])
  await scan(library)
  expect((await make(library)).result).toMatchObject({ changed: 1, failed: 0 })
  const index = await indexOf(library, 'recording.ts')
  expect(await shownIn(index)).toEqual(fourColours)
  const sizes = await Promise.all(index.pictures.map(({ jpeg }) => sizeOfPicture(jpeg)))
  expect(new Set(sizes.map(String)).size).toBe(1)
})

test('a recording during which the clock of the broadcast began anew is whole', async () => {
  const library = await aLibrary()
  // The clock has 33 bits, and counts 90 000 a second.
  const atTheEnd = String(2 ** 33 / 90_000 - 4)
  makeFilm(library, 'recording.ts', { how: ['-c:v', 'mpeg2video', '-g', '5', '-output_ts_offset', atTheEnd] })
  await scan(library)
  for (const task of [generateMediaIndexFiles, generateChapterThumbs, deepMediaAnalysis])
    expect((await runTask(task(library))).result).toMatchObject({ changed: 1, failed: 0 })
  expect(await shownIn(await indexOf(library, 'recording.ts'))).toEqual(fourColours)
})

test('chapters that go on after the film, or of which there are too many, do not keep a film from its index', async () => {
  const library = await aLibrary()
  makeFilm(library, 'long.mp4', {
    chapters: [
      { startS: 0, endS: 4 },
      { startS: 4, endS: 80 },
    ],
  })
  makeFilm(library, 'many.mkv', {
    chapters: Array.from({ length: 2_001 }, (_, at) => ({ startS: at / 500, endS: (at + 1) / 500 })),
  })
  await scan(library)
  expect((await make(library)).result).toMatchObject({ changed: 2, failed: 0 })
  for (const path of ['long.mp4', 'many.mkv']) expect(await shownIn(await indexOf(library, path))).toEqual(fourColours)
  expect((await runTask(generateChapterThumbs(library))).result).toMatchObject({ changed: 1, failed: 1 })
})
