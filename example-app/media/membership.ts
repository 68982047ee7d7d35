import type { MusicTags } from './music-tags'

export type CollectionKind = 'artist' | 'decade' | 'genre' | 'mood'

/** A collection that a piece of music belongs to. */
export interface Membership {
  kind: CollectionKind
  /** The same for all spellings that mean the same. */
  key: string
  /** As this piece spells it. */
  name: string
}

/** The year of the first recording of sound. Earlier dates are mistakes, or of the composition. */
const FIRST_YEAR = 1860
/** Longer names are no names, in characters. */
const LONGEST_NAME = 100

/** The collections that a piece belongs to by its tags, each once. */
export function membershipsOf(tags: MusicTags, now: Date): Membership[] {
  const decade = decadeOf(tags.dates, now)
  const names: Record<CollectionKind, string[]> = {
    artist: [...tags.artists, ...tags.albumArtists].flatMap(artistsIn).filter(isSomebody),
    decade: decade === null ? [] : [decade],
    genre: tags.genres.flatMap(genresIn),
    mood: tags.moods.flatMap((mood) => mood.split(/[;/\0]/)),
  }
  const all = Object.entries(names).flatMap(([kind, list]) =>
    list.map((name) => membership(kind as CollectionKind, clean(name))),
  )
  const isName = ({ key }: Membership) => key !== '' && key.length <= LONGEST_NAME
  return [...new Map(all.filter(isName).map((found) => [`${found.kind} ${found.key}`, found])).values()]
}

function membership(kind: CollectionKind, name: string): Membership {
  return { kind, key: keyOf(name), name }
}

/** In Unicode's composed form, without control characters and stray spaces. */
function clean(name: string): string {
  return name
    .normalize('NFC')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** Case, wide letters, and the kind of apostrophe or hyphen make no other name. */
function keyOf(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/[‘’´`]/g, "'")
    .replace(/[‐‑–]/g, '-')
    .toLowerCase()
}

/** One genre that has a `/` in its name. */
const indivisible = 'singer/songwriter'

/** Several may stand in one field. Where a number of ID3v1 is left over, nobody knows its name. */
function genresIn(text: string): string[] {
  const fields = text.split(/[;\0]/)
  const genres = fields.flatMap((field) => (keyOf(clean(field)) === indivisible ? [field] : field.split('/')))
  return genres.filter((genre) => !/^\s*\(?\d+\)?\s*$/.test(genre))
}

const guest = /\s+([([]?)(?:[Ff]eat\.|FEAT\.|[Ff]t\.|[Ff]eaturing|feat|ft)\s+(.+)$/s

/** Guests are artists too. `/`, `&` and `,` take nobody apart: AC/DC, Simon & Garfunkel, Earth, Wind & Fire. Nor Little Feat. */
function artistsIn(text: string): string[] {
  return text.split(/[;\0]/).flatMap((field) => {
    const found = guest.exec(field)
    if (!found) return [field]
    const [whole, bracket, name = ''] = found
    return [field.slice(0, -whole.length), bracket ? name.replace(/[)\]].*$/s, '') : name]
  })
}

/**
 * Whose piece it is by its artist's tag, without guests: what the tag begins with, as it is spelled there. `null`: nobody's, as where
 * there are various artists.
 */
export function artistOf(text: string): string | null {
  const name = artistsIn(text)[0]?.trimEnd() || text
  return isSomebody(name) ? name : null
}

const nobody: ReadonlySet<string> = new Set(
  'various|various artists|various artist|va|v.a.|v/a|verschiedene interpreten|unknown|unknown artist'.split('|'),
)

function isSomebody(name: string): boolean {
  return !nobody.has(keyOf(clean(name)))
}

/** By the first date that makes sense. `null`: none does. */
export function decadeOf(dates: readonly string[], now: Date): string | null {
  const years = dates.map((date) => Number(/^\s*(\d{4})(?:$|\D|\d{4}$)/.exec(date)?.[1] ?? Number.NaN))
  const year = years.find((one) => one >= FIRST_YEAR && one <= now.getFullYear() + 1)
  return year === undefined ? null : `${Math.floor(year / 10) * 10}s`
}
