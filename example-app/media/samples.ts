import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile } from '../library/replace-file'
import { runProgram } from './program'

/** Where a sample goes, and how ffmpeg makes it. */
interface Sample {
  path: string
  args: readonly string[]
}

const lavfi = (source: string) => ['-f', 'lavfi', '-i', source]
const film = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest']
const photo = ['-frames:v', '1', '-q:v', '3', '-f', 'mjpeg']
const picture = 's=320x180:r=24'

const tags = (all: Record<string, string>) =>
  Object.entries(all).flatMap(([name, value]) => ['-metadata', `${name}=${value}`])

/** Chapters of two seconds each, as a third input. */
function chapters(titles: readonly string[]): string[] {
  const sections = titles.map(
    (title, at) => `[CHAPTER]\nTIMEBASE=1/1\nSTART=${at * 2}\nEND=${at * 2 + 2}\ntitle=${title}\n`,
  )
  const text = Buffer.from(`;FFMETADATA1\n${sections.join('')}`).toString('base64')
  return [
    '-f',
    'ffmetadata',
    '-i',
    `data:text/plain;base64,${text}`,
    '-map',
    '0:v',
    '-map',
    '1:a',
    '-map_chapters',
    '2',
  ]
}

/** Something of everything that the tasks look for: chapters, a black and a silent stretch, tags, pictures. */
const samples: readonly Sample[] = [
  {
    path: 'Films/Three Chapters (2024).mp4',
    args: [
      ...lavfi(`testsrc2=${picture}:d=6`),
      ...lavfi('sine=f=440:d=6'),
      ...chapters(['Morning', 'Noon', 'Night']),
      ...tags({ title: 'Three Chapters', date: '2024' }),
      ...film,
      ...['-f', 'mp4'],
    ],
  },
  {
    path: 'Films/A Dark Moment (2023).mp4',
    args: [
      ...lavfi(
        `testsrc2=${picture}:d=2[a];color=black:${picture}:d=1.5[b];testsrc=${picture}:d=1.5[c];[a][b][c]concat=n=3`,
      ),
      ...lavfi('sine=f=330:d=5'),
      ...tags({ title: 'A Dark Moment', date: '2023' }),
      ...film,
      ...['-f', 'mp4'],
    ],
  },
  {
    path: 'Films/A Quiet Moment (2022).mkv',
    args: [
      ...lavfi(`smptebars=${picture}:d=5`),
      ...lavfi(`sine=f=220:d=5,volume=0:enable='between(t,1.5,3.5)'`),
      ...tags({ title: 'A Quiet Moment', date: '2022' }),
      ...film,
      ...['-f', 'matroska'],
    ],
  },
  {
    path: 'Music/The Sine Waves/Pure Tones/01 Concert Pitch.mp3',
    args: [...lavfi('sine=f=440:d=4'), ...tags(album('1', 'Concert Pitch')), '-f', 'mp3'],
  },
  {
    path: 'Music/The Sine Waves/Pure Tones/02 An Octave Below.flac',
    args: [...lavfi('sine=f=220:d=4'), ...tags(album('2', 'An Octave Below')), '-f', 'flac'],
  },
  {
    path: 'Music/The Noise Makers/Colours/01 Pink.m4a',
    args: [
      ...lavfi('anoisesrc=c=pink:d=4:a=0.3:seed=1'),
      ...tags({
        title: 'Pink',
        artist: 'The Noise Makers',
        album: 'Colours',
        genre: 'Ambient',
        date: '1998',
        track: '1',
      }),
      ...['-c:a', 'aac', '-f', 'ipod'],
    ],
  },
  { path: 'Photos/2024/Fractal.jpg', args: [...lavfi('mandelbrot=s=320x240:start_scale=0.01'), ...photo] },
  { path: 'Photos/2024/Portrait.jpg', args: [...lavfi('testsrc=s=240x320'), ...photo] },
  { path: 'Photos/2025/Greys.jpg', args: [...lavfi('testsrc2=s=320x240,format=gray,format=yuvj420p'), ...photo] },
]

function album(track: string, title: string) {
  return { title, track, artist: 'The Sine Waves', album: 'Pure Tones', genre: 'Electronic', date: '1984' }
}

/** Lies in the media folder until all samples are made. */
const UNFINISHED = '.making-samples'

export interface SampleMaker {
  ffmpeg: string
  signal: AbortSignal
  /** Takes a line for the person who waits. */
  say(line: string): void
}

/**
 * Makes sample media in a folder that is empty, and goes on where a process was killed that had begun to. Resolves with whether it
 * made any. A folder that holds anything else is left alone.
 */
export async function makeSamples(folder: string, maker: SampleMaker): Promise<boolean> {
  const names = await readdir(folder)
  if (names.length > 0 && !names.includes(UNFINISHED)) return false
  await writeFile(join(folder, UNFINISHED), '')
  for (const [index, sample] of samples.entries()) {
    if (await isThere(join(folder, sample.path))) continue
    maker.say(`making sample media ${index + 1}/${samples.length}: ${sample.path}`)
    await makeSample(folder, sample, maker)
  }
  await rm(join(folder, UNFINISHED))
  return true
}

async function makeSample(folder: string, { path, args }: Sample, { ffmpeg, signal }: SampleMaker): Promise<void> {
  const target = join(folder, path)
  await mkdir(dirname(target), { recursive: true })
  await replaceFile(target, async (temporary) => {
    await runProgram(ffmpeg, ['-v', 'error', '-nostdin', '-y', ...args, temporary], { signal })
  })
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
