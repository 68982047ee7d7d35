import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findingOf } from '../library/findings'
import { findItem } from '../library/items'
import type { Library } from '../library/library'
import { peakBitRate } from '../media/bit-rate'
import { deepAnalysis, deepMediaAnalysis, type Measures } from '../tasks/DeepMediaAnalysis'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { contentsOf } from './helpers/files'
import { makeFilm, makeRecording } from './helpers/films'
import { aScript, isAtWork } from './helpers/processes'
import { makeSong } from './helpers/songs'
import { stopOnce } from './helpers/stop'
import { aFolder, aLibrary, aSampleLibrary, aScannedLibrary, cleanUp, forgetSamples } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)
afterAll(forgetSamples)

const chapters = 'Films/Three Chapters (2024).mp4'
const dark = 'Films/A Dark Moment (2023).mp4'
const quiet = 'Films/A Quiet Moment (2022).mkv'
const pitch = 'Music/The Sine Waves/Pure Tones/01 Concert Pitch.mp3'

const analyse = (library: Library) => runTask(deepMediaAnalysis(library))

function measuresOf({ database }: Library, path: string): Measures {
  const item = findItem(database, path)
  const measures = item && findingOf<Measures>(database, deepAnalysis, item)
  if (!measures) throw new Error(`${path} has not been analysed`)
  return measures
}

const analysesIn = ({ database }: Library) => database.all('SELECT item_id FROM finding').length

/** ffprobe's own list of packets. */
function packetsOf({ tools, folders }: Library, path: string): Record<string, string>[] {
  const args = ['-v', 'error', '-show_packets', '-of', 'json', join(folders.media, path)]
  return JSON.parse(execFileSync(tools.ffprobe, args, { encoding: 'utf8', maxBuffer: 1e8 })).packets
}

/** The same figure once more, the slow and simple way. */
function peakByHand(library: Library, path: string, bufferS: number): number {
  const packets = packetsOf(library, path).map(({ dts_time, pts_time, size }) => ({
    time: Math.round(Number(dts_time ?? pts_time) * 1e6),
    bits: Number(size) * 8,
  }))
  const sums = packets.map(({ time: until }) => {
    const inside = packets.filter(({ time }) => time > until - bufferS * 1e6 + 1 && time <= until)
    return inside.reduce((sum, { bits }) => sum + bits, 0)
  })
  return Math.max(...sums) / bufferS
}

function keyFramesByHand(library: Library, path: string): number {
  return packetsOf(library, path).filter(({ codec_type, flags }) => codec_type === 'video' && flags?.includes('K'))
    .length
}

/** From the summary that ffmpeg itself writes at the end. */
function loudnessByHand({ tools, folders }: Library, path: string): number {
  const args = ['-hide_banner', '-nostats', '-i', join(folders.media, path), '-af', 'ebur128', '-f', 'null', '-']
  const { stderr } = spawnSync(tools.ffmpeg, args, { encoding: 'utf8' })
  return Number(/Summary:.*?I:\s+(-?[\d.]+) LUFS/s.exec(stderr)?.[1])
}

test('measures films and music as a second look confirms, and leaves photos alone', async () => {
  const library = await aScannedLibrary()
  const { result, messages } = await analyse(library)
  expect(result).toMatchObject({ changed: 6, unchanged: 0, failed: 0 })
  expect(messages).toEqual(expect.arrayContaining([chapters, pitch]))
  expect(analysesIn(library)).toBe(6)

  for (const path of [chapters, dark, quiet, pitch]) {
    for (const { bufferS, bitsPerSecond } of measuresOf(library, path).peakBitRates.slice(0, 2)) {
      const byHand = peakByHand(library, path, bufferS)
      expect(Math.abs(bitsPerSecond - byHand)).toBeLessThan(1)
    }
  }
  expect(measuresOf(library, chapters).keyFrames).toEqual({
    count: keyFramesByHand(library, chapters),
    longestIntervalS: 2,
  })
  expect(measuresOf(library, pitch).keyFrames).toBeNull()

  // Nobody buffers more of a file than there is.
  const durationS = findItem(library.database, pitch)?.durationS ?? 0
  const [tenSeconds] = measuresOf(library, pitch).peakBitRates.slice(-1)
  expect(tenSeconds).toEqual({ bufferS: 10, bitsPerSecond: Math.round(peakByHand(library, pitch, durationS)) })
})

