import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingEnd } from '../media/endings/missing-end'
import type { Kind } from '../media/kind'
import { aPipedSound, aSound, tags } from './helpers/sounds'
import { aFolder } from './helpers/test-library'

let folder: string
beforeAll(async () => {
  folder = await aFolder()
})

let written = 0
function endOf(content: Buffer, kind: Kind = 'music'): string | null {
  written += 1
  const file = join(folder, `file ${written}`)
  writeFileSync(file, content)
  return missingEnd({ file, kind })
}

const variable = ['-q:a', '3']
const bare = ['-write_xing', '0', '-id3v2_version', '0']
const fast = ['-movflags', '+faststart']

/** What ffmpeg makes, and where it may be cut, as shares: where its description is at its beginning, anywhere behind that. */
const formats: readonly [name: string, how: readonly string[], reason: RegExp][] = [
  ['a.mp3', [], /^ends at \d+ of \d+ frames$/],
  ['variable.mp3', variable, /^ends at \d+ of \d+ frames$/],
  ['mono.mp3', ['-ac', '1', '-ar', '22050'], /^ends at \d+ of \d+ frames$/],
  ['bare.mp3', bare, /^ends within a frame$/],
  ['low.mp3', [...bare, '-ac', '1', '-ar', '8000'], /^ends within a frame$/],
  ['a.mp2', [], /^ends within a frame$/],
  ['a.aac', [], /^ends within a frame$/],
  ['a.m4a', fast, /^ends at \d+ of \d+ bytes$/],
  ['lossless.m4a', ['-c:a', 'alac', ...fast], /^ends at \d+ of \d+ bytes$/],
  ['a.wav', [], /^ends at \d+ of \d+ bytes$/],
  ['long.wav', ['-rf64', 'always'], /^ends at \d+ of \d+ bytes$/],
  ['a.w64', [], /^ends at \d+ of \d+ bytes$/],
  ['a.aiff', [], /^ends at \d+ of \d+ bytes$/],
  ['a.caf', [], /^ends at \d+ of \d+ bytes$/],
  ['a.mka', [], /^ends at \d+ of \d+ bytes$/],
  ['a.wma', [], /^ends at \d+ of \d+ bytes$/],
  ['a.ogg', ['-c:a', 'libvorbis'], /^ends within a page$/],
  ['a.opus', [], /^ends within a page$/],
  ['lossless.oga', ['-c:a', 'flac'], /^ends within a page$/],
]

describe.each(formats)('%s', (name, how, reason) => {
  let sound: Buffer
  beforeAll(() => {
    sound = aSound(folder, name, how)
  })

  test('is whole', () => expect(endOf(sound)).toBeNull())

  // No page or frame ends there: lengths are odd for that.
  test.each([0.31, 0.63, 0.97])('is cut off after %s of it', (share) => {
    expect(endOf(sound.subarray(0, Math.floor(sound.length * share) | 1))).toMatch(reason)
  })

  test.each(Object.keys(tags) as (keyof typeof tags)[])('is whole with %s behind it', (tag) => {
    expect(endOf(Buffer.concat([sound, tags[tag]]))).toBeNull()
  })

  test('is whole with zeros behind it', () => {
    expect(endOf(Buffer.concat([sound, Buffer.alloc(2_000)]))).toBeNull()
  })

  test('is whole when it comes twice', () => expect(endOf(Buffer.concat([sound, sound]))).toBeNull())
})

test.each(['a.mp3', 'bare.mp3', 'a.aac', 'a.wav'])('%s is found out behind tags, too', (name) => {
  const sound = aSound(folder, `tagged ${name}`, name === 'bare.mp3' ? bare : [])
  const tagged = Buffer.concat([tags.id3v2, tags.id3v2, sound])
  expect(endOf(tagged)).toBeNull()
  expect(endOf(tagged.subarray(0, -99))).toMatch(/^ends/)
})

describe('an MP3', () => {
  test('without a word about its length may end within a frame when a tag follows: its encoder let it end there', () => {
    const sound = aSound(folder, 'ended early.mp3', bare).subarray(0, -99)
    expect(endOf(sound)).toBe('ends within a frame')
    for (const tag of [tags.id3v1, tags.ape, tags.lyrics, tags.id3v24]) {
      expect(endOf(Buffer.concat([sound, tag]))).toBeNull()
    }
  })

  test('that counts the frame in which it says how many there are is whole', () => {
    const sound = aSound(folder, 'counted.mp3')
    const at = sound.indexOf(/Xing/.test(sound.toString('latin1')) ? 'Xing' : 'Info') + 8
    sound.writeUInt32BE(sound.readUInt32BE(at) + 1, at)
    expect(endOf(sound)).toBeNull()
  })

  test('of Fraunhofer says it elsewhere', () => {
    const sound = aSound(folder, 'fraunhofer.mp3', bare)
    const frames = [...sound.toString('latin1').matchAll(/\xff\xfb/g)].length
    const vbri = Buffer.alloc(18)
    vbri.write('VBRI')
    vbri.writeUInt32BE(sound.length, 10)
    vbri.writeUInt32BE(frames - 1, 14)
    vbri.copy(sound, 36)
    expect(endOf(sound)).toBeNull()
    expect(endOf(sound.subarray(0, -4_000))).toMatch(/^ends at \d+ of \d+ frames$/)
  })

  test('with rubbish in the middle is not cut off', () => {
    const sound = aSound(folder, 'spoilt.mp3')
    const rubbish = Buffer.alloc(3_000, 'rubbish')
    expect(endOf(Buffer.concat([sound.subarray(0, 20_000), rubbish, sound.subarray(20_000)]))).toBeNull()
  })
})

