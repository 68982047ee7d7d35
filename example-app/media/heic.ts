import { readFileSync } from 'node:fs'
import createLibheif, { type MainModule } from 'libheif-js/libheif-wasm/libheif.js'

/** Rows of red, green, blue and opacity, one byte each. */
export interface RawPicture {
  pixels: Uint8Array
  width: number
  height: number
  /** How long a row is, in pixels: it may be longer than what is seen of it. */
  rowLength: number
}

/**
 * Decodes a HEIC picture, as it is to be looked at. Phones put a small copy beside the picture: where one of its sides has `enough`
 * pixels, that is taken, because twelve megapixels take a second or more. Throws when it is cut off, and what the decoder complains of.
 */
export function decodeHeic(content: Uint8Array, enough: number): RawPicture {
  if (isCutOff(content)) throw new Error('it is cut off')
  const decoder = new Decoder()
  const picture = decoder.open(content)
  return decoder.decode(decoder.smallCopyOf(picture, enough) ?? picture)
}

/** Where something in the memory of the decoder begins. */
type Pointer = number

// As libheif's header has them: https://github.com/strukturag/libheif/blob/master/libheif/api/libheif/heif_image.h
const RGB = 1
const INTERLEAVED_RGBA = 11
const INTERLEAVED = 10

/** How far the sides of a copy may differ from those of the picture, by rounding. More: it is another picture. */
const SAME_SHAPE = 0.02

let wasmBinary: Buffer | undefined

/**
 * libheif, in a memory of its own for every picture: nothing need be given back, and what a bad picture breaks goes with it. Its
 * functions are called as from C; those that can fail write a code and where the message is to where their first argument points.
 */
class Decoder {
  readonly #libheif: MainModule
  readonly #result: Pointer

  constructor() {
    wasmBinary ??= readFileSync(require.resolve('libheif-js/libheif-wasm/libheif.wasm'))
    this.#libheif = createLibheif({ wasmBinary, print: () => {}, printErr: () => {} })
    this.#result = this.#allocate(16)
  }

  /** The picture that is meant to be shown. */
  open(content: Uint8Array): Pointer {
    const libheif = this.#libheif
    const copy = this.#allocate(content.length)
    libheif.HEAPU8.set(content, copy)
    const file = libheif._heif_context_alloc()
    this.#expect((failure) =>
      libheif._heif_context_read_from_memory_without_copy(failure, file, copy, content.length, 0),
    )
    return this.#expect((failure, result) => libheif._heif_context_get_primary_image_handle(failure, file, result))
  }

  smallCopyOf(picture: Pointer, enough: number): Pointer | undefined {
    const libheif = this.#libheif
    const ids = this.#allocate(4)
    if (libheif._heif_image_handle_get_list_of_thumbnail_IDs(picture, ids, 1) === 0) return undefined
    const id = this.#read(ids)
    const copy = this.#expect((failure, result) => {
      libheif._heif_image_handle_get_thumbnail(failure, picture, id, result)
    })
    const [width, height] = this.#sizeOf(copy)
    const [wholeWidth, wholeHeight] = this.#sizeOf(picture)
    const isSameShape = Math.abs((width / height) * (wholeHeight / wholeWidth) - 1) < SAME_SHAPE
    return isSameShape && Math.max(width, height) >= enough ? copy : undefined
  }

  decode(picture: Pointer): RawPicture {
    const libheif = this.#libheif
    const image = this.#expect((failure, result) => {
      libheif._heif_decode_image(failure, picture, result, RGB, INTERLEAVED_RGBA, 0)
    })
    const width = libheif._heif_image_get_width(image, INTERLEAVED)
    const height = libheif._heif_image_get_height(image, INTERLEAVED)
    const rows = libheif._heif_image_get_plane_readonly2(image, INTERLEAVED, this.#result)
    const rowBytes = this.#read(this.#result)
    // Not copied: a picture may take most of the memory.
    return { pixels: libheif.HEAPU8.subarray(rows, rows + rowBytes * height), width, height, rowLength: rowBytes / 4 }
  }

  #sizeOf(picture: Pointer): [width: number, height: number] {
    const libheif = this.#libheif
    return [libheif._heif_image_handle_get_width(picture), libheif._heif_image_handle_get_height(picture)]
  }

  /** What a function has put where its last argument points. Throws with its message when it failed. */
  #expect(call: (failure: Pointer, result: Pointer) => void): number {
    const failure = this.#allocate(12)
    call(failure, this.#result)
    if (this.#read(failure) !== 0) throw new Error(this.#text(this.#read(failure + 8)))
    return this.#read(this.#result)
  }

  #allocate(bytes: number): Pointer {
    const pointer = this.#libheif._malloc(bytes)
    if (pointer === 0) throw new Error(`the decoder has no room for ${bytes} bytes more`)
    return pointer
  }

  /** The memory may have grown, and then lies elsewhere. */
  get #memory(): Buffer {
    const { buffer } = this.#libheif.HEAPU8 as Uint8Array
    return Buffer.from(buffer as ArrayBuffer)
  }

  #read(at: Pointer): number {
    return this.#memory.readUInt32LE(at)
  }

  #text(at: Pointer): string {
    const memory = this.#memory
    return memory.toString('utf8', at, memory.indexOf(0, at))
  }
}

/** What a file is divided into, as far as pictures have it. */
const boxes: ReadonlySet<string> = new Set(['ftyp', 'meta', 'mdat', 'idat', 'moov', 'free', 'skip'])

/** The decoder paints grey what is missing, and calls that done. What some phones put behind the boxes is passed over. */
function isCutOff(content: Uint8Array): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  for (let at = 0; at + 8 <= bytes.length; ) {
    if (!boxes.has(bytes.toString('latin1', at + 4, at + 8))) return false
    const said = bytes.readUInt32BE(at)
    const isLong = said === 1 && at + 16 <= bytes.length
    const size = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : said
    if (size === 0) return false
    if (at + size > bytes.length) return true
    at += Math.max(size, 8)
  }
  return false
}
