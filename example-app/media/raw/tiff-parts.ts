import type { Parts, Piece, Size } from './parts'
import { byteOrderOf, type Directory, type IsLittle, type ReadBytes, readDirectory } from './tiff'

/** Most directories that are looked into. Cameras write ten; a chain may go in a circle. */
const MOST_DIRECTORIES = 50

const tag = {
  // Panasonic numbers otherwise where what the sensor saw begins and ends, and where a JPEG and the sensor's strip are.
  top: 4,
  left: 5,
  bottom: 6,
  right: 7,
  panasonicJpeg: 0x2e,
  panasonicStrip: 0x118,
  width: 0x100,
  height: 0x101,
  bitsPerSample: 0x102,
  compression: 0x103,
  photometric: 0x106,
  stripOffsets: 0x111,
  stripByteCounts: 0x117,
  tileOffsets: 0x144,
  tileByteCounts: 0x145,
  subDirectories: 0x14a,
  jpegOffset: 0x201,
  jpegLength: 0x202,
  exif: 0x8769,
  gps: 0x8825,
  makerNote: 0x927c,
  exifWidth: 0xa002,
  exifHeight: 0xa003,
}

/**
 * What most makers write, Canon (CR2), Nikon, Sony, Pentax, Samsung, and Adobe (DNG) among them: a TIFF. Olympus and Panasonic call it
 * otherwise.
 */
export async function tiffParts(read: ReadBytes): Promise<Parts> {
  const header = await read(0, 8)
  const isLittle = byteOrderOf(header.toString('latin1', 0, 2)) ?? false
  const first = isLittle ? header.readUInt32LE(4) : header.readUInt32BE(4)
  const directories = await followAll(read, isLittle, first)
  const [main] = directories
  const follow = async (number: number) => {
    const at = numberOf(main, number)
    return at === undefined ? undefined : readDirectory(read, isLittle, at).catch(() => undefined)
  }
  const exif = await follow(tag.exif)
  const pictures = directories.flatMap(piecesOfPicture)
  return {
    main,
    exif,
    gps: await follow(tag.gps),
    previews: [...directories.flatMap(jpegsOf), ...(await olympusPreview(read, exif))],
    hasThumbnail: main !== undefined && isPlain(main),
    sizes: [...directories, ...(exif ? [exif] : [])].flatMap(sizesOf),
    end: pictures.reduce((end, { at, length }) => Math.max(end, at + length), 0),
  }
}

/** All directories of the chain, and those beneath them. */
async function followAll(read: ReadBytes, isLittle: IsLittle, first: number): Promise<Directory[]> {
  const directories: Directory[] = []
  const places = new Set([first])
  for (const at of places) {
    if (at === 0 || directories.length === MOST_DIRECTORIES) continue
    // The first one must be there. One of the others may be damaged, and what the rest says is still of use.
    const directory = await readDirectory(read, isLittle, at).catch((error: unknown) => {
      if (at === first) throw error
    })
    if (!directory) continue
    directories.push(directory)
    for (const place of [...numbersOf(directory, tag.subDirectories), directory.next]) places.add(place)
  }
  return directories
}

function numbersOf(directory: Directory | undefined, number: number): readonly number[] {
  return directory?.tags.get(number)?.numbers ?? []
}

function numberOf(directory: Directory | undefined, number: number): number | undefined {
  return numbersOf(directory, number)[0]
}

/** What is beside what. */
function piecesOf(directory: Directory, offsets: number, lengths: number): Piece[] {
  const all = numbersOf(directory, lengths)
  return numbersOf(directory, offsets).flatMap((at, index) => ({ at, length: all[index] ?? 0 }))
}

/** Of what a picture consists. Panasonic says elsewhere where its only strip is, and a length that it had before it was made smaller. */
function piecesOfPicture(directory: Directory): Piece[] {
  const panasonic = numberOf(directory, tag.panasonicStrip)
  if (panasonic !== undefined) return [{ at: panasonic, length: 1 }]
  return [
    ...piecesOf(directory, tag.stripOffsets, tag.stripByteCounts),
    ...piecesOf(directory, tag.tileOffsets, tag.tileByteCounts),
  ]
}

/** As thumbnails have it, as Panasonic has it, or as the only strip of a picture. */
function jpegsOf(directory: Directory): Piece[] {
  const panasonic = directory.tags.get(tag.panasonicJpeg)
  const strips = isColoured(directory, 6, 7) ? piecesOf(directory, tag.stripOffsets, tag.stripByteCounts) : []
  return [
    ...piecesOf(directory, tag.jpegOffset, tag.jpegLength),
    ...(panasonic ? [panasonic] : []),
    ...(strips.length === 1 ? strips : []),
  ]
}

/** Whether a picture is one that any reader of TIFF can show: red, green and blue as they are. */
function isPlain(directory: Directory): boolean {
  return isColoured(directory, 1) && numberOf(directory, tag.photometric) === 2
}

/** Whether a picture is for people, and made smaller in one of these ways. What a sensor saw has other bits than three times eight. */
function isColoured(directory: Directory, ...compressions: number[]): boolean {
  const isSeen = numbersOf(directory, tag.bitsPerSample).join() === '8,8,8'
  return isSeen && compressions.includes(numberOf(directory, tag.compression) ?? 1)
}

function sizesOf(directory: Directory): Size[] {
  const number = (name: number) => numberOf(directory, name) ?? 0
  return [
    { width: number(tag.width), height: number(tag.height) },
    { width: number(tag.exifWidth), height: number(tag.exifHeight) },
    { width: number(tag.right) - number(tag.left), height: number(tag.bottom) - number(tag.top) },
  ]
}

/** What comes before the directory in a note of Olympus: its name, the byte order, and a version. */
const olympus = /^(?:OLYMPUS\0|OM SYSTEM\0\0\0)(II|MM)../s
const camera = { settings: 0x2020, previewOffset: 0x101, previewLength: 0x102 }

/** Olympus puts the preview into its own note, and counts from where that begins. */
async function olympusPreview(read: ReadBytes, exif: Directory | undefined): Promise<Piece[]> {
  const note = exif?.tags.get(tag.makerNote)
  if (!note) return []
  const fromNote: ReadBytes = (at, length) => read(note.at + at, length)
  try {
    const [heading, letters = ''] = olympus.exec((await fromNote(0, 20)).toString('latin1')) ?? []
    const isLittle = byteOrderOf(letters)
    if (heading === undefined || isLittle === undefined) return []
    const all = await readDirectory(fromNote, isLittle, heading.length)
    const settings = all.tags.get(camera.settings)
    if (!settings) return []
    const place = settings.numbers[0] ?? settings.at
    const found = await readDirectory(fromNote, isLittle, place)
    return piecesOf(found, camera.previewOffset, camera.previewLength).map(({ at, length }) => ({
      at: note.at + at,
      length,
    }))
  } catch {
    // A damaged note is none.
    return []
  }
}
