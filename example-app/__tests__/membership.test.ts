import { artistOf, decadeOf, membershipsOf } from '../media/membership'

const now = new Date('2026-06-01T12:00:00Z')
const nothing = { genres: [], moods: [], artists: [], albumArtists: [], dates: [] }

const names = (tags: Partial<typeof nothing | Record<string, string[]>>) =>
  membershipsOf({ ...nothing, ...tags }, now).map(({ name }) => name)

describe('the genres of a field', () => {
  test.each([
    ['Rock', ['Rock']],
    ['Rock; Pop', ['Rock', 'Pop']],
    ['Rock/Pop', ['Rock', 'Pop']],
    ['Rock\0Pop', ['Rock', 'Pop']],
    [' Rock  and\tRoll ; ', ['Rock and Roll']],
    ['Folk, World, & Country', ['Folk, World, & Country']],
    ['Hip-Hop/Rap', ['Hip-Hop', 'Rap']],
    ['Singer/Songwriter', ['Singer/Songwriter']],
    ['(17)', []],
    ['17', []],
    ['', []],
    [' ', []],
    ['2 Tone', ['2 Tone']],
    ['a'.repeat(101), []],
    ['🎸', ['🎸']],
  ])('%j are %j', (field, expected) => {
    expect(names({ genres: [field] })).toEqual(expected)
  })
})

describe('the artists of a field', () => {
  test.each([
    ['AC/DC', ['AC/DC']],
    ['Simon & Garfunkel', ['Simon & Garfunkel']],
    ['Earth, Wind & Fire', ['Earth, Wind & Fire']],
    ['Little Feat', ['Little Feat']],
    ['Little Feat & Friends', ['Little Feat & Friends']],
    ['Foo feat. Bar', ['Foo', 'Bar']],
    ['Foo Feat. Bar & Baz', ['Foo', 'Bar & Baz']],
    ['Foo (ft. Bar)', ['Foo', 'Bar']],
    ['Foo [featuring Bar] live', ['Foo', 'Bar']],
    ['Foo; Bar', ['Foo', 'Bar']],
    ['Foo\0Bar', ['Foo', 'Bar']],
    ['Various Artists', []],
    ['V.A.', []],
    ['unknown artist', []],
    ['\x01\x02', []],
  ])('%j are %j', (field, expected) => {
    expect(names({ artists: [field] })).toEqual(expected)
  })
})

test.each([
  ['Foo', 'Foo'],
  ['Foo feat. Bar', 'Foo'],
  ['Foo (ft. Bar)', 'Foo'],
  ['Foo ; Bar', 'Foo'],
  ['Simon & Garfunkel', 'Simon & Garfunkel'],
  ['Little Feat', 'Little Feat'],
  ['; Bar', '; Bar'],
  ['Various Artists', null],
  ['Unknown feat. Bar', null],
])('a piece by %j is the work of %j', (tag, expected) => {
  expect(artistOf(tag)).toBe(expected)
})

test.each([
  ['beatles', 'BEATLES'],
  ['Bjo\u0308rk', 'Bj\u00f6rk'],
  ['Guns N’ Roses', "Guns N' Roses"],
  ['Ｙｅｓ', 'Yes'],
  ['A‐ha', 'a-ha'],
  ['Pink\u00a0Floyd', 'Pink  Floyd'],
])('%j and %j are the same', (one, other) => {
  expect(membershipsOf({ ...nothing, artists: [one, other] }, now)).toHaveLength(1)
})

test('a piece is with its own artist and with that of its album, but with various artists it is with nobody', () => {
  expect(names({ artists: ['Queen & David Bowie'], albumArtists: ['Queen'] })).toEqual(['Queen & David Bowie', 'Queen'])
  expect(names({ artists: ['Queen'], albumArtists: ['queen'] })).toEqual(['queen'])
  expect(names({ artists: ['Queen'], albumArtists: ['Various Artists'] })).toEqual(['Queen'])
})

test('moods are divided as genres are', () => {
  expect(names({ moods: ['Happy; Calm', 'Wild/Loud'] })).toEqual(['Happy', 'Calm', 'Wild', 'Loud'])
})

describe('the decade of dates', () => {
  test.each([
    [['1984'], '1980s'],
    [['1984-05-03'], '1980s'],
    [['19840503'], '1980s'],
    [['1984-05-03T12:00:00Z'], '1980s'],
    [[' 2000'], '2000s'],
    [['1979', '2011-01-01'], '1970s'],
    [['198?', '1991'], '1990s'],
    [['0000', '1991'], '1990s'],
    [['1715'], null],
    [['2027'], '2020s'],
    [['2028'], null],
    [['9999'], null],
    [['84'], null],
    [['19845'], null],
    [['May 1984'], null],
    [[], null],
  ])('%j is %j', (dates, expected) => {
    expect(decadeOf(dates, now)).toBe(expected)
  })
})
