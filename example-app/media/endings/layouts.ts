import type { Bytes } from './bytes'

/** One part of a file, which says how long it is. */
export interface Chunk {
  name: string
  /** How many bytes come before what it holds. */
  header: number
  /** How many bytes it holds. `null`: nobody knew when it was written. */
  held: number | null
}

/** A format that is made of chunks. */
export interface Layout {
  /** How a file begins. */
  begins: RegExp
  /** Where its first chunk is, and the multiple of bytes at which others begin. */
  first: number
  aligned: number
  /** Understands the first bytes of a chunk, at least `HEADER` of them. */
  chunkOf(header: Buffer, bytes: Bytes): Chunk
  /** The names of chunks that hold sound or pictures. */
  content: RegExp
}

/** Longest header of a chunk, in bytes. */
export const HEADER = 24

/**
 * Programs that write into a pipe cannot go back to where the length belongs. They leave 0 there, or as much as they can: SoX
 * 0x7f000000 and more, LAME 0x7fffffff, ffmpeg 0xffffffff. Of a recording that was as long as that, nobody finds out that it is cut off.
 */
const UNKNOWN = 0x7f00_0000

function chunk(name: string, header: number, held: number | bigint, unknown = UNKNOWN): Chunk {
  return { name, header, held: held < 0 || held >= unknown ? null : Number(held) }
}

const name = (bytes: Buffer, at = 0) => bytes.toString('latin1', at, at + 4)
/** Those of W64 and ASF are told apart by their beginning. */
const guid = (bytes: Buffer) => bytes.toString('hex', 0, 4)

const wave: Layout = {
  begins: /^RIFF....WAVE/s,
  first: 12,
  aligned: 2,
  chunkOf: (header) => chunk(name(header), 8, header.readUInt32LE(4)),
  content: /^data$/,
}

/** WAVE of more than 4 GB: how long its content is, the first chunk says. */
const longWave: Layout = {
  ...wave,
  begins: /^RF64....WAVEds64/s,
  chunkOf: (header, bytes) =>
    name(header) === 'data'
      ? chunk('data', 8, bytes.read(28, 8).readBigUInt64LE(), Number.MAX_SAFE_INTEGER)
      : wave.chunkOf(header, bytes),
}

/** Sony's. A length counts its header. */
const wave64: Layout = {
  begins: /^riff.{20}wave/s,
  first: 40,
  aligned: 8,
  chunkOf: (header) => chunk(guid(header), 24, header.readBigUInt64LE(16) - 24n, Number.MAX_SAFE_INTEGER),
  content: /^64617461$/,
}

const aiff: Layout = {
  begins: /^FORM....AIF[FC]/s,
  first: 12,
  aligned: 2,
  chunkOf: (header) => chunk(name(header), 8, header.readUInt32BE(4)),
  content: /^SSND$/,
}

const caf: Layout = {
  begins: /^caff/,
  first: 8,
  aligned: 1,
  chunkOf: (header) => chunk(name(header), 12, header.readBigInt64BE(4), Number.MAX_SAFE_INTEGER),
  content: /^data$/,
}

/** A length of 1 says that it stands behind, with 64 bits. */
const mp4: Layout = {
  begins: /^....(ftyp|moov|mdat|wide|free|skip)/s,
  first: 0,
  aligned: 1,
  chunkOf: (header) =>
    header.readUInt32BE() === 1
      ? chunk(name(header, 4), 16, header.readBigUInt64BE(8) - 16n, Number.MAX_SAFE_INTEGER)
      : chunk(name(header, 4), 8, header.readUInt32BE() - 8, Number.MAX_SAFE_INTEGER),
  content: /^mdat$/,
}

/** Windows Media. What holds the content has 26 bytes of its own before it, and no more than those in a broadcast. */
const asf: Layout = {
  begins: /^0&\xb2u\x8ef\xcf/,
  first: 0,
  aligned: 1,
  chunkOf: (header) => chunk(guid(header), 50, header.readBigUInt64LE(16) - 50n, Number.MAX_SAFE_INTEGER),
  content: /^3626b275$/,
}

/** After its first gigabyte, another begins that is made in the same way. */
const avi: Layout = {
  begins: /^RIFF....AVI /s,
  first: 12,
  aligned: 2,
  chunkOf: (header) => chunk(name(header, /^(LIST|RIFF)/.test(name(header)) ? 8 : 0), 8, header.readUInt32LE(4)),
  content: /^(movi|AVIX)$/,
}

/** Matroska and WebM: two chunks in all. How many bytes a name and a length have, the zeros say with which they begin. */
const matroska: Layout = {
  begins: /^.E\xdf\xa3/s,
  first: 0,
  aligned: 1,
  chunkOf(header) {
    const named = lengthOf(header, 0)
    const numbered = lengthOf(header, named)
    if (named > 4 || numbered > 8) return chunk('', 0, -1)
    const held = BigInt.asUintN(7 * numbered, BigInt(`0x${header.toString('hex', named, named + numbered)}`))
    // All ones: a broadcast, whose length nobody knew.
    const unknown = Math.min(2 ** (7 * numbered) - 1, Number.MAX_SAFE_INTEGER)
    return chunk(header.toString('hex', 0, named), named + numbered, held, unknown)
  },
  content: /^18538067$/,
}

function lengthOf(header: Buffer, at: number): number {
  return Math.clz32(header[at] ?? 0) - 23
}

export const layouts: readonly Layout[] = [wave, longWave, wave64, aiff, caf, mp4, asf, avi, matroska]
