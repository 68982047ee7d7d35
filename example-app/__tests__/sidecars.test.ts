import { kindOf } from '../media/kind'
import { type MediaFolder, sidecarsOf } from '../media/sidecars'
import { readSubtitleName } from '../media/subtitle-name'

function aFolder(path: string, names: string[], otherwise: Partial<MediaFolder> = {}): MediaFolder {
  const media = names.flatMap((name) => {
    const kind = kindOf(name)
    return kind ? [{ name, kind }] : []
  })
  return { path, names, namesAbove: [], subtitles: null, media, hasFilmsBeneath: false, ...otherwise }
}

/** What is found, as `role name`. */
function found(name: string, folder: MediaFolder): string[] {
  return sidecarsOf(name, kindOf(name) ?? 'photo', folder).map(({ role, path }) => `${role} ${path}`)
}

const film = 'Film (2024).mp4'

test.each([
  // beside the film                 in a folder of its own                in a shared folder
  ['Film (2024)-poster.jpg', ['poster'], ['poster']],
  ['FILM (2024)-Poster.JPG', ['poster'], ['poster']],
  ['Film (2024).jpg', ['poster'], ['poster']],
  ['Film (2024)-fanart.png', ['fanart'], ['fanart']],
  ['Film (2024)-clearlogo.png', ['logo'], ['logo']],
  ['poster.jpg', ['poster'], []],
  ['Folder.jpg', ['poster'], []],
  ['backdrop.webp', ['fanart'], []],
  ['movie.nfo', ['nfo'], []],
  ['film (2024).NFO', ['nfo'], ['nfo']],
  ['Film (2024).srt', ['subtitle'], ['subtitle']],
  ['Film (2024).en.forced.srt', ['subtitle'], ['subtitle']],
  ['Film (2024) Part Two.srt', [], []],
  ['Film.srt', [], []],
  ['Film (2024).txt', [], []],
  ['poster.txt', [], []],
])('%s', (name, own, shared) => {
  const roles = (folder: MediaFolder) => sidecarsOf(film, 'video', folder).map(({ role }) => role)
  expect(roles(aFolder('Films/Film (2024)', [film, name]))).toEqual(own)
  expect(roles(aFolder('Films', [film, 'Other.mp4', name]))).toEqual(shared)
})

test.each<[string, string, Partial<MediaFolder>]>([
  ['the media folder itself', '', {}],
  ['a folder with films beneath it', 'Films', { hasFilmsBeneath: true }],
])('a lone film in %s does not have it to itself', (_, path, otherwise) => {
  expect(found(film, aFolder(path, [film, 'poster.jpg'], otherwise))).toEqual([])
})

test('an episode does not take the picture of its season', () => {
  const folder = aFolder('Shows/Name/Season 01', ['Name - S01E02.mkv', 'poster.jpg', 'Name - S01E02-thumb.jpg'])
  expect(found('Name - S01E02.mkv', folder)).toEqual(['thumb Shows/Name/Season 01/Name - S01E02-thumb.jpg'])
})

test('the nearest name comes first', () => {
  const names = [film, 'cover.jpg', 'poster.png', 'poster.jpg', 'Film (2024).jpg', 'Film (2024)-poster.webp']
  const order = ['Film (2024)-poster.webp', 'Film (2024).jpg', 'poster.jpg', 'poster.png', 'cover.jpg']
  expect(found(film, aFolder('F', names))).toEqual(order.map((name) => `poster F/${name}`))
})

test('subtitles belong to the film with the longest name', () => {
  const folder = aFolder('Films', ['Film.mp4', 'Film.Extended.mp4', 'Film.en.srt', 'Film.extended.en.srt'])
  expect(found('Film.mp4', folder)).toEqual(['subtitle Films/Film.en.srt'])
  expect(found('Film.Extended.mp4', folder)).toEqual(['subtitle Films/Film.extended.en.srt'])
})

test.each([
  ['2_English.srt', 'en'],
  ['German.forced.ass', 'de'],
  ['Film (2024).pt-BR.srt', 'pt-BR'],
  ['Commentary.srt', null],
])('in a folder for subtitles, %s is of the film that has its folder to itself: %s', (name, language) => {
  const subtitles = { path: 'Films/Film (2024)/Subs', names: [name, 'readme.txt'] }
  const folder = aFolder('Films/Film (2024)', [film, 'Subs'], { subtitles })
  const [sidecar, ...others] = sidecarsOf(film, 'video', folder)
  expect(sidecar).toMatchObject({ role: 'subtitle', path: `Films/Film (2024)/Subs/${name}`, named: { language } })
  expect(others).toEqual([])
})

test('in a folder for the subtitles of several films each has those that are named like it', () => {
  const subtitles = { path: 'Films/Subs', names: ['2_English.srt', 'Film (2024).en.srt', 'Other.srt'] }
  const folder = aFolder('Films', [film, 'Other.mp4', 'Subs'], { subtitles })
  expect(found(film, folder)).toEqual(['subtitle Films/Subs/Film (2024).en.srt'])
  expect(found('Other.mp4', folder)).toEqual(['subtitle Films/Subs/Other.srt'])
})

test('accents count as the same however they are written', () => {
  const folder = aFolder('Films', ['Am\u00e9lie.mp4', 'Ame\u0301lie.srt', 'Other.mp4'])
  expect(found('Am\u00e9lie.mp4', folder)).toEqual(['subtitle Films/Ame\u0301lie.srt'])
})

test('music takes the art of its album and its artist, its words, and what is told of the album', () => {
  const names = ['01 One.mp3', '01 One.lrc', '02 Two.lrc', 'Cover.jpg', 'album.nfo']
  const folder = aFolder('Music/Them/It', names, { namesAbove: ['Artist.jpg', 'It'] })
  expect(found('01 One.mp3', folder)).toEqual([
    'cover Music/Them/It/Cover.jpg',
    'artist Music/Them/Artist.jpg',
    'nfo Music/Them/It/album.nfo',
    'lyrics Music/Them/It/01 One.lrc',
  ])
})

test('music that lies right in the media folder has no album', () => {
  expect(found('a.mp3', aFolder('', ['a.mp3', 'folder.jpg', 'artist.jpg', 'a.jpg']))).toEqual(['cover a.jpg'])
})

test('photos have nothing beside them', () => {
  expect(found('a.jpg', aFolder('Photos', ['a.jpg', 'a.nfo', 'a.srt']))).toEqual([])
})

test.each([
  // between the name and .srt   language   forced   for those who do not hear
  ['', null, false, false],
  ['en', 'en', false, false],
  ['eng', 'en', false, false],
  ['ger', 'de', false, false],
  ['pt-BR', 'pt-BR', false, false],
  ['zh_Hans', 'zh-Hans', false, false],
  ['en.forced', 'en', true, false],
  ['forced.en', 'en', true, false],
  ['Foreign', null, true, false],
  ['en.sdh', 'en', false, true],
  ['EN.CC', 'en', false, true],
  ['hi', 'hi', false, false],
  ['en.hi', 'en', false, true],
  ['2', null, false, false],
  ["director's commentary", null, false, false],
  ['xx', null, false, false],
  ['en.de', 'en', false, false],
  ['English', 'en', false, false],
  ['german.forced', 'de', true, false],
  ['Hebrew (SDH)', 'he', false, true],
  ['en[cc]', 'en', false, true],
  ['spa(forced)', 'es', true, false],
])('subtitles named %j', (between, language, forced, sdh) => {
  expect(readSubtitleName(between)).toEqual({ language, forced, sdh })
})
