import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { clock } from '../media/contact-sheet'
import { generateChapterThumbs } from '../tasks/GenerateChapterThumbs'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { makeFilm } from './helpers/films'
import { aFolder, aLibrary, cleanUp } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)

/** As `npm run contact-sheet` runs it. */
function draw(env: NodeJS.ProcessEnv, names: string[], cwd = '/') {
  const program = join(__dirname, '../dist/scripts/contact-sheet.js')
  const options = { cwd, env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' } as const
  return spawnSync(process.execPath, [program, ...names], options)
}

test('draws the chapters of every film, a row of three after the other, whatever their titles', async () => {
  const library = await aLibrary()
  const titles = ['<Rain> & "Sun"', 'a \u0001 bell', '🎬'.repeat(60), 'The last']
  const chapters = titles.map((title, index) => ({ title, startS: index * 2, endS: index * 2 + 2 }))
  makeFilm(library, 'One.mkv', { chapters })
  makeFilm(library, 'Two.mkv', { shown: ['yellow', 'cyan'] })
  await runTask(refreshLibraries(library))
  await runTask(generateChapterThumbs(library))

  const { data, media } = library.folders
  const target = join(await aFolder(), 'sheet.png')
  const { stdout, stderr, status } = draw({ DATA_DIR: data, MEDIA_DIR: media }, [target])
  expect([stderr, stdout, status]).toEqual(['', `${target}: 5 pictures of 2 films\n`, 0])

  const sheet = await sharp(target).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const colourAt = (x: number, y: number) => {
    const at = (y * sheet.info.width + x) * 3
    return [...sheet.data.subarray(at, at + 3)].map((part) => (part > 128 ? 1 : 0)).join('')
  }
  expect([sheet.info.width, sheet.info.height]).toEqual([1_040, 750])
  const middles = [
    [180, 144],
    [520, 144],
    [860, 144],
    [180, 358],
    [180, 616],
  ] as const
  expect(middles.map(([x, y]) => colourAt(x, y))).toEqual(['100', '010', '001', '111', '110'])
})

test('without a name goes into the folder of the example; a name is seen from where npm was called', async () => {
  const library = await aLibrary()
  makeFilm(library, 'One.mkv', { shown: ['red'] })
  await runTask(refreshLibraries(library))
  await runTask(generateChapterThumbs(library))
  const { data, media } = library.folders
  const [example, elsewhere] = [await aFolder(), await aFolder()]
  const env = { DATA_DIR: data, MEDIA_DIR: media, INIT_CWD: elsewhere }
  for (const names of [[], ['sheet.png']]) expect(draw(env, names, example).stderr).toBe('')
  expect(await readdir(example)).toEqual(['contact-sheet.jpg'])
  expect(await readdir(elsewhere)).toEqual(['sheet.png'])
})

test('says what is missing', async () => {
  const library = await aLibrary()
  const { data, media } = library.folders
  const nowhere = draw({ DATA_DIR: join(data, 'none'), MEDIA_DIR: media }, ['/nowhere.png'])
  expect([nowhere.status, nowhere.stderr]).toEqual([
    1,
    expect.stringMatching(/^There is no .*; start the server first/),
  ])
  const empty = draw({ DATA_DIR: data, MEDIA_DIR: media }, ['/nowhere.png'])
  expect([empty.status, empty.stderr]).toEqual([
    1,
    expect.stringMatching(/no chapter pictures yet.*GenerateChapterThumbs/),
  ])
})

test.each([
  [0, '0:00'],
  [65.9, '1:05'],
  [5_400, '1:30:00'],
])('%s s is written %s', (seconds, expected) => expect(clock(seconds)).toBe(expected))
