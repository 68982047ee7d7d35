import { extname, posix } from 'node:path'
import { breather } from './breather'
import { besideLoneVideo, besideVideo, fold, ofAlbum, pictures, stemOf } from './sidecars'
import type { MediaFile } from './walk'

/** Names of art in the folder of a film, an album, a show or an artist. Some of it nobody here has a use for, and it is no photo all the same. */
const known = [...Object.values(besideLoneVideo).flat(), ...ofAlbum, 'artist']
const names: ReadonlySet<string> = new Set([
  ...known,
  ...'back clearart disc discart cdart keyart characterart'.split(' '),
])

/** As in `season01-poster` and `season-specials-banner`. */
const ofSeason = /^season(\d+|-all|-specials)-\w+$/

/** As in `Film-poster`. */
const endings = Object.values(besideVideo)
  .flat()
  .filter((ending) => ending !== '')

/** How far above its films and its music a folder may have art of its own: a show above its seasons, an artist above the discs of an album. */
const FARTHEST = 2

/** What lies in one folder. */
interface Contents {
  /** Of films and music. */
  stems: Set<string>
  photos: MediaFile[]
}

type Breathe = ReturnType<typeof breather>

/**
 * All files but the pictures that are not photos but belong to films and music: `poster.jpg` and the like in a folder of theirs or
 * right above it, `Film-fanart.jpg`, and `Film.jpg`, unless other photos lie beside it: then a camera made both. The server answers
 * in between.
 */
export async function withoutArt(files: readonly MediaFile[]): Promise<MediaFile[]> {
  const breathe = breather()
  const folders = await contentsOf(files, breathe)
  const withArt = await foldersWithArt(folders, breathe)
  const art = new Set<MediaFile>()
  for (const [folder, contents] of folders) {
    for (const file of await artIn(contents, withArt.has(folder), breathe)) art.add(file)
  }
  return files.filter((file) => !art.has(file))
}

async function artIn({ stems, photos }: Contents, hasArt: boolean, breathe: Breathe): Promise<MediaFile[]> {
  if (!hasArt && stems.size === 0) return []
  const [named, others]: [MediaFile[], MediaFile[]] = [[], []]
  let areTwins = true
  for (const file of photos) {
    const isNamed = isNamedAsArt(file, stems, hasArt)
    ;(isNamed ? named : others).push(file)
    areTwins &&= isNamed || (isPicture(file) && stems.has(stemOfFile(file)))
    await breathe()
  }
  // Photos above a clip, and one of them happens to be called like art.
  if (stems.size === 0 && others.length > 0) return []
  return areTwins ? photos : named
}

function isNamedAsArt(file: MediaFile, stems: ReadonlySet<string>, hasArt: boolean): boolean {
  if (!isPicture(file)) return false
  const stem = stemOfFile(file)
  if (hasArt && (names.has(stem) || ofSeason.test(stem))) return true
  return endings.some((ending) => stem.endsWith(ending) && stems.has(stem.slice(0, -ending.length)))
}

async function contentsOf(files: readonly MediaFile[], breathe: Breathe): Promise<Map<string, Contents>> {
  const folders = new Map<string, Contents>()
  for (const file of files) {
    const folder = posix.dirname(file.path)
    const contents = folders.get(folder) ?? { stems: new Set(), photos: [] }
    folders.set(folder, contents)
    if (file.kind === 'photo') contents.photos.push(file)
    else contents.stems.add(stemOfFile(file))
    await breathe()
  }
  return folders
}

/** The media folder itself is nobody's. */
async function foldersWithArt(folders: ReadonlyMap<string, Contents>, breathe: Breathe): Promise<Set<string>> {
  const found = new Set<string>()
  for (const [folder, { stems }] of folders) {
    await breathe()
    if (stems.size === 0) continue
    let at = folder
    for (let above = 0; above <= FARTHEST && at !== '.'; above += 1) {
      found.add(at)
      at = posix.dirname(at)
    }
  }
  return found
}

function isPicture({ path }: MediaFile): boolean {
  return pictures.includes(extname(path).slice(1).toLowerCase())
}

function stemOfFile({ path }: MediaFile): string {
  return fold(stemOf(posix.basename(path)))
}
