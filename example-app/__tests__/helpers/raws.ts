import sharp from 'sharp'

/** What stands behind a tag: a number or several, a text, fractions, or what lies elsewhere in the file. */
type Value =
  | number
  | number[]
  | string
  | { fractions: [number, number][] }
  | { bytes: Buffer }
  | { place: Buffer }
  | { directory: Tags }

/** A directory of a TIFF. `next`: the one that follows in the chain. */
export interface Tags {
  [tag: number]: Value
  next?: Tags
}

export interface TiffOptions {
  isLittle?: boolean
  /** What stands where a TIFF has 42. */
  magic?: number
}

/** A TIFF with these tags, and nothing else. */
export function aTiff(tags: Tags, { isLittle = true, magic = 42 }: TiffOptions = {}): Buffer {
  const start = [Buffer.from(isLittle ? 'II' : 'MM'), numbers([magic], 2, isLittle), numbers([8], 4, isLittle)]
  return Buffer.concat([...start, aDirectory(tags, 8, isLittle)])
}

/** Ends with all that its tags point to. `at`: where it will be. */
export function aDirectory({ next, ...tags }: Tags, at: number, isLittle = true): Buffer {
  const all = Object.entries(tags) as [string, Value][]
  const entries: Buffer[] = []
  const behind: Buffer[] = []
  let end = at + 2 + all.length * 12 + 4
  const append = (bytes: Buffer) => {
    behind.push(bytes)
    end += bytes.length
    return end - bytes.length
  }
  for (const [tag, value] of all) {
    const { type, count, bytes } = encoded(value, end, isLittle)
    const isElsewhere = typeof value === 'object' && ('place' in value || 'directory' in value)
    const inside = isElsewhere || bytes.length > 4 ? numbers([append(bytes)], 4, isLittle) : bytes
    const heading = [numbers([Number(tag), type], 2, isLittle), numbers([count], 4, isLittle)]
    entries.push(...heading, Buffer.concat([inside, Buffer.alloc(4)], 4))
  }
  const following = next ? [numbers([end], 4, isLittle), ...behind, aDirectory(next, end, isLittle)] : undefined
  return Buffer.concat([numbers([all.length], 2, isLittle), ...entries, ...(following ?? [Buffer.alloc(4), ...behind])])
}

function encoded(value: Value, end: number, isLittle: boolean): { type: number; count: number; bytes: Buffer } {
  if (typeof value === 'number') return { type: 4, count: 1, bytes: numbers([value], 4, isLittle) }
  if (typeof value === 'string') return { type: 2, count: value.length + 1, bytes: Buffer.from(`${value}\0`) }
  if (Array.isArray(value)) return { type: 3, count: value.length, bytes: numbers(value, 2, isLittle) }
  if ('place' in value) return { type: 4, count: 1, bytes: value.place }
  if ('directory' in value) return { type: 13, count: 1, bytes: aDirectory(value.directory, end, isLittle) }
  if ('bytes' in value) return { type: 7, count: value.bytes.length, bytes: value.bytes }
  return { type: 5, count: value.fractions.length, bytes: numbers(value.fractions.flat(), 4, isLittle) }
}

function numbers(values: readonly number[], size: 2 | 4, isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * size)
  for (const [index, value] of values.entries()) {
    if (isLittle) bytes.writeUIntLE(value, index * size, size)
    else bytes.writeUIntBE(value, index * size, size)
  }
  return bytes
}

/** A picture of one colour, as a camera puts it beside what its sensor saw. */
export function aPreview(options: { exif?: sharp.Exif; orientation?: number } = {}): Promise<Buffer> {
  const picture = sharp({ create: { width: 60, height: 40, channels: 3, background: '#c03020' } }).jpeg()
  const { exif, orientation } = options
  if (exif) picture.withExif(exif)
  if (orientation) picture.withMetadata({ orientation })
  return picture.toBuffer()
}

/** What a camera writes of a photo of 6 000 by 4 000 pixels, taken in Sydney. */
export const cameraTags: Tags = {
  256: 6_000,
  257: 4_000,
  271: 'NIKON CORPORATION',
  272: 'NIKON D70',
  34665: { directory: { 36867: '2024:07:14 12:30:00', 42036: '50mm f/1.8' } },
  34853: {
    directory: {
      1: 'S',
      2: { fractions: degrees(33, 52) },
      3: 'E',
      4: { fractions: degrees(151, 12) },
    },
  },
}

function degrees(whole: number, minutes: number): [number, number][] {
  return [
    [whole, 1],
    [minutes, 1],
    [0, 1],
  ]
}

/** Where thumbnails say that a JPEG is. */
export function jpegTags(jpeg: Buffer): Tags {
  return { 513: { place: jpeg }, 514: jpeg.length }
}

/** What a sensor saw, as a TIFF has it: so many bytes, of which fewer may be there. */
export function sensorTags(length = 1_000, there = length): Tags {
  return { 256: 6_000, 257: 4_000, 258: [12], 273: { place: Buffer.alloc(there) }, 279: length }
}

/** A file of Fujifilm: a header, a JPEG, a list with the size of the photo, and what the sensor saw. */
export function aRaf(jpeg: Buffer): Buffer {
  const header = Buffer.alloc(108)
  header.write('FUJIFILMCCD-RAW 0201FF129502')
  const facts = Buffer.concat([numbers([2], 4, false), numbers([0x100, 4, 1, 1, 0x111, 4, 4_000, 6_000], 2, false)])
  const sensor = Buffer.alloc(100)
  const places = [108, jpeg.length, 108 + jpeg.length, facts.length, 108 + jpeg.length + facts.length, sensor.length]
  header.set(numbers(places, 4, false), 84)
  return Buffer.concat([header, jpeg, facts, sensor])
}

/** One of Canon's newer files. */
export function aCr3(jpeg: Buffer): Buffer {
  const { 0x8769: exif, 0x8825: gps, ...main } = cameraTags
  const inner = (value: Value | undefined) => aTiff((value as { directory: Tags }).directory)
  return Buffer.concat([
    aBox('ftyp', Buffer.from('crx \0\0\0\x01crx isom')),
    aBox(
      'moov',
      aBox(
        'uuid',
        Buffer.from('85c0b687820f11e08111f4ce462b6a48', 'hex'),
        aBox('CMT1', aTiff({ ...main, 274: [6] })),
        aBox('CMT2', inner(exif)),
        aBox('CMT4', inner(gps)),
      ),
    ),
    aBox(
      'uuid',
      Buffer.from('eaf42b5e1c984b88b9fbb7dc406e4d16', 'hex'),
      Buffer.alloc(8),
      aBox('PRVW', Buffer.alloc(16), jpeg),
    ),
    aBox('mdat', Buffer.alloc(100)),
  ])
}

function aBox(name: string, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([numbers([content.length + 8], 4, false), Buffer.from(name), content])
}
