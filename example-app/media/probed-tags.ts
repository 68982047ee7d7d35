import { runProgram } from '../programs/program'
import type { MusicTags } from './music-tags'
import { inputOf } from './probe'
import type { MediaTools } from './tools'

/** Longest look at one file, in milliseconds. */
const LONGEST_LOOK = 60_000

interface Report {
  streams?: { tags?: Record<string, string> }[]
  format?: { tags?: Record<string, string> }
}

/** What ffprobe reads in a music file. */
export async function probeMusicTags({ ffprobe }: MediaTools, file: string, signal: AbortSignal): Promise<MusicTags> {
  const asked = ['-v', 'error', '-show_entries', 'format_tags:stream_tags', '-of', 'json', ...inputOf(file, 'music')]
  const said = await runProgram(ffprobe, asked, { signal, timeoutMs: LONGEST_LOOK })
  const { streams = [], format = {} } = JSON.parse(said) as Report
  const pairs = [...streams, format].flatMap(({ tags = {} }) => Object.entries(tags))
  const tags = new Map(pairs.map(([name, value]) => [name.toLowerCase(), value]))
  const valuesOf = (...names: string[]) => names.map((name) => tags.get(name)).filter((value) => value !== undefined)
  return {
    genres: valuesOf('genre'),
    moods: valuesOf('mood'),
    artists: valuesOf('artist'),
    albumArtists: valuesOf('album_artist', 'albumartist'),
    dates: valuesOf('originaldate', 'originalyear', 'date', 'year'),
  }
}
