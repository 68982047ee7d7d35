import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bifHeader, checkBif } from '../media/bif'
import { aFolder, cleanUp } from './helpers/test-library'

afterEach(cleanUp)

describe('the check before an index is put in place', () => {
  const jpeg = Buffer.from([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9])
  const whole = () => Buffer.concat([bifHeader([7, 7], 2_000), jpeg, jpeg])
  const start = 64 + 3 * 8

  async function check(bytes: Buffer): Promise<number> {
    const file = join(await aFolder(), 'index.bif')
    await writeFile(file, bytes)
    return checkBif(file, 2_000)
  }

  test('passes what is whole', async () => expect(await check(whole())).toBe(2))

  test.each<[string, RegExp, (bytes: Buffer) => Buffer | unknown]>([
    ['is empty', /ends before 64/, () => Buffer.alloc(0)],
    ['is cut off in its table', /has no room for 2 pictures/, (bytes) => bytes.subarray(0, 70)],
    ['is cut off in a picture', /ends before 102/, (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['has bytes too many', /ends at/, (bytes) => Buffer.concat([bytes, jpeg])],
    ['begins otherwise', /does not begin/, (bytes) => bytes.writeUInt8(0, 0)],
    ['has another version', /"version":1/, (bytes) => bytes.writeUInt32LE(1, 8)],
    ['has another interval', /"intervalMs":1000/, (bytes) => bytes.writeUInt32LE(1_000, 16)],
    ['claims more pictures', /has no room for 500/, (bytes) => bytes.writeUInt32LE(500, 12)],
    ['uses what is reserved', /reserved/, (bytes) => bytes.writeUInt8(1, 63)],
    ['has times out of order', /entry 1 for the time 9/, (bytes) => bytes.writeUInt32LE(9, 72)],
    ['has no end', /entry 2 for the time 2/, (bytes) => bytes.writeUInt32LE(2, 80)],
    ['has its pictures elsewhere', /first picture/, (bytes) => bytes.writeUInt32LE(start + 1, 68)],
    ['holds something else', /no JPEG as picture 1/, (bytes) => bytes.writeUInt8(0, start + 7)],
    ['holds half a picture', /no JPEG as picture 0/, (bytes) => bytes.writeUInt8(0, start + 6)],
    ['holds an empty picture', /-?\d bytes for picture 0/, (bytes) => bytes.writeUInt32LE(start, 76)],
  ])('refuses one that %s', async (_, reason, damage) => {
    const bytes = whole()
    const damaged = damage(bytes)
    await expect(check(Buffer.isBuffer(damaged) ? damaged : bytes)).rejects.toThrow(reason)
  })
})

test('more than numbers of 32 bits can tell is refused', () => {
  expect(() => bifHeader([0xffff_ffff, 1], 2_000)).toThrow('more than 4294967295 bytes')
})
