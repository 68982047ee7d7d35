import type { Exif } from 'sharp'
import { clipOf, filmOf, lavfi, stillOf, tags } from './films'
import { drawn, encoded, type Sample, written } from './sample'
import { dawn, dusk, heath, morning, night, noon, snow, type View, wood } from './views'

const poster = (view: View) => ({ view, width: 300, height: 450 })
const wide = (view: View) => ({ view, width: 640, height: 360 })
const square = (view: View) => ({ view, width: 300, height: 300 })

const film = 'Films/The Long Way Home (2021)'

const ofTheFilm: readonly Sample[] = [
  encoded(`${film}/The Long Way Home (2021).mkv`, [
    ...filmOf(
      [
        { title: 'Over the hills', seconds: 2, view: noon },
        { title: 'By the heath', seconds: 2, view: heath },
        { title: 'Home', seconds: 2, view: dusk },
      ],
      'sine=f=262:d=6',
    ),
    ...tags({ title: 'The Long Way Home', date: '2021' }),
    ...['-f', 'matroska'],
  ]),
  drawn(`${film}/poster.jpg`, poster(dusk)),
  drawn(`${film}/fanart.jpg`, wide(noon)),
  written(`${film}/movie.nfo`, [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<movie>',
    '  <title>The Long Way Home</title>',
    '  <plot>Somebody walks over the hills, by the heath, and is home at dusk.</plot>',
    '  <year>2021</year>',
    '  <genre>Drama</genre>',
    '</movie>',
  ]),
  written(`${film}/The Long Way Home (2021).en.srt`, subtitles('Over the hills.', 'By the heath.', 'Home.')),
  written(`${film}/The Long Way Home (2021).de.srt`, subtitles('Über die Hügel.', 'An der Heide.', 'Zu Hause.')),
]

/** Each text is shown for two seconds. */
function subtitles(...texts: readonly string[]): string[] {
  const at = (seconds: number) => `00:00:${String(seconds).padStart(2, '0')},000`
  return texts.flatMap((text, index) => [`${index + 1}`, `${at(index * 2)} --> ${at(index * 2 + 2)}`, text, ''])
}

const show = 'Shows/The Weather (2020)'

const ofTheShow: readonly Sample[] = [
  written(`${show}/tvshow.nfo`, [
    '<tvshow>',
    '  <title>The Weather</title>',
    '  <plot>It snows. Then it does not.</plot>',
    '  <year>2020</year>',
    '  <genre>Documentary</genre>',
    '</tvshow>',
  ]),
  drawn(`${show}/poster.jpg`, poster(snow)),
  ...episode('S01E01', 'It Snows', snow),
  ...episode('S01E02', 'It Thaws', wood),
]

function episode(number: string, title: string, view: View): Sample[] {
  const stem = `${show}/Season 01/The Weather ${number}`
  return [
    encoded(`${stem}.mp4`, [...clipOf(view, 3, 'sine=f=196:d=3'), ...tags({ title }), '-f', 'mp4']),
    drawn(`${stem}-thumb.jpg`, wide(view)),
    written(`${stem}.nfo`, ['<episodedetails>', `  <title>${title}</title>`, '</episodedetails>']),
  ]
}

const artist = 'Music/The Square Waves'
const album = { artist: 'The Square Waves', album: 'Corners', genre: 'Electronic', date: '1989', mood: 'Calm' }
const cover = [...lavfi(`${stillOf(night, 1)},crop=180:180`), '-map', '0:a', '-map', '1:v']
const asCover = ['-frames:v', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-disposition:v', 'attached_pic']

/** The cover is in the songs, and another one beside them. */
const ofTheAlbum: readonly Sample[] = [
  encoded(`${artist}/Corners/01 Right Angle.mp3`, [
    ...song(330),
    ...tags({ ...album, title: 'Right Angle', track: '1' }),
    ...['-id3v2_version', '3', '-f', 'mp3'],
  ]),
  encoded(`${artist}/Corners/02 Hiss (feat. The Noise Makers).flac`, [
    ...song(392),
    ...tags({ ...album, artist: 'The Square Waves feat. The Noise Makers', title: 'Hiss', track: '2' }),
    ...['-f', 'flac'],
  ]),
  drawn(`${artist}/Corners/cover.jpg`, square(dawn)),
  written(`${artist}/Corners/01 Right Angle.lrc`, ['[00:00.00]One side,', '[00:02.00]and the other.']),
  drawn(`${artist}/artist.jpg`, square(morning)),
  written(`${artist}/artist.nfo`, [
    '<artist>',
    '  <name>The Square Waves</name>',
    '  <biography>They go up, and they go down.</biography>',
    '</artist>',
  ]),
]

function song(pitch: number): string[] {
  return [...lavfi(`sine=f=${pitch}:d=4`), ...cover, ...asCover]
}

const photos: readonly Sample[] = [
  drawn('Photos/2025/Summer in Norway.jpg', {
    ...{ view: noon, width: 960, height: 640 },
    exif: {
      IFD0: { Make: 'Canon', Model: 'Canon EOS R6' },
      IFD2: { LensModel: 'RF24-105mm F4 L IS USM', DateTimeOriginal: '2025:07:12 13:20:05' },
      IFD3: at('60/1 24/1 0/1', 'N', '6/1 6/1 0/1', 'E'),
    },
  }),
  drawn('Photos/2025/Summer in New Zealand.jpg', {
    ...{ view: wood, width: 960, height: 640 },
    exif: {
      IFD0: { Make: 'NIKON CORPORATION', Model: 'NIKON Z 6' },
      IFD2: { LensModel: 'NIKKOR Z 35mm f/1.8 S', DateTimeOriginal: '2025:01:18 17:02:41' },
      IFD3: at('44/1 36/1 0/1', 'S', '169/1 12/1 0/1', 'E'),
    },
  }),
  drawn('Photos/2024/Dusk in Kenya.jpg', {
    ...{ view: dusk, width: 640, height: 960 },
    exif: {
      IFD0: { Make: 'Google', Model: 'Pixel 8' },
      IFD2: { DateTimeOriginal: '2024:09:03 18:31:12' },
      IFD3: at('1/1 30/1 0/1', 'S', '37/1 0/1 0/1', 'E'),
    },
  }),
  drawn('Photos/2024/Snow, and nobody knows where.webp', {
    ...{ view: snow, width: 960, height: 640 },
    exif: {
      IFD0: { Make: 'EASTMAN KODAK COMPANY', Model: 'KODAK EASYSHARE Z740' },
      IFD2: { DateTimeOriginal: '2024:12:24 10:00:00' },
    },
  }),
]

/** Degrees, minutes and seconds as EXIF has them. */
function at(latitude: string, latitudeRef: string, longitude: string, longitudeRef: string): Exif['IFD3'] {
  return {
    GPSLatitude: latitude,
    GPSLatitudeRef: latitudeRef,
    GPSLongitude: longitude,
    GPSLongitudeRef: longitudeRef,
  }
}

/** Media with all that people and other programs put beside and into them: art, .nfo files, subtitles, lyrics, covers, EXIF. */
export const richSamples: readonly Sample[] = [...ofTheFilm, ...ofTheShow, ...ofTheAlbum, ...photos]
