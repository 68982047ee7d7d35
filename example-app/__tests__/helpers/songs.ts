import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Library } from '../../library/library'

/** A third of a second of sound with such tags, in the format of its extension. `options` go to ffmpeg. */
export function makeSong(
  { tools, folders }: Library,
  path: string,
  tags: Record<string, string>,
  options: readonly string[] = [],
): string {
  const file = join(folders.media, path)
  mkdirSync(dirname(file), { recursive: true })
  const metadata = Object.entries(tags).flatMap(([name, value]) => ['-metadata', `${name}=${value}`])
  const input = ['-f', 'lavfi', '-i', 'sine=d=0.3']
  execFileSync(tools.ffmpeg, ['-v', 'error', '-y', ...input, ...metadata, ...options, `file:${file}`])
  return file
}

/** What another tool reads in it. Its names in lower case. */
export function tagsOf({ tools, folders }: Library, path: string): Record<string, string> {
  const asked = ['-v', 'error', '-show_entries', 'format_tags:stream_tags', '-of', 'json']
  const said = execFileSync(tools.ffprobe, [...asked, `file:${join(folders.media, path)}`], { encoding: 'utf8' })
  const { format = {}, streams = [] } = JSON.parse(said)
  const all = [...streams, format].flatMap(({ tags = {} }) => Object.entries<string>(tags))
  return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value]))
}

/** Puts an ID3v2.3 tag of our own making before the sound: frames by their names. */
export function putId3(file: string, frames: [string, Buffer][]): void {
  const written = frames.map(([name, content]) => {
    const header = Buffer.alloc(10)
    header.write(name)
    header.writeUInt32BE(content.length, 4)
    return Buffer.concat([header, content])
  })
  const body = Buffer.concat(written)
  const sevenBits = [21, 14, 7, 0].map((shift) => (body.length >> shift) & 0x7f)
  writeFileSync(file, Buffer.concat([Buffer.from('ID3\x03\0\0'), Buffer.from(sevenBits), body, readFileSync(file)]))
}

/** The content of a text frame in Latin-1. */
export function id3Text(text: string): Buffer {
  return Buffer.from(`\0${text}`, 'latin1')
}
