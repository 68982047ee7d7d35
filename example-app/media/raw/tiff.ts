/** Reads so many bytes of a file from a place in it, and rejects where it ends before. */
export type ReadBytes = (at: number, length: number) => Promise<Buffer>

/** One of the lists of which a TIFF consists: what is said of a picture, by the numbers of its tags. */
export interface Directory {
  tags: ReadonlyMap<number, Value>
  /** Where the next of the chain begins. 0: this is the last. */
  next: number
}

export interface Value {
  /** Where its bytes are. */
  at: number
  length: number
  /** None where they are bytes of any meaning, or too many to be of use. */
  numbers: readonly number[]
}

/** Whether a number begins with its lowest byte. */
export type IsLittle = boolean

/** Most entries that any camera puts into one directory, many times over. */
const MOST_ENTRIES = 1_000
/** Longest value that is read, in bytes: the places of the ten thousand strips of a picture. */
const LONGEST_VALUE = 65_536
/** The length of an entry: tag, type, count, and the value or where it is. */
const ENTRY = 12

interface Type {
  size: number
  read?: (view: DataView, at: number, isLittle: IsLittle) => number
}

const byte: Type = { size: 1, read: (view, at) => view.getUint8(at) }
const long: Type = { size: 4, read: (view, at, isLittle) => view.getUint32(at, isLittle) }

/** As TIFF 6.0 numbers them. */
const types: Record<number, Type> = {
  1: byte,
  2: byte, // of a text
  3: { size: 2, read: (view, at, isLittle) => view.getUint16(at, isLittle) },
  4: long,
  5: { size: 8, read: (view, at, isLittle) => view.getUint32(at, isLittle) / view.getUint32(at + 4, isLittle) },
  7: { size: 1 }, // of any meaning
  13: long, // where a directory is
}

/** What the two letters say with which a TIFF begins. `undefined`: it is none. */
export function byteOrderOf(letters: string): IsLittle | undefined {
  return { II: true, MM: false }[letters]
}

export async function readDirectory(read: ReadBytes, isLittle: IsLittle, at: number): Promise<Directory> {
  const count = viewOf(await read(at, 2)).getUint16(0, isLittle)
  if (count > MOST_ENTRIES) throw new Error(`a directory of ${count} entries`)
  const entries = viewOf(await read(at + 2, count * ENTRY))
  const tags = new Map<number, Value>()
  for (let index = 0; index < count; index += 1) {
    const start = index * ENTRY
    const value = await readValue(read, isLittle, { entries, start, at: at + 2 + start })
    if (value) tags.set(entries.getUint16(start, isLittle), value)
  }
  // Some makers leave out what is next when nothing is.
  const next = await read(at + 2 + count * ENTRY, 4).catch(() => Buffer.alloc(4))
  return { tags, next: viewOf(next).getUint32(0, isLittle) }
}

interface Entry {
  entries: DataView
  /** Where it begins among the entries, and where in the file. */
  start: number
  at: number
}

/** `undefined`: of a type that we have no use for, or it lies outside the file. */
async function readValue(
  read: ReadBytes,
  isLittle: IsLittle,
  { entries, start, at }: Entry,
): Promise<Value | undefined> {
  const type = types[entries.getUint16(start + 2, isLittle)]
  if (!type) return undefined
  const count = entries.getUint32(start + 4, isLittle)
  const length = count * type.size
  const place = length <= 4 ? at + 8 : entries.getUint32(start + 8, isLittle)
  const { read: readNumber } = type
  if (!readNumber || length > LONGEST_VALUE) return { at: place, length, numbers: [] }
  const bytes = await read(place, length).catch(() => undefined)
  if (!bytes) return undefined
  const view = viewOf(bytes)
  const numbers = Array.from({ length: count }, (_, index) => readNumber(view, index * type.size, isLittle))
  return { at: place, length, numbers }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
