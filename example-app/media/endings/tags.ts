import type { Bytes } from './bytes'

/** Where tags of these formats begin, counted from the end of the file. A tag of Lyrics3 has one of ID3 behind it. */
const tags: readonly [fromEnd: number, begins: string][] = [
  [128, 'TAG'],
  [32, 'APETAGEX'],
  [160, 'APETAGEX'],
  [10, '3DI'],
]

/** Whether a file ends in a tag. */
export function endsInTag(bytes: Bytes): boolean {
  return tags.some(([fromEnd, begins]) => {
    const at = bytes.size - fromEnd
    return at >= 0 && bytes.read(at, begins.length).toString('latin1') === begins
  })
}

/** Where the sound begins behind tags of ID3. */
export function afterLeadingTags(bytes: Bytes): number {
  for (let at = 0; ; ) {
    const header = bytes.read(at, 10)
    if (header.length < 10 || header.toString('latin1', 0, 3) !== 'ID3') return at
    const length = header.subarray(6).reduce((sum, part) => sum * 128 + (part & 0x7f), 0)
    const hasFooter = ((header[5] ?? 0) & 0x10) !== 0
    at += 10 + length + (hasFooter ? 10 : 0)
  }
}
