import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeSamples } from '../media/samples'
import { findMediaTools } from '../media/tools'
import { contentsOf } from './helpers/files'
import { aFolder, cleanUp } from './helpers/test-library'

afterEach(cleanUp)

const { ffmpeg } = findMediaTools()

async function make(folder: string, signal = new AbortController().signal) {
  const said: string[] = []
  const isMade = await makeSamples(folder, { ffmpeg, signal, say: (line) => said.push(line) })
  return { isMade, said }
}

test('an empty folder is filled with nine samples, and every one is told of', async () => {
  const folder = await aFolder()
  const { isMade, said } = await make(folder)
  expect(isMade).toBe(true)
  expect(said).toHaveLength(9)
  expect(said[2]).toBe('making sample media 3/9: Films/A Quiet Moment (2022).mkv')
  expect(Object.keys(await contentsOf(folder))).toHaveLength(9)
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
  expect(said[0]).toMatch(/^making sample media 3\/9/)
  const all = await contentsOf(folder)
  expect(all).toMatchObject(Object.fromEntries(Object.entries(made).filter(([name]) => !name.startsWith('.'))))
  expect(Object.keys(all)).toHaveLength(9)
  expect((await stat(join(folder, 'Films/A Quiet Moment (2022).mkv'))).size).toBeGreaterThan(10_000)
})
