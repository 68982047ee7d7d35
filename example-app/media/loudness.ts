/** Loudness by EBU R128. */
export interface Loudness {
  /** Of the whole, in LUFS. */
  integrated: number
  /** Between quiet and loud parts, in LU. */
  range: number
}

/** What is quieter is silence, in LUFS. */
const SILENCE = -70
/** What is so much quieter than the rest does not count, in LU: for the whole, and for the range. */
const QUIETER = { whole: 10, range: 20 }
/** The shares of the short parts that are quieter than the quiet end, and than the loud end, of the range. */
const ENDS = { quiet: 0.1, loud: 0.95 }

/**
 * The loudness of a whole by that of its parts, in LUFS, ten each second: `momentary` over 0.4 s, `shortTerm` over 3 s. ffmpeg's own sum
 * begins anew when the sound changes from stereo to surround, as in broadcasts. `null`: there is nothing to hear.
 */
export function loudnessOf(momentary: readonly number[], shortTerm: readonly number[]): Loudness | null {
  const heard = audible(momentary, QUIETER.whole)
  if (heard.length === 0) return null
  const parts = audible(shortTerm, QUIETER.range).sort((one, other) => one - other)
  const [quiet, loud] = [parts[at(ENDS.quiet, parts)], parts[at(ENDS.loud, parts)]]
  const range = quiet === undefined || loud === undefined ? 0 : loud - quiet
  return { integrated: rounded(mean(heard)), range: rounded(range) }
}

function audible(parts: readonly number[], quieter: number): number[] {
  const loud = parts.filter((part) => part >= SILENCE)
  if (loud.length === 0) return []
  const least = mean(loud) - quieter
  return loud.filter((part) => part >= least)
}

/** Of the powers, and not of the decibels. */
function mean(parts: readonly number[]): number {
  const power = parts.reduce((sum, part) => sum + 10 ** (part / 10), 0) / parts.length
  return 10 * Math.log10(power)
}

function at(share: number, parts: readonly number[]): number {
  return Math.max(0, Math.round(share * parts.length) - 1)
}

/** To a hundredth, which nobody hears. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
