import { readNfo } from '../media/nfo'

const read = (text: string) => readNfo(Buffer.from(text))

const film = `<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie>
  <title>1917 &amp; After &#233;</title>
  <originaltitle>1917</originaltitle>
  <plot><![CDATA[Two soldiers <run>.]]></plot>
  <premiered>2019-12-25</premiered>
  <genre>War</genre><genre>Drama</genre>
  <director>Sam Mendes</director>
  <actor><name>George MacKay</name><role>Schofield</role></actor>
  <actor><name>Dean-Charles Chapman</name></actor>
  <uniqueid type="imdb" default="true">tt8579674</uniqueid>
  <uniqueid type="tmdb">530915</uniqueid>
</movie>`

const said = {
  about: 'movie',
  title: '1917 & After é',
  originalTitle: '1917',
  plot: 'Two soldiers <run>.',
  year: 2019,
  genres: ['War', 'Drama'],
  people: ['Sam Mendes', 'George MacKay', 'Dean-Charles Chapman'],
  ids: { imdb: 'tt8579674', tmdb: '530915' },
}

test('tells what Kodi writes of a film', () => expect(read(film)).toEqual(said))

test('an address behind the XML means nothing', () => {
  expect(read(`${film}\nhttps://www.imdb.com/title/tt8579674/\n`)).toEqual(said)
})

test('an artist has a name and a biography', () => {
  const artist = read('<artist><name>Them</name><biography>Sang.</biography><formed>1984</formed></artist>')
  expect(artist).toMatchObject({ about: 'artist', title: 'Them', plot: 'Sang.', year: 1984, genres: [], ids: {} })
})

test('of several episodes in a file the first counts', () => {
  const two = ['One', 'Two'].map((title) => `<episodedetails><title>${title}</title></episodedetails>`).join('\n')
  expect(read(`<?xml version="1.0"?>\n${two}`)).toMatchObject({ about: 'episodedetails', title: 'One' })
})

test('a film about nothing is a film', () =>
  expect(read('<movie/>')).toMatchObject({ about: 'movie', title: null, year: null }))

test.each<[string, Buffer]>([
  ['UTF-8 without saying so', Buffer.from('<movie><title>Amélie 🎬</title></movie>')],
  ['UTF-8 with a mark', Buffer.from('\ufeff<?xml version="1.0"?><movie><title>Amélie 🎬</title></movie>')],
  [
    'UTF-16',
    Buffer.from('\ufeff<?xml version="1.0" encoding="utf-16"?><movie><title>Amélie 🎬</title></movie>', 'utf16le'),
  ],
])('reads %s', (_, content) => expect(readNfo(content).title).toBe('Amélie 🎬'))

test('reads Windows-1252 that says so', () => {
  const text = '<?xml version="1.0" encoding="windows-1252"?><movie><title>Amélie</title></movie>'
  expect(readNfo(Buffer.from(text, 'latin1')).title).toBe('Amélie')
})

const bomb = `<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "${'&a;'.repeat(100)}">]><movie><title>&b;</title></movie>`

test.each<[string, string | Buffer, RegExp]>([
  ['an entity bomb', bomb, /holds a DOCTYPE/],
  [
    'a DOCTYPE that names a file',
    '<!doctype m [<!ENTITY x SYSTEM "file:///etc/passwd">]><movie>&x;</movie>',
    /DOCTYPE/,
  ],
  ['ten megabytes', Buffer.alloc(10_000_000, '<'), /larger than 1000000 bytes/],
  ['no XML', 'once upon a time', /broken XML in line 1: /],
  ['an empty file', '', /broken XML/],
  ['an address alone', 'https://www.imdb.com/title/tt8579674/\n', /nothing but an address/],
  ['a tag that is not closed', '<movie>\n<title>A</movie>', /broken XML in line 2: Expected closing tag 'title'/],
  ['half a file', film.slice(0, 200), /broken XML/],
  ['two films', '<movie/><movie/>', /broken XML.*root/],
  ['something else', '<html><title>A</title></html>', /is about <html>; expected one of movie, /],
  ['a thousand tags in each other', `<movie>${'<a>'.repeat(1_000)}${'</a>'.repeat(1_000)}</movie>`, /nested/i],
  ['tags that reach for the parser', '<movie><__proto__><title>x</title></__proto__></movie>', /__proto__/],
  [
    'an encoding that it is not in',
    Buffer.from('<movie><title>Amélie</title></movie>', 'latin1'),
    /is not written in utf-8/,
  ],
  ['an encoding nobody knows', '<?xml version="1.0" encoding="klingon"?><movie/>', /encoding "klingon" is not known/],
])('refuses %s', (_, content, reason) => {
  expect(() => readNfo(Buffer.from(content))).toThrow(reason)
})
