import { copyFile, mkdir, open, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Good files, and the samples they are copies of, under names that a shell, a format string or a line of text would trip over. */
const awkward = {
  'Odd/It\'s "quoted".mp4': 'Films/Three Chapters (2024).mp4',
  'Odd/two\nlines.mkv': 'Films/A Quiet Moment (2022).mkv',
  'Odd/-dash 100%d %03d.mp4': 'Films/A Dark Moment (2023).mp4',
  'Odd/🎬 émoji.mp4': 'Films/A Dark Moment (2023).mp4',
  'Odd/🎵 [1] $(id).mp3': 'Music/The Sine Waves/Pure Tones/01 Concert Pitch.mp3',
  'Odd/%d photo; rm *.jpg': 'Photos/2024/Fractal.jpg',
}

/** Bad files, and links that lead nowhere or back to where they are. Photos lie by themselves: beside films of the same name they would be art. */
export const damaged = [
  'Damaged/empty.mp4',
  'Damaged/empty.mp3',
  'Damaged photos/empty.jpg',
  'Damaged/text.mp4',
  'Damaged/text.flac',
  'Damaged photos/text.png',
  'Damaged/cut off.mp4',
  'Damaged/half of it.mkv',
  'Damaged photos/half of it.jpg',
  'Damaged/half of it.flac',
  'Damaged/noise.mkv',
  'Damaged/loop.mp4',
  'Damaged/nowhere.mp4',
  'Odd/back',
]

/** Puts them beside the samples of a media folder, with links that lead back and nowhere. Resolves with the names of the good ones. */
export async function damage(media: string): Promise<string[]> {
  const at = (path: string) => join(media, path)
  for (const folder of ['Odd', 'Damaged', 'Damaged photos']) await mkdir(at(folder))
  for (const [path, sample] of Object.entries(awkward)) await copyFile(at(sample), at(path))
  for (const path of damaged.filter((name) => name.includes('empty'))) await writeFile(at(path), '')
  for (const path of damaged.filter((name) => name.includes('text'))) await writeFile(at(path), 'Just a text.\n')
  await cut(at('Films/Three Chapters (2024).mp4'), at('Damaged/cut off.mp4'))
  await cut(at('Films/A Quiet Moment (2022).mkv'), at('Damaged/half of it.mkv'))
  await cut(at('Photos/2024/Fractal.jpg'), at('Damaged photos/half of it.jpg'))
  await cut(at('Music/The Sine Waves/Pure Tones/02 An Octave Below.flac'), at('Damaged/half of it.flac'))
  await spoil(at('Films/A Quiet Moment (2022).mkv'), at('Damaged/noise.mkv'))
  await symlink('loop.mp4', at('Damaged/loop.mp4'))
  await symlink('nobody.mp4', at('Damaged/nowhere.mp4'))
  await symlink('..', at('Odd/back'))
  return Object.keys(awkward)
}

async function cut(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  await truncate(to, Math.floor((await readFile(to)).length / 2))
}

/** Overwrites the middle of a copy. */
async function spoil(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const { length } = await readFile(to)
  const file = await open(to, 'r+')
  await file.write(Buffer.alloc(Math.floor(length / 3), 'noise'), 0, null, Math.floor(length / 3))
  await file.close()
}
