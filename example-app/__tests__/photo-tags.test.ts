import { colourName, measurePixels } from '../media/colours'
import { understandExif } from '../media/exif'
import { exifTags, measuredTags, seasonOf } from '../media/photo-tags'

const now = new Date('2026-06-01T12:00:00Z')

test.each([
  ['#000000', 'black'],
  ['#101018', 'black'],
  ['#808080', 'grey'],
  ['#ffffff', 'white'],
  ['#f8f4f0', 'white'],
  ['#ff0000', 'red'],
  ['#c03020', 'red'],
  ['#ff8800', 'orange'],
  ['#804010', 'brown'],
  ['#ffee00', 'yellow'],
  ['#208030', 'green'],
  ['#00c8d0', 'cyan'],
  ['#2040c0', 'blue'],
  ['#7020d0', 'purple'],
  ['#ff60c0', 'pink'],
  ['#ff0022', 'red'],
])('%s is called %s', (colour, name) => {
  const [red = 0, green = 0, blue = 0] = Buffer.from(colour.slice(1), 'hex')
  expect(colourName(red, green, blue)).toBe(name)
})

describe('the pixels', () => {
  const of = (...runs: [number, number[]][]) =>
    Uint8Array.from(runs.flatMap(([times, rgb]) => Array(times).fill(rgb).flat()))

  test('name the colours that cover a fifth, the commonest first', () => {
    const pixels = of([25, [255, 0, 0]], [60, [0, 0, 255]], [15, [0, 255, 0]])
    expect(measurePixels(pixels)).toEqual({ colours: ['blue', 'red'], brightness: 'dark', isBlackAndWhite: false })
  })

  test.each([
    [of([100, [10, 10, 10]]), 'dark', true],
    [of([100, [250, 250, 250]]), 'bright', true],
    [of([100, [128, 128, 128]]), null, true],
    [of([98, [128, 128, 128]], [2, [255, 0, 0]]), null, false],
    [of([100, [120, 100, 70]]), null, false],
  ])('table %#', (pixels, brightness, isBlackAndWhite) => {
    expect(measurePixels(pixels)).toMatchObject({ brightness, isBlackAndWhite })
  })
})

test.each([
  [60, 40, 'landscape'],
  [40, 60, 'portrait'],
  [100, 100, 'square'],
  [100, 102, 'square'],
])('%d by %d is %s', (width, height, shape) => {
  const measures = { colours: ['red'], brightness: null, isBlackAndWhite: false }
  expect(measuredTags(measures, width, height).at(-1)).toEqual({ source: 'measured', kind: 'shape', name: shape })
})

test.each([
  [1, 50, 'winter'],
  [12, 50, 'winter'],
  [3, 50, 'spring'],
  [7, 50, 'summer'],
  [11, 50, 'autumn'],
  [1, -34, 'summer'],
  [7, -34, 'winter'],
  [4, -34, 'autumn'],
  [7, 1, null],
  [7, -20, null],
])('month %d at %d degrees is in %s', (month, latitude, season) => {
  expect(seasonOf(month, latitude)).toBe(season)
})

describe('EXIF', () => {
  test.each([
    [{ Make: 'Canon', Model: 'Canon EOS 5D' }, 'Canon EOS 5D'],
    [{ Make: 'NIKON CORPORATION', Model: 'NIKON D90' }, 'NIKON D90'],
    [{ Make: 'EASTMAN KODAK COMPANY', Model: 'KODAK EASYSHARE Z740' }, 'KODAK EASYSHARE Z740'],
    [{ Make: 'LG Electronics', Model: 'LG-H815' }, 'LG-H815'],
    [{ Make: 'OLYMPUS IMAGING CORP.', Model: 'E-M1' }, 'OLYMPUS IMAGING CORP. E-M1'],
    [{ Make: 'Apple', Model: 'iPhone 15' }, 'Apple iPhone 15'],
    [{ Make: 'SONY\0\0 garbage', Model: ' \0' }, 'SONY'],
    [{ Model: 'X\n\tY' }, 'X Y'],
    [{ Make: 7 }, null],
    [{ Make: 'x'.repeat(5_000) }, null],
    [{}, null],
  ])('%j is the camera %s', (raw, camera) => {
    expect(understandExif(raw, now).camera).toBe(camera)
  })

  test.each([
    ['2024:07:14 12:30:00', { year: 2024, month: 7, day: 14 }],
    ['2024:02:29 00:00:00', { year: 2024, month: 2, day: 29 }],
    ['2023:02:29 00:00:00', null],
    ['2024:13:01 00:00:00', null],
    ['0000:00:00 00:00:00', null],
    ['1970:01:01 00:00:00', null],
    ['2026:06:02 03:00:00', { year: 2026, month: 6, day: 2 }],
    ['2031:01:01 00:00:00', null],
    ['    :  :     :  :  ', null],
    ['nonsense', null],
    [undefined, null],
  ])('the date %j is %j', (DateTimeOriginal, taken) => {
    expect(understandExif({ DateTimeOriginal }, now).taken).toEqual(taken)
  })

  test('the second date counts where the first is nonsense', () => {
    const raw = { DateTimeOriginal: '0000:00:00 00:00:00', CreateDate: '2020:01:02 00:00:00' }
    expect(understandExif(raw, now).taken).toEqual({ year: 2020, month: 1, day: 2 })
  })

  const refs = { GPSLatitudeRef: 'N', GPSLongitudeRef: 'E' }

  test.each([
    [
      { latitude: 48, longitude: 2, ...refs },
      { latitude: 48, longitude: 2 },
    ],
    [
      { latitude: 0, longitude: 12, ...refs },
      { latitude: 0, longitude: 12 },
    ],
    [{ latitude: 0, longitude: 0, ...refs }, null],
    [{ latitude: Number.NaN, longitude: 2, ...refs }, null],
    [{ latitude: 91, longitude: 2, ...refs }, null],
    [{ latitude: 48, longitude: 181, ...refs }, null],
    [{ latitude: 48, longitude: 2, GPSLatitudeRef: '', GPSLongitudeRef: 'E' }, null],
    [{ latitude: 48, ...refs }, null],
  ])('the position %j is %j', (raw, position) => {
    expect(understandExif(raw, now).position).toEqual(position)
  })

  test('there is no season without a position, and at sea the nearest degrees are the place', () => {
    const taken = { year: 2024, month: 7, day: 14 }
    const exif = { camera: null, lens: null, taken, position: null }
    expect(exifTags(exif, null).map(({ name }) => name)).toEqual(['2024-07-14'])
    const atSea = { ...exif, position: { latitude: -33.6, longitude: -20.2 } }
    expect(exifTags(atSea, null).map(({ name }) => name)).toEqual(['2024-07-14', 'winter', '34° S, 20° W'])
  })
})
