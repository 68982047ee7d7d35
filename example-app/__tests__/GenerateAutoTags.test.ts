import { execFileSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync, crc32 as zlibCrc } from 'node:zlib'
import sharp from 'sharp'
import { findItem } from '../library/items'
import type { Library } from '../library/library'
import { generateAutoTags } from '../tasks/GenerateAutoTags'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { gps, makePhoto } from './helpers/photos'
import { aScript } from './helpers/processes'
import { aCr3, aPreview, aRaf, aTiff, cameraTags, jpegTags, sensorTags } from './helpers/raws'
import { aFolder, aLibrary, aScannedLibrary, cleanUp, forgetSamples } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)
afterAll(forgetSamples)

const tag = (library: Library, options = {}) => runTask(generateAutoTags(library), options)

async function scanAndTag(library: Library) {
  await runTask(refreshLibraries(library))
  return (await tag(library)).result
}

function tagsOf({ database }: Library, path: string): string[] {
  const sql = `SELECT source || ' ' || photo_tag.kind || ': ' || name AS tag
               FROM photo_tag JOIN item ON item.id = item_id WHERE path = ? ORDER BY tag`
  return database.all<{ tag: string }>(sql, path).map(({ tag }) => tag)
}

const sydney = gps('33/1 52/1 0/1', 'S', '151/1 12/1 0/1', 'E')
const exif = {
  IFD0: { Make: 'Canon', Model: 'Canon EOS 5D' },
  IFD2: { DateTimeOriginal: '2024:07:14 12:30:00', LensModel: 'EF 50mm f/1.8' },
  IFD3: sydney,
}
const exifSaid = [
  'exif camera: Canon EOS 5D',
  'exif date: 2024-07-14',
  'exif lens: EF 50mm f/1.8',
  'exif place: Australia',
  'exif season: winter',
]

test.each(['jpg', 'png', 'webp', 'tiff'])(
  'what a camera wrote and what can be measured become tags of a %s',
  async (format) => {
    const library = await aLibrary()
    await makePhoto(library, `photo.${format}`, format === 'tiff' ? {} : { exif })
    expect(await scanAndTag(library)).toMatchObject({ changed: 1, tagged: 1, failed: 0 })
    const written = format === 'tiff' ? [] : exifSaid
    expect(tagsOf(library, `photo.${format}`)).toEqual([
      ...written,
      'measured colour: red',
      'measured shape: landscape',
    ])
  },
)

test('the samples are tagged, and the second time nothing changes', async () => {
  const library = await aScannedLibrary()
  const { result, messages } = await tag(library)
  expect(result).toMatchObject({ changed: 3, failed: 0 })
  expect(messages).toContain('Photos/2025/Greys.jpg')
  expect(tagsOf(library, 'Photos/2025/Greys.jpg')).toEqual([
    'measured colour: black and white',
    'measured shape: landscape',
  ])
  expect(tagsOf(library, 'Photos/2024/Portrait.jpg')).toContain('measured shape: portrait')
  const again = (await tag(library)).result
  expect(again).toMatchObject({ changed: 0, unchanged: 3 })
  expect(again.summary).toMatch(/^0 changed/)
})

test('a photo that is to be turned is measured as it is looked at', async () => {
  const library = await aLibrary()
  await makePhoto(library, 'turned.jpg', { orientation: 6 })
  await scanAndTag(library)
  expect(tagsOf(library, 'turned.jpg')).toContain('measured shape: portrait')
})

