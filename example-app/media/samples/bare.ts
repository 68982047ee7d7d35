import { type ChapterMade, filmOf, lavfi, tags } from './films'
import { encoded, type Sample } from './sample'
import { dawn, dusk, heath, morning, night, noon, snow, wood } from './views'

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

const photo = ['-frames:v', '1', '-q:v', '3', '-f', 'mjpeg']

/** Films, music and photos with nothing beside them: chapters, a black and a silent stretch, tags. */
export const bareSamples: readonly Sample[] = [
  encoded('Films/Three Chapters (2024).mp4', [
    ...filmOf(threeChapters, 'sine=f=440:d=6'),
    ...tags({ title: 'Three Chapters', date: '2024' }),
    ...['-f', 'mp4'],
  ]),
  encoded('Films/A Dark Moment (2023).mp4', [
    ...filmOf(darkMoment, 'sine=f=330:d=5'),
    ...tags({ title: 'A Dark Moment', date: '2023' }),
    ...['-f', 'mp4'],
  ]),
  encoded('Films/A Quiet Moment (2022).mkv', [
    ...filmOf(quietMoment, `sine=f=220:d=5,volume=0:enable='between(t,1.5,3.5)'`),
    ...tags({ title: 'A Quiet Moment', date: '2022' }),
    ...['-f', 'matroska'],
  ]),
  encoded('Music/The Sine Waves/Pure Tones/01 Concert Pitch.mp3', [
    ...lavfi('sine=f=440:d=4'),
    ...tags(album('1', 'Concert Pitch')),
    '-f',
    'mp3',
  ]),
  encoded('Music/The Sine Waves/Pure Tones/02 An Octave Below.flac', [
    ...lavfi('sine=f=220:d=4'),
    ...tags(album('2', 'An Octave Below')),
    '-f',
    'flac',
  ]),
  encoded('Music/The Noise Makers/Colours/01 Pink.m4a', [
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
  ]),
  encoded('Photos/2024/Fractal.jpg', [...lavfi('mandelbrot=s=320x240:start_scale=0.01'), ...photo]),
  encoded('Photos/2024/Portrait.jpg', [...lavfi('testsrc=s=240x320'), ...photo]),
  encoded('Photos/2025/Greys.jpg', [...lavfi('testsrc2=s=320x240,format=gray,format=yuvj420p'), ...photo]),
]

function album(track: string, title: string) {
  return { title, track, artist: 'The Sine Waves', album: 'Pure Tones', genre: 'Electronic', date: '1984' }
}
