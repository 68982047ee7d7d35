import { isCutOff, isSoundCutOff, momentOf, momentsOf, understandChapters } from '../media/chapters'

describe('where a film has no chapters, they are about five minutes long', () => {
  const startsOf = (duration: string) =>
    understandChapters({ format: { duration } }).chapters.map(({ startS, endS }) => [startS, endS])

  test.each([
    ['8', [[0, 8]]],
    ['449', [[0, 449]]],
    [
      '451',
      [
        [0, 300],
        [300, 451],
      ],
    ],
    [
      '900',
      [
        [0, 300],
        [300, 600],
        [600, 900],
      ],
    ],
    ['N/A', [[0, 0]]],
  ])('of %s s', (duration, expected) => expect(startsOf(duration)).toEqual(expected))

  test('and no more than somebody can look at, whatever a film says of itself', () => {
    expect(startsOf('1e12')).toHaveLength(2_000)
  })
})

test('times count from the first picture, also where a recording does not begin at 0', () => {
  const recorded = [{ start_time: '80002', end_time: '80009', tags: { title: 'News' } }]
  const { chapters } = understandChapters({ chapters: recorded, format: { start_time: '80000', duration: '60' } })
  expect(chapters).toEqual([{ title: 'News', startS: 2, endS: 9 }])
})

test('more chapters than any film has are refused', () => {
  expect(() => understandChapters({ chapters: Array(2_001).fill({}) })).toThrow('holds 2001 chapters')
})

test.each([
  // start  end   duration  moment
  [0, 600, 7_200, 5],
  [300, 320, 7_200, 302],
  [300, 300, 7_200, 300],
  [9_000, 9_300, 7_200, 7_200],
  [9_000, 9_300, null, 9_005],
])('the picture of a chapter from %s to %s of %s s is taken at %s', (startS, endS, durationS, moment) => {
  expect(momentOf({ title: null, startS, endS }, durationS)).toBe(moment)
})

test('further pictures of a chapter are looked for after the first, and not after the end of the film', () => {
  expect(momentsOf({ title: null, startS: 100, endS: 200 }, 160)).toEqual([105, 125, 150])
  expect(momentsOf({ title: null, startS: 100, endS: 100 }, 160)).toEqual([100])
})

test('a film is no longer than its streams, where all of them say how long they are', () => {
  const stream = (codec_type: string, duration: string, start_time = '1') => ({ codec_type, duration, start_time })
  const ofFilm = (...streams: ReturnType<typeof stream>[]) =>
    understandChapters({ streams, format: { start_time: '1', duration: '80' } }).durationS
  expect(ofFilm(stream('video', '6'), stream('audio', '5'), stream('data', '80'))).toBe(6)
  expect(ofFilm(stream('video', '6'), stream('audio', '5', '3'), stream('data', '80'))).toBe(7)
  expect(ofFilm(stream('video', '6'), stream('subtitle', '90'))).toBe(80)
  expect(ofFilm(stream('video', '6'), stream('audio', 'N/A'))).toBe(80)
  expect(ofFilm()).toBe(80)
})

test.each([
  // first  end  said   cut off
  [0, 60, 60, false],
  [0, 50, 60, true],
  [5, 60, 60, false],
  [-30, 30, 60, false],
  [-30, 20, 60, true],
])('a film from %s to %s that says %s s: cut off %s', (firstS, endS, durationS, expected) => {
  expect(isCutOff(firstS, endS, durationS)).toBe(expected)
})

test.each([
  // end  said   cut off
  [240, 240, false],
  [239, 240, false],
  [238, 240, true],
  [9.5, 10, false],
  [8.5, 10, true],
  [0.28, 0.3, false],
])('music to %s that says %s s: cut off %s', (endS, durationS, expected) => {
  expect(isSoundCutOff(0, endS, durationS)).toBe(expected)
})