test('key frames of a second angle are not those of the film', async () => {
  const library = await aLibrary()
  const file = join(library.folders.media, 'two angles.mkv')
  const angles = [0, 1].flatMap(() => ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=10:d=4'])
  const how = ['-map', '0', '-map', '1', '-pix_fmt', 'yuv420p', '-force_key_frames', 'expr:gte(t,n_forced*2)']
  execFileSync(library.tools.ffmpeg, ['-v', 'error', ...angles, ...how, file])
  await runTask(refreshLibraries(library))
  await analyse(library)
  expect(measuresOf(library, 'two angles.mkv').keyFrames).toEqual({ count: 2, longestIntervalS: 2 })
})

test('finds the black and the silent stretch, and how loud the rest is', async () => {
  const library = await aScannedLibrary()
  await analyse(library)
  expect(measuresOf(library, dark).black).toEqual([{ fromS: 2, toS: 3.5 }])
  expect(measuresOf(library, chapters).black).toEqual([])
  const [silence, ...others] = measuresOf(library, quiet).silent
  expect(others).toEqual([])
  expect(silence?.fromS).toBeCloseTo(1.5, 1)
  expect(silence?.toS).toBeCloseTo(3.5, 1)
  expect(measuresOf(library, pitch).silent).toEqual([])

  const { loudness } = measuresOf(library, pitch)
  expect(Math.abs((loudness?.integrated ?? 0) - loudnessByHand(library, pitch))).toBeLessThan(0.2)
})

test('black and silence that last to the end last to the end', async () => {
  const library = await aSampleLibrary()
  const film = join(library.folders.media, 'Films/fades.mp4')
  const picture = `testsrc2=s=160x90:r=24:d=1[a];color=black:s=160x90:r=24:d=2[b];[a][b]concat=n=2`
  const sound = `sine=d=3,volume=0:enable='gte(t,1)'`
  const inputs = [picture, sound].flatMap((source) => ['-f', 'lavfi', '-i', source])
  execFileSync(library.tools.ffmpeg, ['-v', 'error', ...inputs, '-pix_fmt', 'yuv420p', film])
  await runTask(refreshLibraries(library))
  await analyse(library)
  const { black, silent } = measuresOf(library, 'Films/fades.mp4')
  for (const stretches of [black, silent]) {
    expect(stretches).toHaveLength(1)
    expect(stretches[0]?.fromS).toBeCloseTo(1, 1)
    expect(stretches[0]?.toS).toBeCloseTo(3, 1)
  }
})

test('changes nothing the second time, and says so', async () => {
  const library = await aScannedLibrary()
  await analyse(library)
  const { result } = await analyse(library)
  expect(result).toMatchObject({ changed: 0, unchanged: 6, failed: 0 })
  expect(result.summary).toMatch(/^0 changed/)
})

test('measures again what has changed, or was measured by an older analysis', async () => {
  const library = await aScannedLibrary()
  await analyse(library)
  const { database, folders } = library
  await database.write(new AbortController().signal, (run) => {
    run('UPDATE finding SET version = 0 WHERE item_id = ?', findItem(database, pitch)?.id ?? 0)
  })
  await writeFile(join(folders.media, chapters), await readFile(join(folders.media, dark)))
  await runTask(refreshLibraries(library))
  expect((await analyse(library)).result).toMatchObject({ changed: 2, unchanged: 4 })
  expect(measuresOf(library, chapters).black).toEqual([{ fromS: 2, toS: 3.5 }])
})

test('only ever reads the media', async () => {
  const library = await aScannedLibrary()
  const before = await contentsOf(library.folders.media)
  await analyse(library)
  expect(await contentsOf(library.folders.media)).toEqual(before)
})

test.each(['flac', 'aiff', 'mka', 'tta', 'wv'])('music that is cut off is counted and named as %s', async (format) => {
  const library = await aLibrary()
  for (const name of ['half', 'whole']) makeSong(library, `${name}.${format}`, {}, ['-af', 'aloop=60:13230'])
  const half = join(library.folders.media, `half.${format}`)
  await truncate(half, Math.floor((await readFile(half)).length / 2))
  await runTask(refreshLibraries(library))
  const { result } = await analyse(library)
  const reason = expect.stringMatching(/^cut off: ends at \d/)
  expect(result).toMatchObject({ changed: 1, failed: 1, problems: [{ item: `half.${format}`, reason }] })
})

test.each([
  ['mp3', []],
  ['aac', []],
  ['m4a', ['-movflags', '+faststart']],
  ['wav', []],
  ['ogg', ['-c:a', 'libvorbis']],
  ['opus', []],
  ['wma', []],
  ['caf', []],
] as const)('music that is cut off near its end is counted and named as %s', async (format, how) => {
  const library = await aLibrary()
  for (const name of ['nearly', 'whole']) makeSong(library, `${name}.${format}`, {}, ['-af', 'aloop=60:13230', ...how])
  const nearly = join(library.folders.media, `nearly.${format}`)
  await truncate(nearly, Math.floor((await readFile(nearly)).length * 0.97))
  await runTask(refreshLibraries(library))
  const { result } = await analyse(library)
  const reason = expect.stringMatching(/^cut off: ends (at \d|within a )/)
  expect(result).toMatchObject({ changed: 1, failed: 1, problems: [{ item: `nearly.${format}`, reason }] })
})

test('music whose length ffprobe can only guess is whole', async () => {
  const library = await aLibrary()
  const guessed = ['-write_xing', '0', '-q:a', '0']
  // Silence takes few bits: by the rate of its beginning it would be far longer.
  const noise = 'anullsrc,atrim=end=3[a];anoisesrc=d=5[b];[a][b]concat=v=0:a=1'
  makeSong(library, 'a.mp3', {}, ['-filter_complex', noise, ...guessed])
  await runTask(refreshLibraries(library))
  expect(findItem(library.database, 'a.mp3')?.durationS).toBeGreaterThan(10)
  expect((await analyse(library)).result).toMatchObject({ changed: 1, failed: 0 })
})

test('a film that is cut off is counted and named, and the rest goes on', async () => {
  const library = await aSampleLibrary()
  const file = join(library.folders.media, quiet)
  await truncate(file, Math.floor((await readFile(file)).length / 2))
  await runTask(refreshLibraries(library))
  const { result } = await analyse(library)
  const reason = expect.stringMatching(/^cut off: ends at \d/)
  expect(result).toMatchObject({ changed: 5, failed: 1, problems: [{ item: quiet, reason }] })
  expect((await analyse(library)).result).toMatchObject({ changed: 0, unchanged: 5, failed: 1 })
})

test('a film that shows each picture for seconds is whole', async () => {
  const library = await aLibrary()
  for (const name of ['slow.mkv', 'slow.mp4', 'slow.ts']) {
    makeFilm(library, name, { eachS: 4, how: ['-r', '1/4', '-bf', '2'] })
  }
  await runTask(refreshLibraries(library))
  expect((await analyse(library)).result).toMatchObject({ changed: 3, failed: 0 })
})

test('an AIFF whose program did not know how long it becomes is whole', async () => {
  const library = await aLibrary()
  const file = makeSong(library, 'a.aiff', {})
  const content = await readFile(file)
  content.writeUInt32BE(0x7f00_0000, content.indexOf('SSND') + 4)
  // How many samples there are.
  content.writeUInt32BE(0x1fc0_0000, content.indexOf('COMM') + 10)
  await writeFile(file, content)
  await runTask(refreshLibraries(library))
  expect((await analyse(library)).result).toMatchObject({ changed: 1, failed: 0 })
})

test('a film of a single picture is as long as that is shown', async () => {
  const library = await aSampleLibrary()
  const film = join(library.folders.media, 'Films/still.mkv')
  const source = ['-f', 'lavfi', '-i', 'testsrc=s=160x90:r=1/8:d=8']
  execFileSync(library.tools.ffmpeg, ['-v', 'error', ...source, '-frames:v', '1', '-pix_fmt', 'yuv420p', film])
  await runTask(refreshLibraries(library))
  expect((await analyse(library)).result).toMatchObject({ changed: 7, failed: 0 })
})

test.each([
  ['disappears', (file: string) => rmSync(file), /no longer there/],
  ['changes', (file: string) => writeFileSync(file, 'something else'), /changed since the last scan/],
])('a file that %s meanwhile is counted and named', async (_, act, reason) => {
  const library = await aScannedLibrary()
  const { result } = await runTask(deepMediaAnalysis(library), {
    onProgress: (message) => {
      if (message === quiet) act(join(library.folders.media, quiet))
    },
  })
  expect(result).toMatchObject({
    changed: 5,
    failed: 1,
    problems: [{ item: quiet, reason: expect.stringMatching(reason) }],
  })
})

test('a stop in the middle kills ffmpeg with all it started, and the next run goes on with what is left', async () => {
  const library = await aScannedLibrary()
  const { tools } = library
  // As slow as a long film: the music is read no faster than it is heard. A script that starts ffmpeg must not outlive it either.
  const script = `case "$*" in *Pitch*) slow=-re ;; esac\n"${tools.ffmpeg}" $slow "$@"\nexit $?`
  const slow = await aScript(await aFolder(), 'ffmpeg', script)
  const task = deepMediaAnalysis({ ...library, tools: { ...tools, ffmpeg: slow } })
  await stopOnce(
    () => isAtWork(' -re '),
    (signal) => runTask(task, { signal }),
  )

  const done = analysesIn(library)
  expect(done).toBeGreaterThan(0)
  expect((await analyse(library)).result).toMatchObject({ changed: 6 - done, unchanged: done })
})

test('a missing ffmpeg ends the run: it is no fault of the items', async () => {
  const library = await aScannedLibrary()
  const tools = { ...library.tools, ffmpeg: '/nowhere/ffmpeg' }
  await expect(analyse({ ...library, tools })).rejects.toThrow('spawn /nowhere/ffmpeg ENOENT')
})

describe('the peak bit rate', () => {
  const second = { times: [0, 0.25, 0.5, 0.75, 1, 1.25], sizes: [100, 0, 0, 300, 100, 0] }

  test.each([
    // buffer  bits per second
    [1, 400 * 8],
    [0.5, (400 * 8) / 0.5],
    [0.25, (300 * 8) / 0.25],
    [2, (500 * 8) / 2],
  ])('over any %d s', (bufferS, expected) => {
    expect(peakBitRate(second, bufferS)).toBe(expected)
  })

  test('of nothing is 0', () => expect(peakBitRate({ times: [], sizes: [] }, 1)).toBe(0))

  test('of a long film is found in one pass', () => {
    const times = Array.from({ length: 500_000 }, (_, index) => index / 50)
    expect(peakBitRate({ times, sizes: times.map(() => 1_000) }, 10)).toBe(50 * 1_000 * 8)
  })
})

test('a recording that changes from stereo to surround is as loud as its parts together', async () => {
  const library = await aLibrary()
  const tone = (volume: number, channels: number) => ['-af', `volume=${volume}`, '-ac', String(channels)]
  const parts = [
    { shown: ['red', 'lime'], soundS: 4, how: tone(1, 2) },
    { shown: ['blue'], soundS: 2, how: tone(0, 6) },
    { shown: ['white'], soundS: 2, how: tone(0, 2) },
  ] as const
  makeRecording(library, 'recording.ts', parts)
  makeRecording(library, 'its beginning.ts', parts.slice(0, 1))
  await runTask(refreshLibraries(library))
  await analyse(library)
  const { loudness, silent } = measuresOf(library, 'recording.ts')
  const expected = measuresOf(library, 'its beginning.ts').loudness?.integrated ?? 0
  expect(Math.abs((loudness?.integrated ?? 0) - expected)).toBeLessThan(0.3)
  // One stretch, and not one for each kind of sound.
  expect(silent.map(({ fromS, toS }) => [Math.round(fromS), Math.round(toS)])).toEqual([[4, 8]])
})

test('a film that knows no times has no bit rates', async () => {
  const library = await aLibrary()
  makeFilm(library, 'raw.mkv', { how: ['-c:v', 'libx264', '-f', 'h264'] })
  await runTask(refreshLibraries(library))
  await analyse(library)
  for (const { bitsPerSecond } of measuresOf(library, 'raw.mkv').peakBitRates)
    expect(bitsPerSecond).toEqual(expect.any(Number))
})
