import sharp from 'sharp'
import { damaged } from '../media/damage'
import { Workers } from '../workers/workers'

test.each([
  ['VipsJpeg: premature end of JPEG image', 'its picture is damaged: VipsJpeg: premature end of JPEG image'],
  ['VipsJpeg: premature end\nvipspng: libpng read error', 'its picture is damaged: VipsJpeg: premature end'],
  ['Unknown error', 'its picture is damaged'],
])('%j is told as %j', (complaint, expected) => {
  expect(damaged(complaint)).toBe(expected)
})

test('pictures that are damaged at the same time are all told to be damaged, whoever gets the words', async () => {
  const workers = new Workers()
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
  const picture = sharp({ create: { width: 400, height: 400, channels: 3, background: 'red', noise } })
  const whole = [await picture.clone().jpeg().toBuffer(), await picture.clone().png().toBuffer()]
  const halves = whole.map((content) => content.subarray(0, content.length / 2))
  const checks = Array.from({ length: 50 }, () => halves).flat()
  const reasonOf = (content: Buffer) => {
    const { signal } = new AbortController()
    return workers.run('checkPicture', content, signal).catch(({ message }) => message)
  }
  try {
    for (const reason of await Promise.all(checks.map(reasonOf))) expect(reason).toMatch(/^its picture is damaged/)
  } finally {
    await workers.close()
  }
})
