import { copyFileSync, existsSync, rmSync } from 'node:fs'
import fs, { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { findingOf } from '../library/findings'
import { findItem } from '../library/items'
import type { Library } from '../library/library'
import {
  type ChapterThumbs,
  chapterThumbOf,
  chapterThumbs,
  generateChapterThumbs,
} from '../tasks/GenerateChapterThumbs'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { contentsOf, unfinishedIn } from './helpers/files'
import { type Colour, colourOf, makeFilm, sizeOfPicture } from './helpers/films'
import { aScript, isAtWork } from './helpers/processes'
import { stopOnce } from './helpers/stop'
import { aFolder, aLibrary, aSampleLibrary, cleanUp, forgetSamples } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(async () => {
  jest.restoreAllMocks()
  await cleanUp()
})
afterAll(forgetSamples)

const make = (library: Library) => runTask(generateChapterThumbs(library))
const scan = (library: Library) => runTask(refreshLibraries(library))

/** A chapter for each colour, two seconds long. */
const chapters = [0, 2, 4, 6].map((startS, index) => ({ startS, endS: startS + 2, title: `Part ${index + 1}` }))
const film = 'Films/Four Colours.mkv'

async function aFilmLibrary(otherwise: Partial<Library> = {}): Promise<Library> {
  const library = await aLibrary(otherwise)
  makeFilm(library, film, { chapters })
  await scan(library)
  return library
}

function thumbsOf({ database }: Library, path: string): ChapterThumbs['chapters'] {
  const item = findItem(database, path)
  const found = item && findingOf<ChapterThumbs>(database, chapterThumbs, item)
  if (!found) throw new Error(`no pictures were made of ${path}`)
  return found.chapters
}

/** What the pictures show, by another program than the one that made them. */
async function coloursOf(library: Library, path: string): Promise<Colour[]> {
  const folder = dirname(chapterThumbOf(library, { path }, 0))
  const names = (await readdir(folder)).sort()
  expect(names).toEqual(thumbsOf(library, path).map((_, index) => `${String(index + 1).padStart(3, '0')}.jpg`))
  return Promise.all(names.map((name) => colourOf(join(folder, name))))
}

test('makes a JPEG of every chapter, of the right moment, and keeps titles and times', async () => {
  const library = await aFilmLibrary()
  const { result, messages } = await make(library)
  expect(result).toMatchObject({ changed: 1, unchanged: 0, failed: 0 })
  expect(messages).toContain(film)
  expect(await coloursOf(library, film)).toEqual(['red', 'lime', 'blue', 'white'])
  expect(thumbsOf(library, film)).toEqual(chapters)
  expect(await sizeOfPicture(chapterThumbOf(library, { path: film }, 0))).toEqual([480, 270])
})

test('of the samples, every film gets its pictures, and music and photos are left alone', async () => {
  const library = await aSampleLibrary()
  await scan(library)
  const before = await contentsOf(library.folders.media)
  expect((await make(library)).result).toMatchObject({ changed: 3, unchanged: 0, failed: 0 })
  expect(thumbsOf(library, 'Films/Three Chapters (2024).mp4')).toHaveLength(3)
  expect(thumbsOf(library, 'Films/A Dark Moment (2023).mp4').map(({ title }) => title)).toContain('The lights go out')
  expect(await contentsOf(library.folders.media)).toEqual(before)
})

test('changes nothing the second time, and says so', async () => {
  const library = await aFilmLibrary()
  await make(library)
  const before = await contentsOf(library.folders.metadata)
  const { result } = await make(library)
  expect(result).toMatchObject({ changed: 0, unchanged: 1, failed: 0 })
  expect(result.summary).toMatch(/^0 changed/)
  expect(await contentsOf(library.folders.metadata)).toEqual(before)
})

test('makes the pictures anew when one was deleted, and when the film has changed, and leaves none of the old', async () => {
  const library = await aFilmLibrary()
  await make(library)
  await rm(chapterThumbOf(library, { path: film }, 2))
  expect((await make(library)).result).toMatchObject({ changed: 1 })
  expect(await coloursOf(library, film)).toEqual(['red', 'lime', 'blue', 'white'])

  makeFilm(library, film, { shown: ['cyan', 'yellow'], chapters: chapters.slice(0, 2) })
  await scan(library)
  expect((await make(library)).result).toMatchObject({ changed: 1 })
  expect(await coloursOf(library, film)).toEqual(['cyan', 'yellow'])
})

describe('films of every kind', () => {
  const shapes: [string, string, Parameters<typeof makeFilm>[2], Colour[], [number, number]][] = [
    ['a single frame', 'one.mp4', { shown: ['blue'], eachS: 0.1 }, ['blue'], [480, 270]],
    ['a single frame in Matroska', 'one.mkv', { shown: ['blue'], eachS: 0.1 }, ['blue'], [480, 270]],
    ['odd sides', 'odd.mkv', { size: '161x91', how: ['-pix_fmt', 'yuv444p'] }, ['red'], [480, 270]],
    ['a portrait', 'portrait.mp4', { size: '90x160' }, ['red'], [270, 480]],
    ['pixels that are no squares', 'wide.mp4', { size: '120x90', how: ['-aspect', '2'] }, ['red'], [480, 240]],
    ['ten bits', '10bit.mkv', { how: ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p10le'] }, ['red'], [480, 270]],
    ['a strip of two pixels', 'strip.mkv', { size: '2x600', how: ['-c:v', 'ffv1'] }, ['red'], [2, 480]],
    ['key frames far apart', 'gop.mp4', { how: ['-force_key_frames', '0', '-g', '999'], chapters }, [], [480, 270]],
  ]

  test.each(shapes)('%s', async (_, path, how, shown, size) => {
    const library = await aLibrary()
    makeFilm(library, path, how)
    await scan(library)
    expect((await make(library)).result).toMatchObject({ changed: 1, failed: 0, problems: [] })
    expect(await coloursOf(library, path)).toEqual(shown.length > 0 ? shown : ['red', 'lime', 'blue', 'white'])
    expect(await sizeOfPicture(chapterThumbOf(library, { path }, 0))).toEqual(size)
  })

  test.each([
    [
      'start after the end',
      [
        { startS: 0, endS: 2 },
        { startS: 60, endS: 90 },
      ],
      ['red', 'white'],
    ],
    [
      'have no length',
      [
        { startS: 0, endS: 0 },
        { startS: 2.05, endS: 2.05 },
      ],
      ['red', 'lime'],
    ],
    [
      'overlap',
      [
        { startS: 0, endS: 8 },
        { startS: 2, endS: 6 },
        { startS: 2.5, endS: 8 },
      ],
      ['red', 'lime', 'lime'],
    ],
  ] as const)('chapters that %s', async (_, odd, shown) => {
    const library = await aLibrary()
    makeFilm(library, film, { chapters: odd })
    await scan(library)
    expect((await make(library)).result).toMatchObject({ changed: 1, failed: 0 })
    expect(await coloursOf(library, film)).toEqual(shown)
  })

  test('a single frame, and a minute of music', async () => {
    const library = await aLibrary()
    const played = [chapters[0], { startS: 50, endS: 60 }].filter((chapter) => chapter !== undefined)
    makeFilm(library, film, { shown: ['blue'], eachS: 0.1, chapters: played, soundS: 60 })
    await scan(library)
    expect((await make(library)).result).toMatchObject({ changed: 1, problems: [] })
    expect(await coloursOf(library, film)).toEqual(['blue', 'blue'])
  })

  test('a chapter that begins in the dark is shown where it is light, and one that stays dark is dark', async () => {
    const library = await aLibrary()
    const night = [
      { startS: 0, endS: 8 },
      { startS: 8, endS: 12 },
      { startS: 12, endS: 16 },
    ]
    const shown: Colour[] = ['black', 'black', 'red', 'lime', 'black', 'black', 'blue', 'blue']
    makeFilm(library, film, { shown, chapters: night })
    await scan(library)
    expect((await make(library)).result).toMatchObject({ changed: 1, problems: [] })
    expect(await coloursOf(library, film)).toEqual(['red', 'black', 'blue'])
  })

  test('turned by its camera', async () => {
    const library = await aLibrary()
    makeFilm(library, 'camera.mp4', { isTurned: true })
    await scan(library)
    expect((await make(library)).result).toMatchObject({ changed: 1, problems: [] })
    expect(await sizeOfPicture(chapterThumbOf(library, { path: 'camera.mp4' }, 0))).toEqual([270, 480])
  })

  test('a varying frame rate', async () => {
    const library = await aLibrary()
    const how = ['-vf', "select='not(mod(n,7))+lt(t,1)'", '-vsync', 'vfr']
    makeFilm(library, film, { chapters, how })
    await scan(library)
    expect((await make(library)).result).toMatchObject({ changed: 1, problems: [] })
    expect(await coloursOf(library, film)).toEqual(['red', 'lime', 'blue', 'white'])
  })

  test('500 chapters', async () => {
    const library = await aLibrary()
    const many = Array.from({ length: 500 }, (_, index) => ({ startS: index / 100, endS: (index + 1) / 100 }))
    makeFilm(library, film, { chapters: many })
    await scan(library)
    // The real one takes a tenth of a second for each.
    const picture = join(await aFolder(), 'picture.jpg')
    await writeFile(
      picture,
      await sharp({ create: { width: 8, height: 8, channels: 3, background: 'blue' } })
        .jpeg()
        .toBuffer(),
    )
    const ffmpeg = await aScript(await aFolder(), 'ffmpeg', `exec cat "${picture}"`)
    const { result } = await make({ ...library, tools: { ...library.tools, ffmpeg } })
    expect(result).toMatchObject({ changed: 1, problems: [] })
    expect(thumbsOf(library, film)).toHaveLength(500)
    expect(await colourOf(chapterThumbOf(library, { path: film }, 499))).toBe('blue')
  })
})

test('names may contain anything', async () => {
  const library = await aLibrary()
  const names = [
    '-f null.mkv',
    '100%d %s.mkv',
    `it's "so".mkv`,
    'two\nlines.mkv',
    '🎬 ünï.mkv',
    'a;b|c$(d).mkv',
    'data:x,y.mkv',
  ]
  const first = makeFilm(library, names[0] ?? '', { chapters })
  for (const name of names.slice(1)) copyFileSync(first, join(library.folders.media, name))
  await scan(library)
  expect((await make(library)).result).toMatchObject({ changed: names.length, problems: [] })
  for (const name of names) expect(await coloursOf(library, name)).toEqual(['red', 'lime', 'blue', 'white'])
})

describe('a bad film is counted and named, and the rest goes on', () => {
  const bad = 'Films/Bad.mkv'

  test.each<[string, (file: string) => unknown, RegExp]>([
    ['disappears', (file) => rmSync(file), /no longer there/],
    ['changes', (file) => rmSync(file) ?? copyFileSync(__filename, file), /changed since the last scan/],
  ])('that %s meanwhile', async (_, act, reason) => {
    const library = await aFilmLibrary()
    const file = makeFilm(library, bad)
    await scan(library)
    const { result } = await runTask(generateChapterThumbs(library), {
      onProgress: (message) => {
        if (message === bad) act(file)
      },
    })
    const problems = [{ item: bad, reason: expect.stringMatching(reason) }]
    expect(result).toMatchObject({ changed: 1, failed: 1, problems })
  })

  test.each(['mkv', 'mp4'])('that is cut off (%s)', async (extension) => {
    const library = await aFilmLibrary()
    const path = `Films/Cut.${extension}`
    const how = extension === 'mp4' ? ['-movflags', 'faststart'] : []
    const file = makeFilm(library, path, { chapters, how: [...how, '-b:v', '200k'] })
    await truncate(file, Math.floor((await readFile(file)).length * 0.6))
    await scan(library)
    const { result } = await make(library)
    const problems = [{ item: path, reason: expect.stringMatching(/^cut off: ends at \d/) }]
    expect(result).toMatchObject({ changed: 1, failed: 1, problems })
    expect(existsSync(dirname(chapterThumbOf(library, { path }, 0)))).toBe(false)
    expect((await make(library)).result).toMatchObject({ changed: 0, unchanged: 1, failed: 1 })
  })

  test.each<[string, string | Buffer]>([
    ['empty', ''],
    ['a text', 'no film at all\n'.repeat(100)],
  ])('that is %s', async (_, content) => {
    const library = await aFilmLibrary()
    const file = makeFilm(library, bad)
    await scan(library)
    // As large and as old as the film that was scanned: nobody has noticed yet.
    const { size, mtime } = await fs.stat(file)
    await writeFile(file, content)
    await truncate(file, size)
    await fs.utimes(file, mtime, mtime)
    const { result } = await make(library)
    expect(result).toMatchObject({ changed: 1, failed: 1, problems: [{ item: bad, reason: expect.any(String) }] })
    expect(result.problems[0].reason).not.toContain(library.folders.media)
  })

  test('of which one picture cannot be made: it gets none, and nothing is left lying about', async () => {
    const library = await aFilmLibrary()
    const ffmpeg = await aScript(
      await aFolder(),
      'ffmpeg',
      `case "$*" in *" -ss 4.200 "*) echo bad >&2; exit 1 ;; esac\nexec "${library.tools.ffmpeg}" "$@"`,
    )
    const { result } = await make({ ...library, tools: { ...library.tools, ffmpeg } })
    expect(result).toMatchObject({ changed: 0, failed: 1, problems: [{ item: film, reason: 'bad' }] })
    expect(existsSync(dirname(chapterThumbOf(library, { path: film }, 0)))).toBe(false)
    expect(await unfinishedIn(library.folders.metadata)).toEqual([])
  })
})

test('a full disk ends the run, says so, and leaves no half of anything', async () => {
  const library = await aFilmLibrary({ freeBytes: async () => 1_000 })
  await expect(make(library)).rejects.toThrow(/metadata is full: 1000 bytes are left.*What was made before stays/)
  expect(await unfinishedIn(library.folders.metadata)).toEqual([])
})

test('a disk that fills up in the middle does so too', async () => {
  const library = await aFilmLibrary()
  const write = fs.writeFile
  jest.spyOn(fs, 'writeFile').mockImplementation(async (file, ...others) => {
    if (String(file).endsWith('003.jpg')) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
    return write(file, ...others)
  })
  await expect(make(library)).rejects.toThrow('no space left')
  jest.restoreAllMocks()
  expect(await unfinishedIn(library.folders.metadata)).toEqual([])
  expect(existsSync(dirname(chapterThumbOf(library, { path: film }, 0)))).toBe(false)
  expect((await make(library)).result).toMatchObject({ changed: 1 })
})

test('what a killed process left is removed by the next run', async () => {
  const library = await aFilmLibrary()
  const left = join(library.folders.metadata, 'GenerateChapterThumbs.part')
  await mkdir(join(left, 'a.bundle'), { recursive: true })
  await writeFile(join(left, 'a.bundle', '001.jpg'), 'half')
  await make(library)
  expect(await unfinishedIn(library.folders.metadata)).toEqual([])
})

test('a stop in the middle ends within a second, with no ffmpeg left, and the next run goes on', async () => {
  const library = await aFilmLibrary()
  makeFilm(library, 'Films/Slow.mkv')
  await scan(library)
  const { tools } = library
  const script = `case "$*" in *Slow*) slow='-stream_loop 20 -re' ;; esac\n"${tools.ffmpeg}" $slow "$@"\nexit $?`
  // The picture of a slow film is one that never comes.
  const ffmpeg = await aScript(await aFolder(), 'ffmpeg', script.replace('"$@"', '"$@" -f null /dev/null'))
  const task = generateChapterThumbs({ ...library, tools: { ...tools, ffmpeg } })
  await stopOnce(
    () => isAtWork(' -re '),
    (signal) => runTask(task, { signal }),
  )
  expect(await unfinishedIn(library.folders.metadata)).toEqual([])
  expect(await coloursOf(library, film)).toHaveLength(4)
  expect((await make(library)).result).toMatchObject({ changed: 1, unchanged: 1 })
})
