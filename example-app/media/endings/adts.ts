import type { Frame, FrameFormat } from './frames'

/** AAC without a container. */
export const adts: FrameFormat = { header: 7, frameOf }

function frameOf(header: Buffer): Frame | undefined {
  if ((header.readUInt16BE() & 0xfff6) !== 0xfff0) return undefined
  // Profile, sampling and channels: what stays as it is in a file.
  const kind = header.readUInt16BE(2) & 0xfdc0
  const length = (header.readUIntBE(3, 3) >> 5) & 0x1fff
  return length > adts.header ? { length, kind: String(kind) } : undefined
}
