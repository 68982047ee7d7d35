import { posix } from 'node:path'

/** An episode of a show, as its path tells. */
export interface Episode {
  /** As its folder is called, such as `Name (2020)`. */
  show: string
  /** Of the show, below the media folder. */
  folder: string
  season: number
  episode: number
}

const numbers = /(?:^|[^a-z0-9])s(\d{1,4})[ ._-]?e(\d{1,4})(?!\d)/i
/** In several languages, with or without the title or the year of the season behind the number. */
const words = 'season|series|staffel|saison|temporada|stagione|seizoen|sæson|säsong|sesong|kausi|sezon|сезон'
const seasonFolder = new RegExp(`^((${words})[ ._-]*\\d+( - .*| ?\\(\\d{4}\\))?|s\\d+|specials)$`, 'iu')

/**
 * What the path says of an episode: `Shows/Name (2020)/Season 01/Name - S01E02.mkv`, or the same without the season's folder.
 * `null`: no `S01E02` in the name, or no folder of a show around it.
 */
export function episodeOf(path: string): Episode | null {
  const [, season, episode] = numbers.exec(posix.basename(path)) ?? []
  if (season === undefined || episode === undefined) return null
  const around = posix.dirname(path)
  const folder = seasonFolder.test(posix.basename(around)) ? posix.dirname(around) : around
  if (folder === '.') return null
  return { show: posix.basename(folder), folder, season: Number(season), episode: Number(episode) }
}
