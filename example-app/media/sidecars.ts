import { extname, posix } from 'node:path'
import type { Kind } from './kind'
import { readSubtitleName, type SubtitleName } from './subtitle-name'

/** What a file beside the media is to them. */
export type Role =
  | 'poster'
  | 'fanart'
  | 'thumb'
  | 'banner'
  | 'logo'
  | 'cover'
  | 'artist'
  | 'nfo'
  | 'subtitle'
  | 'lyrics'

/** A file that belongs to a film or a piece of music. */
export interface Sidecar {
  /** Below the media folder, with '/'. */
  path: string
  role: Role
  /** Of a subtitle file. */
  named: SubtitleName | null
}

/** A folder with media, as its listing tells. */
export interface MediaFolder {
  /** Below the media folder; '' is that folder itself. */
  path: string
  names: readonly string[]
  /** The names in the folder that this one lies in; none for the media folder, and for what lies right in it. */
  namesAbove: readonly string[]
  /** A folder in it that is there for subtitles. */
  subtitles: { path: string; names: readonly string[] } | null
  /** The media in it. */
  media: readonly { name: string; kind: Kind }[]
  /** Whether folders beneath it hold films. */
  hasFilmsBeneath: boolean
}

export const pictures = 'jpg jpeg png webp'.split(' ')
const subtitles = 'srt vtt ass ssa sub'.split(' ')

/** How folders for subtitles are called. */
export const subtitleFolder = /^sub(s|titles?)$/i

/** Of `Film.mp4`: names that begin with `Film`. The first that is there counts. */
export const besideVideo: Partial<Record<Role, string[]>> = {
  poster: ['-poster', '-cover', ''],
  fanart: ['-fanart', '-backdrop', '-background'],
  thumb: ['-thumb', '-landscape'],
  banner: ['-banner'],
  logo: ['-logo', '-clearlogo'],
}

/** In a folder that a film has to itself. */
export const besideLoneVideo: Partial<Record<Role, string[]>> = {
  poster: ['poster', 'folder', 'cover', 'movie'],
  fanart: ['fanart', 'backdrop', 'background'],
  thumb: ['thumb', 'landscape'],
  banner: ['banner'],
  logo: ['logo', 'clearlogo'],
}

export const ofAlbum = ['cover', 'folder', 'front', 'album']

/** The files that belong to one of the media in a folder, for each role those that may fill it, the best first. */
export function sidecarsOf(name: string, kind: Kind, folder: MediaFolder): Sidecar[] {
  const listing = listingOf(folder.path, folder.names)
  const stem = fold(stemOf(name))
  if (kind === 'video') {
    return [...ofVideo(stem, listing, folder), ...subtitlesOf(stem, listing, folder), ...subtitlesIn(stem, folder)]
  }
  if (kind === 'music') return ofMusic(stem, listing, folder)
  return []
}

const listings = new WeakMap<readonly string[], Listing>()

/** The names of a folder are folded once, however many media lie in it. */
function listingOf(path: string, names: readonly string[]): Listing {
  const listing = listings.get(names) ?? new Listing(path, names)
  listings.set(names, listing)
  return listing
}

function ofVideo(stem: string, listing: Listing, folder: MediaFolder): Sidecar[] {
  const lone = isAlone(stem, folder)
  const roles = Object.keys(besideVideo) as (keyof typeof besideVideo)[]
  const art = roles.flatMap((role) => {
    const own = besideVideo[role]?.map((suffix) => stem + suffix) ?? []
    return listing.find(role, [...own, ...(lone ? (besideLoneVideo[role] ?? []) : [])], pictures)
  })
  return [...art, ...listing.find('nfo', lone ? [stem, 'movie'] : [stem], ['nfo'])]
}

/**
 * Whether a film has its folder to itself, so that `poster.jpg` can only be its own: no other film in it or beneath it, and neither
 * the media folder nor a season of a show.
 */
function isAlone(stem: string, { path, media, hasFilmsBeneath }: MediaFolder): boolean {
  const films = media.filter(({ kind }) => kind === 'video')
  return path !== '' && films.length === 1 && !hasFilmsBeneath && !/s\d+e\d+/.test(stem)
}

function ofMusic(stem: string, listing: Listing, { path, namesAbove }: MediaFolder): Sidecar[] {
  const folderArt = path === '' ? [] : ofAlbum
  const above = listingOf(posix.dirname(path), namesAbove)
  return [
    ...listing.find('cover', [stem, ...folderArt], pictures),
    ...(path === ''
      ? []
      : [...listing.find('artist', ['artist'], pictures), ...above.find('artist', ['artist'], pictures)]),
    ...listing.find('nfo', path === '' ? [stem] : [stem, 'album'], ['nfo']),
    ...listing.find('lyrics', [stem], ['lrc']),
  ]
}

/** `Film.en.srt` is of `Film`, but `Film.Extended.srt` is not where there is a `Film.Extended.mp4`. */
function subtitlesOf(stem: string, { path, entries }: Listing, { media }: MediaFolder): Sidecar[] {
  const longer = media.map(({ name }) => fold(stemOf(name))).filter((other) => other.startsWith(`${stem}.`))
  return entries.flatMap(({ name, stem: whole, extension }) => {
    if (!subtitles.includes(extension) || !belongs(whole, stem)) return []
    if (longer.some((other) => belongs(whole, other))) return []
    return [
      {
        path: posix.join(path, name),
        role: 'subtitle' as const,
        named: readSubtitleName(whole.slice(stem.length + 1)),
      },
    ]
  })
}

/** What lies in a folder for subtitles, such as `Subs/2_English.srt`, is of the film that has the folder around it to itself. */
function subtitlesIn(stem: string, folder: MediaFolder): Sidecar[] {
  if (folder.subtitles === null) return []
  const listing = listingOf(folder.subtitles.path, folder.subtitles.names)
  if (!isAlone(stem, folder)) return subtitlesOf(stem, listing, folder)
  return listing.entries.flatMap(({ name, stem: whole, extension }) => {
    if (!subtitles.includes(extension)) return []
    const words = belongs(whole, stem) ? whole.slice(stem.length + 1) : whole.replace(/^\d+_/, '')
    return [{ path: posix.join(listing.path, name), role: 'subtitle' as const, named: readSubtitleName(words) }]
  })
}

function belongs(whole: string, stem: string): boolean {
  return whole === stem || whole.startsWith(`${stem}.`)
}

/** The names of a folder, to be found whatever their case, and however their accents are written. */
class Listing {
  readonly path: string
  readonly entries: { name: string; stem: string; extension: string }[]

  constructor(path: string, names: readonly string[]) {
    this.path = path
    this.entries = names.map((name) => ({
      name,
      stem: fold(stemOf(name)),
      extension: extname(name).slice(1).toLowerCase(),
    }))
  }

  find(role: Role, stems: readonly string[], extensions: readonly string[]): Sidecar[] {
    const candidates = stems.flatMap((stem) =>
      this.entries
        .filter((entry) => entry.stem === stem && extensions.includes(entry.extension))
        .sort((one, other) => extensions.indexOf(one.extension) - extensions.indexOf(other.extension)),
    )
    return candidates.map(({ name }) => ({ path: posix.join(this.path, name), role, named: null }))
  }
}

export function stemOf(name: string): string {
  return name.slice(0, name.length - extname(name).length)
}

/** macOS writes `é` as two characters, others as one. */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}
