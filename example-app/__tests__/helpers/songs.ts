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

/** A second of Monkey's Audio, which ffmpeg reads and does not write: what describes it is true, and the sound is nothing. */
export function makeApe({ folders }: Library, path: string, tags: Record<string, string>): void {
  const version = 3_990
  const descriptor = bytesOf(52, { 4: version, 8: 52, 12: 24, 16: 4, 24: 1_000 })
  descriptor.write('MAC ')
  const [samples, bits, channels] = [44_100, 16, 2]
  const header = bytesOf(24, { 0: 2_000, 4: 294_912, 8: samples, 12: 1, 16: bits + channels * 0x1_0000, 20: 44_100 })
  const firstFrame = bytesOf(4, { 0: 52 + 24 + 4 })
  const sound = Buffer.alloc(1_000)
  writeFileSync(join(folders.media, path), Buffer.concat([descriptor, header, firstFrame, sound, apeTag(tags)]))
}

/** A tag of the second version of APE: a heading, what it says, and the heading again. */
function apeTag(tags: Record<string, string>): Buffer {
  const items = Object.entries(tags).map(([name, value]) => {
    const text = Buffer.from(value)
    return Buffer.concat([bytesOf(8, { 0: text.length }), Buffer.from(`${name}\0`), text])
  })
  const body = Buffer.concat(items)
  const heading = (flags: number) => {
    const bytes = bytesOf(32, { 8: 2_000, 12: body.length + 32, 16: items.length, 20: flags })
    bytes.write('APETAGEX')
    return bytes
  }
  return Buffer.concat([heading(0xa0000000), body, heading(0x80000000)])
}

/** So many bytes with numbers at some places, the lowest byte first. */
function bytesOf(length: number, numbers: Record<number, number>): Buffer {
  const bytes = Buffer.alloc(length)
  for (const [at, number] of Object.entries(numbers)) bytes.writeUInt32LE(number, Number(at))
  return bytes
}
