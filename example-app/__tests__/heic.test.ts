import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeHeic } from '../media/heic'

const phone = readFileSync(join(__dirname, 'helpers/phone.heic'))
const vast = readFileSync(join(__dirname, 'helpers/vast.heic'))

test('a picture of tiles is put together, and what is seen of it comes out', () => {
  const { pixels, width, height, rowLength } = decodeHeic(phone, 64)
  expect({ width, height }).toEqual({ width: 64, height: 48 })
  expect(rowLength).toBeGreaterThanOrEqual(width)
  expect(pixels).toHaveLength(rowLength * height * 4)
  const [red = 0, green = 0, blue = 0, opacity] = pixels
  expect(red).toBeGreaterThan(green)
  expect(green).toBeGreaterThan(blue)
  expect(opacity).toBe(255)
})

test('what lies behind the picture is passed over, as what some phones put there', () => {
  const trailer = Buffer.from('\x7f\xff\xff\xffsefd and something else', 'latin1')
  expect(decodeHeic(Buffer.concat([phone, trailer]), 64).width).toBe(64)
  expect(decodeHeic(Buffer.concat([phone, Buffer.from('\0\0')]), 64).width).toBe(64)
})

test.each([
  ['cut off in its picture', vast.subarray(0, -1), 'it is cut off'],
  ['cut off in its description', phone.subarray(0, 200), 'it is cut off'],
  ['no HEIC at all', Buffer.from('Just a text.\n'), /Invalid input|Unsupported/],
  ['empty', Buffer.alloc(0), /Invalid input|Unsupported/],
])('one that is %s says so', (_what, content, message) => {
  expect(() => decodeHeic(content, 64)).toThrow(message)
})
