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
const FRAME_RATE = 24
const picture = `s=320x180:r=${FRAME_RATE}`

const tags = (all: Record<string, string>) =>
  Object.entries(all).flatMap(([name, value]) => ['-metadata', `${name}=${value}`])

/** What a chapter shows: a view of hills. Colours are red, green and blue, from 0 to 255. */
interface View {
  sky: { top: Colour; bottom: Colour }
  /** From the back to the front. */
  hills: readonly [Colour, Colour, Colour]
  /** The sun, or the moon. */
  light: { colour: Colour; x: number; y: number; radius: number }
}

type Colour = readonly [red: number, green: number, blue: number]

/** Where the hills end and the sky begins, from the back to the front. */
const ridges = ['112+10*sin(X/31)+7*sin(X/13+2)', '136+13*sin(X/47+1)+4*sin(X/9)', '158+9*sin(X/38+4)']

const morning: View = {
  sky: { top: [70, 90, 160], bottom: [255, 190, 130] },
  hills: [
    [150, 110, 140],
    [105, 80, 120],
    [62, 52, 86],
  ],
  light: { colour: [255, 236, 190], x: 95, y: 96, radius: 15 },
}
const noon: View = {
  sky: { top: [58, 140, 222], bottom: [190, 228, 250] },
  hills: [
    [126, 178, 150],
    [88, 152, 96],
    [52, 116, 66],
  ],
  light: { colour: [255, 252, 225], x: 170, y: 42, radius: 14 },
}
const night: View = {
  sky: { top: [24, 30, 72], bottom: [62, 72, 128] },
  hills: [
    [44, 52, 100],
    [34, 40, 80],
    [26, 30, 62],
  ],
  light: { colour: [240, 240, 225], x: 236, y: 46, radius: 12 },
}
const dusk: View = {
  sky: { top: [66, 44, 104], bottom: [240, 110, 90] },
  hills: [
    [130, 62, 92],
    [92, 46, 80],
    [54, 32, 60],
  ],
  light: { colour: [255, 196, 120], x: 200, y: 102, radius: 18 },
}
const dawn: View = {
  sky: { top: [120, 150, 190], bottom: [250, 214, 200] },
  hills: [
    [170, 160, 180],
    [128, 132, 160],
    [84, 96, 126],
  ],
  light: { colour: [255, 240, 224], x: 130, y: 92, radius: 13 },
}
const heath: View = {
  sky: { top: [96, 110, 190], bottom: [236, 196, 226] },
  hills: [
    [176, 136, 190],
    [142, 98, 166],
    [96, 64, 128],
  ],
  light: { colour: [255, 236, 246], x: 150, y: 84, radius: 13 },
}
const snow: View = {
  sky: { top: [150, 178, 208], bottom: [236, 240, 246] },
  hills: [
    [206, 216, 232],
    [222, 230, 240],
    [244, 247, 251],
  ],
  light: { colour: [255, 255, 255], x: 70, y: 50, radius: 12 },
}
const wood: View = {
  sky: { top: [120, 170, 170], bottom: [224, 236, 206] },
  hills: [
    [120, 164, 130],
    [74, 128, 98],
    [38, 88, 70],
  ],
  light: { colour: [255, 255, 232], x: 250, y: 60, radius: 13 },
}

/** A view as a source of pictures. It is calculated once, and stands still. */
function viewOf({ sky, hills, light }: View, seconds: number): string {
  const part = (at: 0 | 1 | 2) => {
    const distance = `hypot(X-${light.x},Y-${light.y})`
    const air = `(${sky.top[at]}+${sky.bottom[at] - sky.top[at]}*min(1,Y/125))`
    const shine = `min(1,0.7*pow(max(0,1-${distance}/150),2)+max(0,min(1,${light.radius}-${distance})))`
    const heaven = `${air}+(${light.colour[at]}-${air})*${shine}`
    return hills.reduce((behind, hill, index) => `if(gt(Y,${ridges[index]}),${hill[at]},${behind})`, heaven)
  }
  const colours = `format=gbrp,geq=r='${part(0)}':g='${part(1)}':b='${part(2)}',format=yuv420p`
  return `color=${picture}:d=0.04,${colours},loop=${seconds * FRAME_RATE - 1}:1,setpts=N/${FRAME_RATE}/TB`
}

interface ChapterMade {
  title: string
  seconds: number
  /** `null`: black. */
  view: View | null
}

/** Three views one after the other, and a second input with something to hear: a film with chapters. */
function filmOf(made: readonly ChapterMade[], sound: string): string[] {
  const black = `color=black:${picture}`
  const views = made.map(({ view, seconds }, at) => `${view ? viewOf(view, seconds) : `${black}:d=${seconds}`}[v${at}]`)
  const joined = `${views.join(';')};${made.map((_, at) => `[v${at}]`).join('')}concat=n=${made.length}`
  const starts = made.map((_, at) => made.slice(0, at).reduce((sum, { seconds }) => sum + seconds, 0))
  const keys = ['-force_key_frames', starts.join(',')]
  return [...lavfi(joined), ...lavfi(sound), ...chapters(made), ...keys, ...film]
}

/** As a third input. */
function chapters(made: readonly ChapterMade[]): string[] {
  let startMs = 0
  const sections = made.map(({ title, seconds }) => {
    const endMs = startMs + seconds * 1_000
    const section = `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${startMs}\nEND=${endMs}\ntitle=${title}\n`
    startMs = endMs
    return section
  })
  const text = Buffer.from(`;FFMETADATA1\n${sections.join('')}`).toString('base64')
  const input = ['-f', 'ffmetadata', '-i', `data:text/plain;base64,${text}`]
  return [...input, '-map', '0:v', '-map', '1:a', '-map_chapters', '2']
}

const threeChapters: readonly ChapterMade[] = [
  { title: 'Morning', seconds: 2, view: morning },
  { title: 'Noon', seconds: 2, view: noon },
  { title: 'Night', seconds: 2, view: night },
]
const darkMoment: readonly ChapterMade[] = [
  { title: 'Dusk', seconds: 2, view: dusk },
  { title: 'The lights go out', seconds: 1.5, view: null },
  { title: 'Dawn', seconds: 1.5, view: dawn },
]
const quietMoment: readonly ChapterMade[] = [
  { title: 'In the heath', seconds: 1.5, view: heath },
  { title: 'Snow falls', seconds: 2, view: snow },
  { title: 'In the wood', seconds: 1.5, view: wood },
]

/** Something of everything that the tasks look for: chapters, a black and a silent stretch, tags, pictures. */
const samples: readonly Sample[] = [
  {
    path: 'Films/Three Chapters (2024).mp4',
    args: [
      ...filmOf(threeChapters, 'sine=f=440:d=6'),
      ...tags({ title: 'Three Chapters', date: '2024' }),
      ...['-f', 'mp4'],
    ],
  },
  {
    path: 'Films/A Dark Moment (2023).mp4',
    args: [
      ...filmOf(darkMoment, 'sine=f=330:d=5'),
      ...tags({ title: 'A Dark Moment', date: '2023' }),
      ...['-f', 'mp4'],
    ],
  },
  {
    path: 'Films/A Quiet Moment (2022).mkv',
    args: [
      ...filmOf(quietMoment, `sine=f=220:d=5,volume=0:enable='between(t,1.5,3.5)'`),
      ...tags({ title: 'A Quiet Moment', date: '2022' }),
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
