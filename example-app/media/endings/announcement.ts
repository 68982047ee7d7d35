/** What the first frame of an MP3 says of the sound that follows. It holds none itself. `null`: it does not say. */
export interface Announcement {
  frames: number | null
  /** With this frame. */
  bytes: number | null
}

/** How many bytes of a frame are looked at. */
export const ANNOUNCED_WITHIN = 64
/** Where encoders of Fraunhofer's put it. Others put it behind what a frame tells of its channels, whose length depends. */
const VBRI_AT = 36

/** `undefined`: it is a frame like any other. */
export function announcementIn(frame: Buffer): Announcement | undefined {
  if (frame.length < ANNOUNCED_WITHIN) return undefined
  const at = 4 + channelsLength(frame)
  if (/^(Xing|Info)$/.test(nameAt(frame, at))) return announcedBy(frame, at)
  if (nameAt(frame, VBRI_AT) !== 'VBRI') return undefined
  return { bytes: frame.readUInt32BE(VBRI_AT + 10) || null, frames: frame.readUInt32BE(VBRI_AT + 14) || null }
}

function nameAt(frame: Buffer, at: number): string {
  return frame.toString('latin1', at, at + 4)
}

function channelsLength([, version = 0, , channels = 0]: Buffer): number {
  const isMono = channels >> 6 === 3
  const isFirst = ((version >> 3) & 3) === 3
  if (isFirst) return isMono ? 17 : 32
  return isMono ? 9 : 17
}

/** Flags say which numbers there are. */
function announcedBy(frame: Buffer, at: number): Announcement {
  const flags = frame.readUInt32BE(at + 4)
  const frames = flags & 1 ? frame.readUInt32BE(at + 8) : 0
  const bytes = flags & 2 ? frame.readUInt32BE(at + 8 + (flags & 1) * 4) : 0
  return { frames: frames || null, bytes: bytes || null }
}