test('nonsense in EXIF is passed over, and the rest of it counts', async () => {
  const library = await aLibrary()
  const nonsense = {
    IFD0: { Make: '\x01\x02', Model: `it's "A"; 📷` },
    IFD2: { DateTimeOriginal: '2023:02:31 25:61:61' },
    IFD3: gps('0/0 0/0 0/0', 'N', '1/0 0/1 0/1', 'E'),
  }
  await makePhoto(library, 'nonsense.jpg', { exif: nonsense })
  await makePhoto(library, 'nought.jpg', { exif: { IFD3: gps('0/1 0/1 0/1', 'N', '0/1 0/1 0/1', 'E') } })
  expect(await scanAndTag(library)).toMatchObject({ tagged: 2, failed: 0 })
  const measured = ['measured colour: red', 'measured shape: landscape']
  expect(tagsOf(library, 'nought.jpg')).toEqual(measured)
  expect(tagsOf(library, 'nonsense.jpg').slice(1)).toEqual(measured)
  expect(tagsOf(library, 'nonsense.jpg')[0]).toMatch(/^exif camera: it's "A"; /)
})

const helper = (name: string) => join(__dirname, 'helpers', name)

test('a HEIC photo is measured too, where no ffmpeg can decode it', async () => {
  const library = await aLibrary()
  copyFileSync(helper('phone.heic'), join(library.folders.media, 'phone.heic'))
  await runTask(refreshLibraries(library))
  const old = { ...library, tools: { ...library.tools, ffmpeg: await aScript(await aFolder(), 'ffmpeg', 'exit 1') } }
  expect((await tag(old)).result).toMatchObject({ tagged: 1, failed: 0 })
  expect(tagsOf(library, 'phone.heic')).toEqual([
    'exif camera: Apple iPhone 12',
    'exif date: 2021-07-14',
    'measured colour: orange',
    'measured shape: landscape',
  ])
  expect((await tag(old)).result).toMatchObject({ changed: 0, unchanged: 1 })
})

test('a damaged HEIC photo is counted and named, and the rest goes on', async () => {
  const library = await aLibrary()
  const whole = readFileSync(helper('phone.heic'))
  const spoiled = Buffer.from(whole).fill(0, whole.indexOf('mdat') + 8, whole.indexOf('mdat') + 28)
  const vast = readFileSync(helper('vast.heic'))
  const photos = { 'a whole one': whole, 'b spoiled': spoiled, 'c cut off': vast.subarray(0, -700), 'd whole': whole }
  for (const [name, content] of Object.entries(photos)) {
    writeFileSync(join(library.folders.media, `${name}.heic`), content)
  }
  await runTask(refreshLibraries(library))
  const { result } = await tag(library)
  expect(result).toMatchObject({ tagged: 2, failed: 2 })
  const damaged = expect.stringMatching(/^its picture is damaged: /)
  expect(result.problems).toEqual([
    { item: 'b spoiled.heic', reason: damaged },
    { item: 'c cut off.heic', reason: 'its picture is damaged: it is cut off' },
  ])
})

/** Puts photos into the media folder and scans. */
async function withPhotos(photos: Record<string, Buffer>): Promise<Library> {
  const library = await aLibrary()
  for (const [name, content] of Object.entries(photos)) writeFileSync(join(library.folders.media, name), content)
  await runTask(refreshLibraries(library))
  return library
}

test('a raw photo is tagged by what its camera wrote and by the picture beside what its sensor saw, turned as it says', async () => {
  const jpeg = await aPreview()
  const library = await withPhotos({
    'a.nef': aTiff({ ...cameraTags, 274: [8], 330: { directory: jpegTags(jpeg) }, next: sensorTags() }),
    'b.CR3': aCr3(jpeg),
    'c.raf': aRaf(await aPreview({ exif, orientation: 6 })),
    'd.dng': aTiff(cameraTags),
    'e.orf': await aPreview({ exif }),
  })
  expect((await tag(library)).result).toMatchObject({ tagged: 5, failed: 0 })
  const written = ['NIKON D70', '2024-07-14', '50mm f/1.8', 'Australia', 'winter'].sort()
  const namesOf = (path: string) => tagsOf(library, path).map((tag) => tag.split(': ')[1])
  expect(namesOf('a.nef').sort()).toEqual([...written, 'portrait', 'red'].sort())
  expect(namesOf('b.CR3').sort()).toEqual([...written, 'portrait', 'red'].sort())
  expect(namesOf('c.raf')).toEqual(expect.arrayContaining(['portrait', 'red']))
  expect(namesOf('d.dng').sort()).toEqual([...written, 'landscape'].sort())
  expect(tagsOf(library, 'e.orf')).toEqual([...exifSaid, 'measured colour: red', 'measured shape: landscape'])
  expect((await tag(library)).result.summary).toMatch(/^0 changed/)
})

test('a raw photo that is cut off, or whose picture is damaged, is counted and named, and the rest goes on', async () => {
  const jpeg = await aPreview()
  const library = await withPhotos({
    'a.dng': aTiff({ ...cameraTags, ...jpegTags(jpeg), next: sensorTags(5_000, 100) }),
    'b.dng': aTiff({ ...cameraTags, ...jpegTags(jpeg.subarray(0, -100)) }),
    'c.dng': aTiff({ ...cameraTags, ...jpegTags(jpeg) }),
  })
  expect((await tag(library)).result).toMatchObject({
    tagged: 1,
    problems: [
      { item: 'a.dng', reason: 'its picture is damaged: it is cut off' },
      { item: 'b.dng', reason: expect.stringMatching(/^its picture is damaged: /) },
    ],
  })
})

test('of a photo that is looked at without its picture, what the camera wrote and the shape are known', async () => {
  const { workers, now } = await aLibrary()
  const question = { file: helper('phone.heic'), picture: null, now: now() }
  const tags = await workers.run('tagPhoto', question, new AbortController().signal)
  expect(tags.map(({ name }) => name)).toEqual(['Apple iPhone 12', '2021-07-14', 'landscape'])
})

test('a format that only ffmpeg knows is measured by way of a copy, which goes', async () => {
  const library = await aLibrary()
  const file = join(library.folders.media, '100%d.bmp')
  const source = ['-f', 'lavfi', '-i', 'color=blue:s=40x60', '-frames:v', '1']
  execFileSync(library.tools.ffmpeg, [
    '-v',
    'error',
    ...source,
    '-f',
    'image2',
    '-update',
    '1',
    '-c:v',
    'bmp',
    `${library.folders.media}/a.bmp`,
  ])
  writeFileSync(file, readFileSync(join(library.folders.media, 'a.bmp')))
  expect(await scanAndTag(library)).toMatchObject({ tagged: 2, failed: 0 })
  expect(tagsOf(library, '100%d.bmp')).toEqual([
    'measured colour: blue',
    'measured light: dark',
    'measured shape: portrait',
  ])
  expect(readdirSync(library.folders.cache)).toEqual([])
})

/** A PNG of a few kilobytes that claims to be this large. */
function bomb(side: number): Buffer {
  const chunk = (name: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(name), content])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(content.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(zlibCrc(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100_000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

test('what is cut off is counted and named, and the rest goes on', async () => {
  const library = await aLibrary()
  const { folders } = library
  await makePhoto(library, 'good.jpg')
  await sharp({ create: { width: 3_000, height: 3_000, channels: 3, background: 'green' } })
    .png()
    .toFile(join(folders.media, 'large.png'))
  const noise = sharp({
    create: {
      width: 400,
      height: 400,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
  const whole = await noise.jpeg().toBuffer()
  writeFileSync(join(folders.media, 'half.jpg'), whole.subarray(0, whole.length / 2))
  const result = await scanAndTag(library)
  expect(result.problems).toEqual([{ item: 'half.jpg', reason: expect.stringMatching(/^its picture is damaged: /) }])
  expect(result).toMatchObject({ tagged: 2, failed: 1 })
  expect(tagsOf(library, 'large.png')).toContain('measured colour: green')
})

test('what is wrong with a photo is told without its name, which may be anything', async () => {
  const whole = await sharp({ create: { width: 400, height: 400, channels: 3, background: 'green' } })
    .avif()
    .toBuffer()
  const library = await withPhotos({ 'two\nlines: really.avif': whole })
  const file = join(library.folders.media, 'two\nlines: really.avif')
  writeFileSync(file, whole.subarray(0, -20))
  const question = { file, picture: file, now: library.now() }
  const looking = library.workers.run('tagPhoto', question, new AbortController().signal)
  await expect(looking).rejects.toThrow(/^its picture is damaged: (?!.*really)\w/s)
})

test('a small file that would fill the memory is refused, also where the scan lets it pass', async () => {
  const { workers, folders, now } = await aLibrary()
  const file = join(folders.media, 'bomb.png')
  writeFileSync(file, bomb(50_000))
  const { signal } = new AbortController()
  const looking = workers.run('tagPhoto', { file, picture: file, now: now() }, signal)
  await expect(looking).rejects.toThrow('has more than 300 megapixels')
})

test('tags follow the photo: anew when it changes, gone when it cannot be read or has left', async () => {
  const library = await aLibrary()
  for (const name of ['a', 'b', 'c']) await makePhoto(library, `${name}.jpg`)
  await scanAndTag(library)
  await makePhoto(library, 'a.jpg', { colour: '#2040c0', width: 61 })
  writeFileSync(join(library.folders.media, 'b.jpg'), 'no photo')
  rmSync(join(library.folders.media, 'c.jpg'))
  await runTask(refreshLibraries(library))
  expect(tagsOf(library, 'c.jpg')).toEqual([])
  expect((await tag(library)).result).toMatchObject({ changed: 2, tagged: 1, forgotten: 1 })
  expect(tagsOf(library, 'a.jpg')).toContain('measured colour: blue')
  expect(tagsOf(library, 'b.jpg')).toEqual([])
  expect((await tag(library)).result.summary).toMatch(/^0 changed/)
})

test.each(['disappears', 'changes'])('a photo that %s meanwhile is named', async (what) => {
  const library = await aLibrary()
  for (const name of ['a', 'b']) await makePhoto(library, `${name}.jpg`)
  await runTask(refreshLibraries(library))
  const onProgress = (message: string) => {
    const file = join(library.folders.media, 'b.jpg')
    if (message === 'b.jpg' && what === 'changes') writeFileSync(file, 'something else')
    if (message === 'b.jpg' && what === 'disappears') rmSync(file)
  }
  const { result } = await tag(library, { onProgress })
  expect(result).toMatchObject({ tagged: 1, failed: 1, problems: [{ item: 'b.jpg' }] })
})

test('the tags of a photo are written in one step', async () => {
  const library = await aLibrary()
  await makePhoto(library, 'a.jpg')
  await runTask(refreshLibraries(library))
  const { signal } = new AbortController()
  const refuse = `CREATE TRIGGER refuse BEFORE INSERT ON photo_tag WHEN new.kind = 'shape' BEGIN SELECT raise(ABORT, 'no'); END`
  await library.database.write(signal, (run) => run(refuse))
  await expect(tag(library)).rejects.toThrow('no')
  expect(findItem(library.database, 'a.jpg')).toBeDefined()
  expect(tagsOf(library, 'a.jpg')).toEqual([])
})

test.each(['png', 'heic'])('a stop in the middle of a large %s is obeyed within a second', async (format) => {
  const library = await aLibrary()
  const file = join(library.folders.media, `large.${format}`)
  // 268 megapixels in 4 612 bytes.
  if (format === 'heic') copyFileSync(helper('vast.heic'), file)
  else await makeLargePng(file)
  await runTask(refreshLibraries(library))
  const stop = new AbortController()
  let askedAt = 0
  const onProgress = () => {
    setTimeout(() => {
      askedAt = Date.now()
      stop.abort(new Error('stop'))
    }, 400)
  }
  await expect(tag(library, { signal: stop.signal, onProgress })).rejects.toThrow('stop')
  expect(Date.now() - askedAt).toBeLessThan(1_000)
  expect(tagsOf(library, `large.${format}`)).toEqual([])
})

/** Interlaced: nothing of it is there before all of it has been read, which takes seconds. */
async function makeLargePng(file: string): Promise<void> {
  const green = sharp({ create: { width: 12_000, height: 12_000, channels: 3, background: 'green' } })
  await green.png({ progressive: true }).toFile(file)
}
