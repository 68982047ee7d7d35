import { accessSync, chmodSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { OperatorError } from '../library/operator-error'

/** The programs that look into media: where they lie. */
export interface MediaTools {
  ffmpeg: string
  ffprobe: string
}

/** Those on PATH, which are newer and know more formats; else those that come with our dependencies. */
export function findMediaTools(path = process.env.PATH ?? ''): MediaTools {
  return {
    ffmpeg: onPath('ffmpeg', path) ?? shipped('ffmpeg', () => require('@ffmpeg-installer/ffmpeg')),
    ffprobe: onPath('ffprobe', path) ?? shipped('ffprobe', () => require('@ffprobe-installer/ffprobe')),
  }
}

function onPath(program: string, path: string): string | undefined {
  const file = process.platform === 'win32' ? `${program}.exe` : program
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, file))
    .find(isExecutable)
}

function shipped(program: string, load: () => { path: string }): string {
  try {
    const { path } = load()
    if (!isExecutable(path)) makeExecutable(path)
    return path
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OperatorError(`There is no ${program} on PATH, and the one from npm cannot be used: ${reason}`, { cause })
  }
}

/** Its install script does this too, but not every npm runs install scripts, and one of them does it for its owner alone. */
function makeExecutable(file: string): void {
  try {
    chmodSync(file, 0o755)
  } catch (cause) {
    throw new Error(`this user may not run it, and its owner must say: chmod a+x ${file}`, { cause })
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
