import type { Bytes } from './bytes'

/** The first version of Monkey's Audio, times 1 000, that says how long its parts are. */
const SAYING = 3_980
/** Where it says so of each of them, in 32 bits; and of the sound, where the upper 32 bits are. */
const LENGTHS = [8, 12, 16, 20, 24, 32]
const UPPER = 28
const HEADER = 36

/** Where a file of Monkey's Audio ends by its own account. `null`: it does not say. */
export function apeEnd(bytes: Bytes, from: number): number | null {
  const header = bytes.read(from, HEADER)
  if (header.length < HEADER || header.readUInt16LE(4) < SAYING) return null
  const lower = LENGTHS.reduce((sum, at) => sum + header.readUInt32LE(at), 0)
  return from + lower + header.readUInt32LE(UPPER) * 2 ** 32
}