test('what is written into a pipe does not know how long it becomes, and is whole', () => {
  const formatsOfPipes: [string, string[]?][] = [
    ['wav'],
    ['wav', ['-rf64', 'always']],
    ['w64'],
    ['mp3'],
    ['adts'],
    ['asf'],
    ['ogg'],
    ['matroska'],
    ['mp4', ['-movflags', 'frag_keyframe+empty_moov']],
  ]
  for (const [format, how] of formatsOfPipes) expect([format, endOf(aPipedSound(format, how))]).toEqual([format, null])
})

test.each([0x7f00_0000, 0x7fff_f000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0])(
  'a WAVE whose program wrote %d because it did not know is whole',
  (length) => {
    const sound = aSound(folder, `unknown ${length}.wav`)
    sound.writeUInt32LE(length, sound.indexOf('data') + 4)
    expect(endOf(sound)).toBeNull()
  },
)

describe('an Ogg file', () => {
  const pagesOf = (sound: Buffer) => {
    const starts: number[] = []
    for (let at = sound.indexOf('OggS'); at >= 0; at = sound.indexOf('OggS', at + 1)) starts.push(at)
    return starts
  }

  test('that nobody has ended, such as a recording of a radio station, is whole', () => {
    const sound = aSound(folder, 'radio.opus')
    const last = pagesOf(sound).at(-1) ?? 0
    sound[last + 5] = 0
    expect(endOf(sound)).toBeNull()
  })

  test('that ends with a page, and within a packet, is cut off', () => {
    const page = Buffer.concat([Buffer.from('OggS'.padEnd(26, '\0')), Buffer.from([1, 255]), Buffer.alloc(255)])
    const sound = aSound(folder, 'continued.ogg', ['-c:a', 'libvorbis'])
    expect(endOf(Buffer.concat([sound, page]))).toBe('ends within a packet')
  })

  test.each([1, 4, 20, 30])('that ends after %d bytes of a page is cut off', (bytes) => {
    const sound = aSound(folder, `begun ${bytes}.ogg`, ['-c:a', 'libvorbis'])
    expect(endOf(sound.subarray(0, (pagesOf(sound).at(-1) ?? 0) + bytes))).toBe('ends within a page')
  })
})

test.each(['a.flac', 'a.tta', 'a.wv', 'a.ac3', 'a.dts'])('%s says nothing here, whole or not', (name) => {
  const how = name.endsWith('dts') ? ['-strict', '-2'] : []
  const sound = aSound(folder, name, how)
  for (const content of [sound, sound.subarray(0, sound.length / 2)]) expect(endOf(content)).toBeNull()
})

test.each(['', 'ID3', 'RIFF', 'OggS', 'MAC ', 'Just a text.\n', '\xff\xfb'])('nothing is said of %j', (text) => {
  expect(endOf(Buffer.from(text, 'latin1'))).toBeNull()
})

const films: readonly [name: string, how: readonly string[], reason: RegExp | null][] = [
  ['a.mp4', ['-movflags', '+faststart'], /^ends at \d+ of \d+ bytes$/],
  ['fragments.mp4', ['-movflags', 'frag_keyframe+empty_moov'], /^ends at \d+ of \d+ bytes$/],
  ['a.mov', ['-movflags', '+faststart'], /^ends at \d+ of \d+ bytes$/],
  ['a.mkv', [], /^ends at \d+ of \d+ bytes$/],
  ['a.webm', ['-c:v', 'libvpx', '-deadline', 'realtime'], /^ends at \d+ of \d+ bytes$/],
  ['a.avi', [], /^ends at \d+ of \d+ bytes$/],
  ['a.wmv', [], /^ends at \d+ of \d+ bytes$/],
  ['a.ogv', ['-c:v', 'libtheora'], /^ends within a page$/],
  // Nothing says how long it should be, and the sound in it is no file of its own.
  ['a.ts', ['-c:a', 'mp2'], null],
  ['a.mpg', ['-c:a', 'mp2'], null],
]

describe.each(films)('the film %s', (name, how, reason) => {
  let film: Buffer
  beforeAll(() => {
    film = aSound(folder, name, ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=3', ...how])
  })

  test('is whole', () => expect(endOf(film, 'video')).toBeNull())
  test('is whole with something behind it', () => {
    for (const tag of Object.values(tags)) expect(endOf(Buffer.concat([film, tag]), 'video')).toBeNull()
  })
  test.each([0.51, 0.93])('is cut off after %s of it', (share) => {
    const end = endOf(film.subarray(0, Math.floor(film.length * share) | 1), 'video')
    if (reason === null) expect(end).toBeNull()
    else expect(end).toMatch(reason)
  })
})
