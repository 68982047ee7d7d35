import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

/**
 * The index of pictures that players show while somebody winds through a film, as Roku defines it (BIF): a header of 64 bytes, a
 * table of times and places, the JPEGs one after the other. All numbers have 32 bits, the lowest first.
 */
const MAGIC = Buffer.from([0x89, 0x42, 0x49, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
const VERSION = 0
const HEADER_BYTES = 64
const ENTRY_BYTES = 8
/** The time of the entry after the last: no picture, but the end. */
const NO_TIME = 0xffff_ffff
const LARGEST = 0xffff_ffff
const JPEG_START = Buffer.from([0xff, 0xd8])
const JPEG_END = Buffer.from([0xff, 0xd9])

/** Pictures one after the other in a file, while they are made. */
export class PictureFile {
  readonly sizes: number[] = []
  readonly path: string
  readonly #handle: FileHandle

  private constructor(path: string, handle: FileHandle) {
    this.path = path
    this.#handle = handle
  }

  static async create(path: string): Promise<PictureFile> {
    return new PictureFile(path, await open(path, 'w'))
  }

  async add(picture: Buffer): Promise<void> {
    await this.#handle.appendFile(picture)
    this.sizes.push(picture.length)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** Everything that stands before the pictures. The n-th picture is that of `n * intervalMs`. */
export function bifHeader(sizes: readonly number[], intervalMs: number): Buffer {
  const start = HEADER_BYTES + ENTRY_BYTES * (sizes.length + 1)
  const header = Buffer.alloc(start)
  MAGIC.copy(header)
  header.writeUInt32LE(VERSION, 8)
  header.writeUInt32LE(sizes.length, 12)
  header.writeUInt32LE(intervalMs, 16)
  let [at, offset] = [HEADER_BYTES, start]
  const enter = (time: number) => {
    if (offset > LARGEST) throw new Error(`the index would have more than ${LARGEST} bytes`)
    header.writeUInt32LE(time, at)
    header.writeUInt32LE(offset, at + 4)
    at += ENTRY_BYTES
  }
  for (const [time, size] of sizes.entries()) {
    enter(time)
    offset += size
  }
  enter(NO_TIME)
  return header
}

export async function writeBif(file: string, { path, sizes }: PictureFile, intervalMs: number): Promise<void> {
  const target = createWriteStream(file)
  target.write(bifHeader(sizes, intervalMs))
  await pipeline(createReadStream(path), target)
}

/** Reads an index once more, as a player would. Rejects with what is wrong with it; resolves with how many pictures it holds. */
export async function checkBif(file: string, intervalMs: number): Promise<number> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const header = await bytesAt(handle, 0, HEADER_BYTES)
    const count = header.readUInt32LE(12)
    const said = { version: header.readUInt32LE(8), intervalMs: header.readUInt32LE(16) }
    expect(header.subarray(0, MAGIC.length).equals(MAGIC), 'does not begin like one')
    expect(said.version === VERSION && said.intervalMs === intervalMs, `says ${JSON.stringify(said)} of itself`)
    expect(
      header.subarray(20).every((byte) => byte === 0),
      'has something in its reserved bytes',
    )
    expect(HEADER_BYTES + ENTRY_BYTES * (count + 1) <= size, `has no room for ${count} pictures`)
    await checkPictures(handle, count, size)
    return count
  } finally {
    await handle.close()
  }
}

async function checkPictures(handle: FileHandle, count: number, size: number): Promise<void> {
  const table = await bytesAt(handle, HEADER_BYTES, ENTRY_BYTES * (count + 1))
  let from = HEADER_BYTES + table.length
  for (let index = 0; index <= count; index += 1) {
    const time = table.readUInt32LE(index * ENTRY_BYTES)
    const next = table.readUInt32LE(index * ENTRY_BYTES + 4)
    expect(time === (index < count ? index : NO_TIME), `has entry ${index} for the time ${time}`)
    if (index > 0) await checkPicture(handle, index - 1, from, next)
    else expect(next === from, `has its first picture at ${next}`)
    from = next
  }
  expect(from === size, `ends at ${size}, and its table at ${from}`)
}

async function checkPicture(handle: FileHandle, index: number, from: number, end: number): Promise<void> {
  expect(end - from > JPEG_START.length + JPEG_END.length, `has ${end - from} bytes for picture ${index}`)
  const start = await bytesAt(handle, from, JPEG_START.length)
  const last = await bytesAt(handle, end - JPEG_END.length, JPEG_END.length)
  expect(start.equals(JPEG_START) && last.equals(JPEG_END), `has no JPEG as picture ${index}`)
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  expect(bytesRead === length, `ends before ${position + length}`)
  return buffer
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`the index just written is damaged: it ${otherwise}`)
}
