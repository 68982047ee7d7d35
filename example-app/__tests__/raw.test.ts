import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRaw } from '../media/raw/raw'
import { probeRaw } from '../media/raw/raw-photo'
import { aCr3, aDirectory, aPreview, aRaf, aTiff, cameraTags, jpegTags, sensorTags, type Tags } from './helpers/raws'
import { aFolder, cleanUp } from './helpers/test-library'

afterEach(cleanUp)

async function inFile(content: Buffer, name = 'photo.dng'): Promise<string> {
  const file = join(await aFolder(), name)
  writeFileSync(file, content)
  return file
}

const read = async (content: Buffer) => readRaw(await inFile(content))

/** What Olympus puts into its note: its own directory, with places counted from the note's beginning. */
function olympusNote(heading: string, jpeg: Buffer): Buffer {
  const tags: Tags = { 8224: { directory: { 257: { place: jpeg }, 258: jpeg.length } } }
  return Buffer.concat([Buffer.from(heading, 'latin1'), aDirectory(tags, heading.length)])
}

const withNote = (note: Buffer): Tags => ({ ...cameraTags, 34665: { directory: { 37500: { bytes: note } } } })
const stripTags = (jpeg: Buffer): Tags => ({
  258: [8, 8, 8],
  259: [6],
  273: { place: jpeg },
  279: jpeg.length,
})

test.each<[maker: string, file: (jpeg: Buffer) => Buffer]>([
  [
    'Nikon and Adobe, beneath the first directory',
    (jpeg) => aTiff({ ...cameraTags, 330: { directory: jpegTags(jpeg) } }),
  ],
  ['Sony, in the first directory', (jpeg) => aTiff({ ...cameraTags, ...jpegTags(jpeg) })],
  [
    'Pentax, further down the chain',
    (jpeg) => aTiff({ ...cameraTags, next: { next: jpegTags(jpeg) } }, { isLittle: false }),
  ],
  [
    'Canon, as the only strip',
    (jpeg) => aTiff({ ...cameraTags, ...stripTags(jpeg), next: { 259: [6], ...sensorTags() } }),
  ],
  [
    'Panasonic',
    (jpeg) => aTiff({ ...cameraTags, 46: { bytes: jpeg }, 279: 9e6, 280: { place: Buffer.alloc(9) } }, { magic: 85 }),
  ],
  ['Olympus', (jpeg) => aTiff(withNote(olympusNote('OLYMPUS\0II\x03\0', jpeg)), { magic: 0x4f52 })],
  ['OM System', (jpeg) => aTiff(withNote(olympusNote('OM SYSTEM\0\0\0II\x04\0', jpeg)), { magic: 0x4f52 })],
  ['Fujifilm', aRaf],
  ['Canon since 2018', aCr3],
])('the preview is found where %s puts it, and the size of the whole photo', async (_, file) => {
  const jpeg = await aPreview()
  const raw = await read(file(jpeg))
  expect(raw?.preview?.equals(jpeg)).toBe(true)
  expect(raw).toMatchObject({ size: { width: 6_000, height: 4_000 }, isCutOff: false })
})

test.each<[file: string, content: (jpeg: Buffer) => Buffer]>([
  ['a TIFF', () => aTiff(cameraTags)],
  ['a TIFF with the highest bytes first', () => aTiff(cameraTags, { isLittle: false })],
  ['boxes', aCr3],
])('what the camera wrote is read out of %s', async (_, content) => {
  const exif = (await read(content(await aPreview())))?.exif
  expect(exif).toMatchObject({ Make: 'NIKON CORPORATION\0', LensModel: '50mm f/1.8\0', GPSLatitudeRef: 'S\0' })
  expect(exif?.DateTimeOriginal).toBe('2024:07:14 12:30:00\0')
  expect(exif?.latitude).toBeCloseTo(-33.8667)
  expect(exif?.longitude).toBeCloseTo(151.2)
})

test('of several previews the largest is taken that lies in the file and is a JPEG', async () => {
  const jpeg = await aPreview()
  const none = { next: { 513: 8, 514: 1e6, next: { 513: { place: Buffer.alloc(50_000) }, 514: 50_000 } } }
  const raw = await read(
    aTiff({ ...jpegTags(jpeg), 330: { directory: { ...jpegTags(jpeg.subarray(0, 100)), ...none } } }),
  )
  expect(raw?.preview?.length).toBe(jpeg.length)
})

test('what the sensor saw is never taken for a preview, though it may be a JPEG of a kind', async () => {
  const sensor = { 258: [12], 259: [7], 273: { place: await aPreview() }, 279: 300 }
  expect((await read(aTiff({ ...cameraTags, 330: { directory: sensor } })))?.preview).toBeNull()
})

test.each<[what: string, content: Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['a text', Buffer.from('II am no photo')],
  ['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])],
])('a file with %s in it is no raw file, whatever it is called', async (_, content) => {
  expect(await read(content)).toBeNull()
})

test.each<[what: string, content: Buffer, message: string]>([
  ['ends within its first directory', aTiff(cameraTags).subarray(0, 40), 'its picture is damaged: it is cut off'],
  ['ends within its header', Buffer.from('FUJIFILMCCD-RAW 0201'), 'its picture is damaged: it is cut off'],
  ['says nothing of a picture', aTiff({ 271: 'Canon' }), 'holds no picture'],
  [
    'has its preview half a byte from its beginning',
    aTiff({ ...cameraTags, 513: { fractions: [[1, 2]] }, 514: 100 }),
    'its picture is damaged: it is cut off',
  ],
  ['has a directory without end', Buffer.from('II*\0\x08\0\0\0\xff\xff', 'latin1'), 'a directory of 65535 entries'],
])('a raw file that %s is refused', async (_, content, message) => {
  await expect(probeRaw(await inFile(content))).rejects.toThrow(message)
})

test('a chain of directories that goes in a circle comes to an end', async () => {
  const circle = aTiff(cameraTags)
  circle.writeUInt32LE(8, 8 + 2 + 12 * Object.keys(cameraTags).length)
  expect(await read(circle)).toMatchObject({ size: { width: 6_000 } })
})

test('a small file that points to the same bytes again and again does not fill the memory', async () => {
  const [count, length] = [900, 60_000]
  const entries = Buffer.alloc(2 + (count + 1) * 12 + 4)
  entries.writeUInt16LE(count + 1)
  for (let index = 0; index < count; index += 1) {
    const [at, tag, type] = [2 + index * 12, 1_000 + index, 1]
    entries.writeUInt32LE(tag + type * 0x1_0000, at)
    entries.writeUInt32LE(length, at + 4)
    entries.writeUInt32LE(8, at + 8)
  }
  // The model, as what would be read last.
  entries.set([0x10, 0x01, 2, 0, 3, 0, 0, 0, 0x44, 0x37, 0, 0], 2 + count * 12)
  const raw = await read(Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), entries, Buffer.alloc(length)]))
  expect(raw).toMatchObject({ exif: {}, size: null })
  expect(raw?.exif).not.toHaveProperty('Model')
})

test('a file that ends before what the sensor saw is cut off', async () => {
  expect(await read(aTiff({ ...cameraTags, next: sensorTags(1_000, 999) }))).toMatchObject({ isCutOff: true })
  expect(await read(aCr3(await aPreview()))).toMatchObject({ isCutOff: false })
  expect(await read(aCr3(await aPreview()).subarray(0, -1))).toMatchObject({ isCutOff: true })
  expect(await read(aRaf(await aPreview()).subarray(0, -1))).toMatchObject({ isCutOff: true })
})
