import { rmSync } from 'node:fs'
import { mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findItem } from '../library/items'
import { localAssetsOf } from '../library/local-assets'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { refreshLocalMedia } from '../tasks/RefreshLocalMedia'
import { unfinishedIn } from './helpers/files'
import {
  aLibraryWithSidecars,
  assetsOf,
  beside,
  chapters,
  copyOf,
  fractal,
  octave,
  pitch,
  poster,
  put,
  putWithArt,
  quiet,
  refresh,
  rolesOf,
} from './helpers/local-media'
import { makeSong, putId3 } from './helpers/songs'
import { aLibrary, aSampleLibrary, cleanUp, forgetSamples, inMedia } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)
afterAll(forgetSamples)

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
