import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findMediaTools } from '../../media/tools'

/** A few seconds of a tone with noise, in the format of a name's extension. `how` goes to ffmpeg. */
export function aSound(folder: string, name: string, how: readonly string[] = []): Buffer {
  const file = join(folder, name)
  const source = 'aevalsrc=0.3*sin(440*2*PI*t)+0.1*random(0)|0.3*sin(220*2*PI*t):d=3'
  execFileSync(findMediaTools().ffmpeg, [
    '-v',
    'error',
    '-nostdin',
    '-f',
    'lavfi',
    '-i',
    source,
    ...how,
    `file:${file}`,
  ])
  return readFileSync(file)
}

/** Tags as programs put them around a sound. */
export const tags = {
  id3v2: Buffer.concat([Buffer.from('ID3\x03\0\0\0\0\x08\0', 'latin1'), Buffer.alloc(1_024)]),
  id3v1: Buffer.from('TAG'.padEnd(128, '\0')),
  ape: Buffer.concat([Buffer.from('APETAGEX'.padEnd(200, 'x')), Buffer.from('APETAGEX'.padEnd(32, '\0'))]),
  lyrics: Buffer.from(`LYRICSBEGIN${'la '.repeat(20)}000071LYRICS200${'TAG'.padEnd(128, '\0')}`),
  id3v24: Buffer.concat([
    Buffer.from('ID3\x04\0\x10\0\0\0\x7f', 'latin1'),
    Buffer.alloc(127),
    Buffer.from('3DI\x04\0\x10\0\0\0\x7f', 'latin1'),
  ]),
}

/** What a radio station sends, or a program that writes into a pipe: it cannot go back to its beginning. */
export function aPipedSound(format: string, how: readonly string[] = []): Buffer {
  const args = ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', 'sine=d=3', ...how, '-f', format, 'pipe:1']
  return execFileSync(findMediaTools().ffmpeg, args, { maxBuffer: 10_000_000 })
}
