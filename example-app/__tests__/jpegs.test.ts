import { Jpegs } from '../media/jpegs'

test('a stream of JPEGs is cut into pictures, however it comes', () => {
  const one = Buffer.from([0xff, 0xd8, 1, 0xff, 0, 0xff, 0xd9])
  const two = Buffer.from([0xff, 0xd8, 2, 0xff, 0xd9])
  const stream = Buffer.concat([one, two])
  for (let size = 1; size <= stream.length; size += 1) {
    const jpegs = new Jpegs()
    const pictures: Buffer[] = []
    for (let at = 0; at < stream.length; at += size) pictures.push(...jpegs.take(stream.subarray(at, at + size)))
    expect(pictures).toEqual([one, two])
  }
  expect(new Jpegs().take(one.subarray(0, 6))).toEqual([])
})
