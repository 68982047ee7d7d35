import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bundleOf } from '../../library/bundles'
import { findItem } from '../../library/items'
import type { Library } from '../../library/library'
import { localAssetsOf } from '../../library/local-assets'
import { refreshLibraries } from '../../tasks/RefreshLibraries'
import { refreshLocalMedia } from '../../tasks/RefreshLocalMedia'
import { aFolder, aSampleLibrary, inMedia } from './test-library'
import { runTask } from './test-run'

/** Some of the samples. */
export const chapters = 'Films/Three Chapters (2024).mp4'
export const quiet = 'Films/A Quiet Moment (2022).mkv'
export const pitch = 'Music/The Sine Waves/Pure Tones/01 Concert Pitch.mp3'
export const octave = 'Music/The Sine Waves/Pure Tones/02 An Octave Below.flac'
export const fractal = 'Photos/2024/Fractal.jpg'
export const beside = (path: string, end: string) => path.replace(/\.\w+$/, end)
export const poster = beside(chapters, '-poster.jpg')

export const refresh = (library: Library) => runTask(refreshLocalMedia(library))

/** Puts a file into the media folder. */
export async function put(library: Library, path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(inMedia(library, path)), { recursive: true })
  await writeFile(inMedia(library, path), content)
}

/** A library that has been scanned, with a poster, subtitles and a .nfo beside a film. */
export async function aLibraryWithSidecars(): Promise<Library> {
  const library = await aSampleLibrary()
  await put(library, poster, await readFile(inMedia(library, fractal)))
  await put(library, beside(chapters, '.en.forced.srt'), '1\n00:00:00,000 --> 00:00:01,000\nMorning\n')
  await put(library, beside(chapters, '.nfo'), '<movie><title>Chapters</title><year>2024</year></movie>')
  await runTask(refreshLibraries(library))
  return library
}

/** What is known of an item, without what it holds itself. */
export function assetsOf({ database }: Library, path: string) {
  const item = findItem(database, path)
  return localAssetsOf(database, item?.id ?? 0).filter(({ role }) => role !== 'embedded')
}

export const rolesOf = (library: Library, path: string) => assetsOf(library, path).map(({ role }) => role)

/** A copy in an item's bundle. */
export async function copyOf({ folders }: Library, path: string, name: string): Promise<Buffer> {
  return readFile(join(folders.metadata, bundleOf(path), 'local', name))
}

/** Puts a film or a piece of music with a picture embedded in it into the library. */
export async function putWithArt(library: Library, from: string, path: string, disposition: readonly string[] = []) {
  const inputs = ['-i', inMedia(library, from), '-i', inMedia(library, fractal), '-map', '0', '-map', '1', '-c', 'copy']
  const file = join(await aFolder(), `made.${path.split('.').at(-1)}`)
  const first = ['-disposition:v:0', from === chapters ? 'default' : 'attached_pic']
  execFileSync(library.tools.ffmpeg, ['-v', 'error', ...inputs, ...first, ...disposition, file])
  await rename(file, inMedia(library, path))
}
