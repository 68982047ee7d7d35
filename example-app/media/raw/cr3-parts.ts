import type { Parts, Piece } from './parts'
import { byteOrderOf, type Directory, type ReadBytes, readDirectory } from './tiff'

/** Most boxes that are looked at in a file, many times what a camera writes. */
const MOST_BOXES = 500
const WIDTH = 0x100
const HEIGHT = 0x101

/** A part of the file, with a name: `moov`, or `uuid` with what makes it Canon's. */
interface Box extends Piece {
  name: string
}

/** Canon's own that hold more boxes, and how many bytes of something else come first. */
const canon: Record<string, number> = {
  '85c0b687820f11e08111f4ce462b6a48': 0,
  eaf42b5e1c984b88b9fbb7dc406e4d16: 8,
}
/** How much comes before the JPEG in a box with one. */
const headings: Record<string, number> = { THMB: 16, PRVW: 16 }

/** Canon's newer files: boxes within boxes, and each directory is a TIFF of its own. See https://github.com/lclevy/canon_cr3. */
export async function cr3Parts(read: ReadBytes, size: number): Promise<Parts> {
  const boxes: Box[] = []
  const end = await collect(read, { at: 0, length: size }, boxes)
  const directoryOf = (name: string) =>
    directoryIn(
      read,
      boxes.find((box) => box.name === name),
    )
  const main = await directoryOf('CMT1')
  const number = (tag: number) => main?.tags.get(tag)?.numbers[0] ?? 0
  return {
    main,
    exif: await directoryOf('CMT2'),
    gps: await directoryOf('CMT4'),
    previews: boxes.flatMap(({ name, at, length }) => {
      const heading = headings[name]
      return heading === undefined ? [] : { at: at + heading, length: length - heading }
    }),
    hasThumbnail: false,
    sizes: [{ width: number(WIDTH), height: number(HEIGHT) }],
    end,
  }
}

/** All boxes within a part of the file, those within them too. Resolves with where the last one ends by its own account. */
async function collect(read: ReadBytes, { at, length }: Piece, boxes: Box[]): Promise<number> {
  const end = at + length
  let place = at
  while (place + 8 <= end && boxes.length < MOST_BOXES) {
    const box = await boxAt(read, place, end)
    boxes.push(box)
    const first = box.name === 'moov' ? 0 : canon[box.name]
    if (first !== undefined) await collect(read, { at: box.at + first, length: box.length - first }, boxes)
    place = box.at + box.length
  }
  return place
}

/** Its bytes without the heading: length and name. A length of 1 is followed by the true one as eight bytes; 0 is all that is left. */
async function boxAt(read: ReadBytes, place: number, end: number): Promise<Box> {
  const heading = await read(place, 8)
  const name = heading.toString('latin1', 4, 8)
  const said = heading.readUInt32BE(0)
  const isLong = said === 1
  const length = isLong ? Number((await read(place + 8, 8)).readBigUInt64BE()) : said === 0 ? end - place : said
  const at = place + (isLong ? 16 : 8)
  const inner = { name, at, length: Math.max(0, place + length - at) }
  if (name !== 'uuid' || inner.length < 16) return inner
  return { name: (await read(at, 16)).toString('hex'), at: at + 16, length: inner.length - 16 }
}

async function directoryIn(read: ReadBytes, box: Box | undefined): Promise<Directory | undefined> {
  if (!box) return undefined
  const fromBox: ReadBytes = (at, length) => read(box.at + at, length)
  const header = await fromBox(0, 8)
  const isLittle = byteOrderOf(header.toString('latin1', 0, 2)) ?? false
  return readDirectory(fromBox, isLittle, isLittle ? header.readUInt32LE(4) : header.readUInt32BE(4))
}
