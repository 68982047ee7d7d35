import { withoutArt } from '../media/art'
import { type Kind, kindOf } from '../media/kind'

const files = (paths: readonly string[]) =>
  paths.map((path) => ({ path, kind: kindOf(path) as Kind, size: 1, mtimeMs: 1 }))

/** The pictures among some paths that stay. */
const photosAmong = async (...paths: string[]) =>
  (await withoutArt(files(paths))).filter(({ kind }) => kind === 'photo').map(({ path }) => path)

test.each([
  ['poster.jpg beside a film', ['Films/A/A.mp4', 'Films/A/poster.jpg']],
  ['fanart.PNG beside a film, whatever its case', ['Films/A/A.mp4', 'Films/A/Fanart.PNG']],
  ['the art of one of several films', ['Films/A.mp4', 'Films/B.mp4', 'Films/A-poster.jpg', 'Films/b-fanart.webp']],
  ['poster.jpg in a folder of several films', ['Films/A.mp4', 'Films/B.mp4', 'Films/poster.jpg']],
  ['a picture that is called as a film is', ['Films/A.mp4', 'Films/A.jpg']],
  ['art in the media folder itself that is called as a film is', ['A.mp4', 'A-poster.jpg', 'A.jpg']],
  ['folder.jpg in a folder of music', ['Music/X/Album/1.mp3', 'Music/X/Album/folder.jpg', 'Music/X/Album/back.jpg']],
  ['the picture of an artist above the albums', ['Music/X/Album/1.mp3', 'Music/X/artist.jpg']],
  ['the art of a show', ['Shows/S/Season 1/S01E01.mkv', 'Shows/S/poster.jpg', 'Shows/S/season01-poster.jpg']],
  ['a frame of an episode', ['Shows/S/Season 1/S01E01.mkv', 'Shows/S/Season 1/S01E01-thumb.jpg']],
  [
    'accents, however they are written',
    ['Films/Amélie.mp4'.normalize('NFC'), 'Films/Amélie-poster.jpg'.normalize('NFD')],
  ],
])('%s is no photo', async (_, paths) => {
  expect(await photosAmong(...paths)).toEqual([])
})

test.each([
  ['in a folder without films or music', ['Photos/poster.jpg', 'Photos/cover.png', 'Films/A.mp4'], 2],
  ['in the media folder itself', ['poster.jpg', 'Films/A/A.mp4'], 1],
  ['far above the films', ['Photos/thumb.jpg', 'Photos/2020/May/Sea/clip.mp4'], 1],
  ['among photos above a clip', ['Photos/cover.jpg', 'Photos/IMG_1.jpg', 'Photos/2020/clip.mp4'], 2],
  ['beside a clip', ['Photos/IMG_1.mp4', 'Photos/IMG_2.jpg', 'Photos/A-poster.jpg'], 2],
  ['that a camera made together with a clip', ['P/IMG_1.mov', 'P/IMG_1.jpg', 'P/IMG_2.jpg'], 2],
  ['in a format that is no art', ['Films/A/A.mp4', 'Films/A/poster.heic'], 1],
  ['of the making of a film', ['Films/A/A.mp4', 'Films/A/poster.jpg', 'Films/A/the set.jpg'], 1],
])('a picture %s is a photo', async (_, paths, count) => {
  expect(await photosAmong(...paths)).toHaveLength(count)
})

test('everything else stays, in its order', async () => {
  const paths = ['Films/A/A.mp4', 'Films/A/poster.jpg', 'Music/1.mp3', 'Photos/1.jpg']
  expect((await withoutArt(files(paths))).map(({ path }) => path)).toEqual([
    'Films/A/A.mp4',
    'Music/1.mp3',
    'Photos/1.jpg',
  ])
})
