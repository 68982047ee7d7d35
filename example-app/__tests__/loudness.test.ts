import { loudnessOf } from '../media/loudness'

const parts = (count: number, loudness: number) => Array<number>(count).fill(loudness)

test.each([
  ['of one loudness', parts(100, -23), { integrated: -23, range: 0 }],
  ['with pauses, which do not count', [...parts(50, -23), ...parts(50, -80)], { integrated: -23, range: 0 }],
  [
    'with parts so quiet that they count for the range alone',
    [...parts(50, -20), ...parts(50, -35)],
    { integrated: -20, range: 15 },
  ],
  [
    'half of it loud, half of it less so: the mean of the powers',
    [...parts(50, -20), ...parts(50, -26)],
    { integrated: -22.04, range: 6 },
  ],
])('sound %s', (_, loudness, expected) => expect(loudnessOf(loudness, loudness)).toEqual(expected))

test('where there is nothing to hear there is no loudness', () => {
  expect(loudnessOf([], [])).toBeNull()
  expect(loudnessOf([-Infinity, Number.NaN, -70.1], [])).toBeNull()
})

test('what is shorter than any short part has no range', () => {
  expect(loudnessOf(parts(3, -23), [])).toEqual({ integrated: -23, range: 0 })
})
