import { filterOf, HEIGHT, type View, WIDTH } from './views'

/** Pictures per second. */
const FRAME_RATE = 24
const picture = `s=${WIDTH}x${HEIGHT}:r=${FRAME_RATE}`

export interface ChapterMade {
  title: string
  seconds: number
  /** `null`: black. */
  view: View | null
}

/** What ffmpeg calculates by itself, as an input. */
export const lavfi = (source: string) => ['-f', 'lavfi', '-i', source]

export const tags = (all: Record<string, string>) =>
  Object.entries(all).flatMap(([name, value]) => ['-metadata', `${name}=${value}`])

const encoding = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest']

/** A view as a source of pictures. It is calculated once, and stands still. */
export function stillOf(view: View, seconds: number): string {
  const still = `loop=${seconds * FRAME_RATE - 1}:1,setpts=N/${FRAME_RATE}/TB`
  return `color=${picture}:d=0.04,${filterOf(view)},${still}`
}

/** Views one after the other, and a second input with something to hear: a film with chapters. */
export function filmOf(made: readonly ChapterMade[], sound: string): string[] {
  const black = `color=black:${picture}`
  const views = made.map(
    ({ view, seconds }, at) => `${view ? stillOf(view, seconds) : `${black}:d=${seconds}`}[v${at}]`,
  )
  const joined = `${views.join(';')};${made.map((_, at) => `[v${at}]`).join('')}concat=n=${made.length}`
  const starts = made.map((_, at) => made.slice(0, at).reduce((sum, { seconds }) => sum + seconds, 0))
  return [...lavfi(joined), ...lavfi(sound), ...chapters(made), '-force_key_frames', starts.join(','), ...encoding]
}

/** As a third input. */
function chapters(made: readonly ChapterMade[]): string[] {
  let startMs = 0
  const sections = made.map(({ title, seconds }) => {
    const endMs = startMs + seconds * 1_000
    const section = `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${startMs}\nEND=${endMs}\ntitle=${title}\n`
    startMs = endMs
    return section
  })
  const text = Buffer.from(`;FFMETADATA1\n${sections.join('')}`).toString('base64')
  const input = ['-f', 'ffmetadata', '-i', `data:text/plain;base64,${text}`]
  return [...input, '-map', '0:v', '-map', '1:a', '-map_chapters', '2']
}

/** One view and something to hear: a film without chapters. */
export function clipOf(view: View, seconds: number, sound: string): string[] {
  return [...lavfi(stillOf(view, seconds)), ...lavfi(sound), ...encoding]
}
