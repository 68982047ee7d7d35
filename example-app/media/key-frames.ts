/** The longest time without a key frame, in seconds: how far a jump may miss. `null`: fewer than two key frames. */
export function longestInterval(keyFrames: readonly number[]): number | null {
  if (keyFrames.length < 2) return null
  const intervals = keyFrames.slice(1).map((time, index) => time - (keyFrames[index] ?? time))
  return intervals.reduce((longest, interval) => Math.max(longest, interval))
}

/** Whether a film can be entered every so many seconds at least, also until its end: then a picture is never later than that. */
export function areEnough(keyFrames: readonly number[], durationS: number | null, everyS: number): boolean {
  const [firstS] = keyFrames
  if (firstS === undefined || durationS === null) return false
  const longestS = longestInterval([...keyFrames, Math.max(firstS + durationS, ...keyFrames.slice(-1))])
  return longestS !== null && longestS <= everyS
}
