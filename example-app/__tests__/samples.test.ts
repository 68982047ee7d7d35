import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskFunction } from 'express-butler'
import type { Library } from '../library/library'
import { makeSamples } from '../media/samples'
import { findMediaTools } from '../media/tools'
import { buildGracenoteCollections } from '../tasks/BuildGracenoteCollections'
import { generateAutoTags } from '../tasks/GenerateAutoTags'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { refreshLocalMedia } from '../tasks/RefreshLocalMedia'
import { refreshPeriodicMetadata } from '../tasks/RefreshPeriodicMetadata'
import { contentsOf } from './helpers/files'
import { aFolder, aLibrary, cleanUp } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)

const { ffmpeg } = findMediaTools()

async function make(folder: string, signal = new AbortController().signal) {
  const said: string[] = []
  const isMade = await makeSamples(folder, { ffmpeg, signal, say: (line) => said.push(line) })
  return { isMade, said }
}

test('an empty folder is filled with samples, and every one is told of', async () => {
  const folder = await aFolder()
  const { isMade, said } = await make(folder)
  expect(isMade).toBe(true)
  expect(said).toHaveLength(33)
  expect(said[2]).toBe('making sample media 3/33: Films/A Quiet Moment (2022).mkv')
  expect(Object.keys(await contentsOf(folder))).toHaveLength(33)
})

test('samples are not made twice, nor made anew when somebody removed some', async () => {
  const folder = await aFolder()
  await make(folder)
  await rm(join(folder, 'Photos'), { recursive: true })
  expect(await make(folder)).toEqual({ isMade: false, said: [] })
})

test('a folder that holds anything is left alone', async () => {
  const folder = await aFolder()
  await writeFile(join(folder, 'my film.mp4'), '')
  expect(await make(folder)).toEqual({ isMade: false, said: [] })
  expect(await readdir(folder)).toEqual(['my film.mp4'])
})

test('goes on where it was cut off, with whole files only', async () => {
  const folder = await aFolder()
  const stop = new AbortController()
  const first: string[] = []
  const say = (line: string) => {
    first.push(line)
    if (first.length === 3) setTimeout(() => stop.abort(new Error('stop')), 5)
  }
  await expect(makeSamples(folder, { ffmpeg, signal: stop.signal, say })).rejects.toThrow('stop')
  const made = await contentsOf(folder)
  expect(Object.keys(made).filter((name) => name.endsWith('.part'))).toEqual([])

  // What a `kill -9` would have left.
  await writeFile(join(folder, 'Films/A Quiet Moment (2022).mkv.part'), 'half a film')
  const { said } = await make(folder)
  expect(said[0]).toMatch(/^making sample media 3\/33/)
  const all = await contentsOf(folder)
  expect(all).toMatchObject(Object.fromEntries(Object.entries(made).filter(([name]) => !name.startsWith('.'))))
  expect(Object.keys(all)).toHaveLength(33)
  expect((await stat(join(folder, 'Films/A Quiet Moment (2022).mkv'))).size).toBeGreaterThan(10_000)
})

describe('a library of all samples', () => {
  /** The first column of what a query finds. */
  async function found(task: (library: Library) => TaskFunction, sql: string): Promise<unknown[]> {
    const library = await aLibrary()
    await make(library.folders.media)
    expect((await runTask(refreshLibraries(library))).result).toMatchObject({ added: 18, failed: 0 })
    expect((await runTask(task(library))).result).toMatchObject({ failed: 0 })
    return library.database.all<Record<string, unknown>>(sql).map((row) => Object.values(row)[0])
  }

  test('has art, .nfo, subtitles in two languages, lyrics and covers inside songs', async () => {
    const sql = `SELECT DISTINCT concat_ws(' ', role, language) FROM local_asset WHERE role <> 'embedded' OR copy IS NOT NULL ORDER BY 1`
    const roles = [
      'artist',
      'cover',
      'embedded',
      'fanart',
      'lyrics',
      'nfo',
      'poster',
      'subtitle de',
      'subtitle en',
      'thumb',
    ]
    expect(await found(refreshLocalMedia, sql)).toEqual(roles)
  })

  test('has photos of cameras, on both halves of the earth, with and without a place', async () => {
    const sql = `SELECT DISTINCT concat(kind, ' ', name) FROM photo_tag WHERE source = 'exif' ORDER BY 1`
    expect(await found(generateAutoTags, sql)).toEqual([
      'camera Canon EOS R6',
      'camera Google Pixel 8',
      'camera KODAK EASYSHARE Z740',
      'camera NIKON Z 6',
      'date 2024-09-03',
      'date 2024-12-24',
      'date 2025-01-18',
      'date 2025-07-12',
      'lens NIKKOR Z 35mm f/1.8 S',
      'lens RF24-105mm F4 L IS USM',
      'place Kenya',
      'place New Zealand',
      'place Norway',
      'season summer',
    ])
  })

  test('has collections of each kind, a guest among them', async () => {
    const sql = `SELECT concat(kind, ' ', title) FROM collection ORDER BY 1`
    expect(await found(buildGracenoteCollections, sql)).toEqual([
      'artist The Noise Makers',
      'artist The Sine Waves',
      'artist The Square Waves',
      'decade 1980s',
      'genre Electronic',
      'mood Calm',
    ])
  })

  test('has artists and a show to be refreshed', async () => {
    const sql = 'SELECT name FROM subject ORDER BY 1'
    const names = ['The Noise Makers', 'The Sine Waves', 'The Square Waves', 'The Weather (2020)']
    expect(await found(refreshPeriodicMetadata, sql)).toEqual(expect.arrayContaining(names))
  })
})
