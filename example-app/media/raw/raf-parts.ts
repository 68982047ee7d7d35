import type { Parts, Size } from './parts'
import type { ReadBytes } from './tiff'

/** What the header of Fujifilm's files points to, as exiftool has it: the JPEG, a list of facts, and what the sensor saw. */
const place = { jpeg: 84, facts: 92, sensor: 100 }
const CROPPED_SIZE = 0x111
/** Most facts that are looked through. */
const MOST_FACTS = 255

/** Fujifilm's own: a header, and a whole JPEG with all that the camera wrote. */
export async function rafParts(read: ReadBytes): Promise<Parts> {
  const header = await read(0, 108)
  const pieceAt = (at: number) => ({ at: header.readUInt32BE(at), length: header.readUInt32BE(at + 4) })
  const sensor = pieceAt(place.sensor)
  return {
    main: undefined,
    exif: undefined,
    gps: undefined,
    previews: [pieceAt(place.jpeg)],
    hasThumbnail: false,
    sizes: await sizesOf(read, pieceAt(place.facts).at).catch(() => []),
    end: sensor.at + sensor.length,
  }
}

async function sizesOf(read: ReadBytes, facts: number): Promise<Size[]> {
  const count = (await read(facts, 4)).readUInt32BE()
  let at = facts + 4
  for (let index = 0; index < Math.min(count, MOST_FACTS); index += 1) {
    const heading = await read(at, 4)
    if (heading.readUInt16BE(0) === CROPPED_SIZE) {
      const size = await read(at + 4, 4)
      return [{ width: size.readUInt16BE(2), height: size.readUInt16BE(0) }]
    }
    at += 4 + heading.readUInt16BE(2)
  }
  return []
}
