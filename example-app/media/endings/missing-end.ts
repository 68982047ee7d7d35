import type { Kind } from '../kind'
import { adts } from './adts'
import { ANNOUNCED_WITHIN, announcementIn } from './announcement'
import { apeEnd } from './ape'
import { Bytes } from './bytes'
import { contentEnd } from './chunks'
import { type Framed, readFrames } from './frames'
import { layouts } from './layouts'
import { mpegAudio } from './mpeg-audio'
import { oggEndsWithin } from './ogg'
import { afterLeadingTags, endsInTag } from './tags'

/**
 * Where a film or a piece of music ends, if that is earlier than the file itself says. `null`: it is whole, or nothing is said. A job
 * for a thread: all of an MP3 is gone through. Goes by what the file is, and not by its name.
 */
export function missingEnd({ file, kind }: { file: string; kind: Kind }): string | null {
  return Bytes.use(file, (bytes) => {
    const from = afterLeadingTags(bytes)
    const begins = bytes.read(from, 32).toString('latin1')
    const layout = layouts.find((each) => each.begins.test(begins))
    if (layout) return missingBytes(contentEnd(layout, bytes, from), bytes)
    if (begins.startsWith('MAC ')) return missingBytes(apeEnd(bytes, from), bytes)
    if (begins.startsWith('OggS')) return missingPage(bytes)
    // Films have sound of that kind in them, in pieces.
    if (kind === 'video') return null
    return missingSound(bytes, from) ?? missingAac(bytes, from)
  })
}

function missingBytes(end: number | null, { size }: Bytes): string | null {
  return end === null || end <= size ? null : `ends at ${size} of ${end} bytes`
}

function missingPage(bytes: Bytes): string | null {
  const within = oggEndsWithin(bytes)
  return within === null ? null : `ends within a ${within}`
}

/** Of an MP3. What its first frame says is better than what its last frame looks like: encoders of old let it end anywhere. */
function missingSound(bytes: Bytes, from: number): string | null {
  const framed = readFrames(mpegAudio, bytes, from)
  const first = framed && announcementIn(bytes.read(framed.firstAt, ANNOUNCED_WITHIN))
  if (!first) return missingFrame(framed, bytes)
  const end = framed.firstAt + (first.bytes ?? Infinity)
  if (end <= bytes.size) return null
  // Some encoders count the first frame too, which holds no sound.
  const held = framed.endsWithin ? framed.count - 1 : framed.count
  if (first.frames !== null) return held < first.frames ? `ends at ${held} of ${first.frames} frames` : null
  return first.bytes === null ? null : missingBytes(end, bytes)
}

function missingAac(bytes: Bytes, from: number): string | null {
  return missingFrame(readFrames(adts, bytes, from), bytes)
}

/** Where nothing but the last frame tells. A tag behind it shows that the file was written to its end. */
function missingFrame(framed: Framed | undefined, bytes: Bytes): string | null {
  return framed?.endsWithin && !endsInTag(bytes) ? 'ends within a frame' : null
}
