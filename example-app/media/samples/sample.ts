import { writeFile } from 'node:fs/promises'
import sharp, { type Exif } from 'sharp'
import { runProgram } from '../../programs/program'
import { drawingOf, type View } from './views'

export interface SampleMaker {
  ffmpeg: string
  signal: AbortSignal
  /** Takes a line for the person who waits. */
  say(line: string): void
}

/** Where a sample goes below the media folder, and how it is made. */
export interface Sample {
  path: string
  /** Fills a file; its name says nothing about the format. */
  make(file: string, maker: SampleMaker): Promise<void>
}

/** What ffmpeg makes, by its arguments up to the file. */
export function encoded(path: string, args: readonly string[]): Sample {
  return {
    path,
    async make(file, { ffmpeg, signal }) {
      await runProgram(ffmpeg, ['-v', 'error', '-nostdin', '-y', ...args, file], { signal })
    },
  }
}

export interface Drawn {
  view: View
  width: number
  height: number
  /** What a camera would have written. Default: nothing. */
  exif?: Exif
}

/** A view as a picture. */
export function drawn(path: string, { view, width, height, exif = {} }: Drawn): Sample {
  return {
    path,
    async make(file) {
      const picture = sharp(Buffer.from(drawingOf(view, width, height)))
        .flatten()
        .withExif(exif)
      await writeFile(file, await picture.toFormat(path.endsWith('.webp') ? 'webp' : 'jpeg').toBuffer())
    },
  }
}

export function written(path: string, lines: readonly string[]): Sample {
  return { path, make: (file) => writeFile(file, `${lines.join('\n')}\n`) }
}
