import { areEnough, longestInterval } from '../media/key-frames'

test.each([
  [[0, 2, 7, 8], 5],
  [[3], null],
  [[], null],
])('the longest interval between key frames at %j is %s', (keyFrames, expected) => {
  expect(longestInterval(keyFrames)).toBe(expected)
})

test.each([
  // key frames  length  enough
  [[0, 2, 4], 6, true],
  [[500, 502, 504], 6, true],
  [[0, 2, 4.5], 6, false],
  [[0, 2], 6, false],
  [[0], 1.5, true],
  [[0], 6, false],
  [[], 6, false],
  [[0, 2, 4], null, false],
])('key frames at %j of %s s are enough for a picture every two seconds: %s', (keyFrames, durationS, expected) => {
  expect(areEnough(keyFrames, durationS, 2)).toBe(expected)
})
