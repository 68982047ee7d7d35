import { episodeOf } from '../media/episode'

test.each([
  ['Shows/Name (2020)/Season 01/Name - S01E02.mkv', 'Name (2020)', 1, 2],
  ['Shows/Name/season 1/s1e2 title.mkv', 'Name', 1, 2],
  ['Shows/Name/S01/Name.S01E02.1080p.mkv', 'Name', 1, 2],
  ['Shows/Name/Specials/Name - S00E01.mkv', 'Name', 0, 1],
  ['Shows/Name/Name S02 E03.mkv', 'Name', 2, 3],
  ['Name/S01E01-E02.mkv', 'Name', 1, 1],
  ['Serien/Name/Staffel 1/Name S01E02.mkv', 'Name', 1, 2],
  ['Shows/Name/Сезон 02/Name S02E01.mkv', 'Name', 2, 1],
  ['Shows/Name/Season 3 - The Return/Name S03E01.mkv', 'Name', 3, 1],
  ['Shows/Name/Season 4 (2021)/Name S04E01.mkv', 'Name', 4, 1],
  ['Shows/Series 7: The Contenders/S01E01.mkv', 'Series 7: The Contenders', 1, 1],
])('%s is of %s', (path, show, season, episode) => {
  expect(episodeOf(path)).toMatchObject({ show, season, episode })
})

test.each([
  ['Films/Film (2024).mp4'],
  ['S01E02.mkv'],
  ['Season 01/S01E02.mkv'],
  ['Films/Pass1e2.mp4'],
  ['Shows/Name/Season 01/Making of.mkv'],
])('%s is no episode', (path) => expect(episodeOf(path)).toBeNull())
