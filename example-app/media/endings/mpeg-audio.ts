import type { Frame, FrameFormat } from './frames'

/** Bit rates in kbit/s by the number in the header; 0 says that only the encoder knows. MPEG-1 by layer, then MPEG-2 and 2.5. */
const rates = {
  first: [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  ],
  later: [
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ],
}
/** In Hz, by the number in the header, and what they are divided by in MPEG-2.5, in none, in MPEG-2 and in MPEG-1. */
const samplings = [44_100, 48_000, 32_000]
const divisors = [4, undefined, 2, 1]

/** MP3 and its elder brothers. */
export const mpegAudio: FrameFormat = { header: 4, frameOf }

function frameOf(header: Buffer): Frame | undefined {
  const [first = 0, second = 0, third = 0] = header
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined
  const divisor = divisors[(second >> 3) & 3]
  const layer = 4 - ((second >> 1) & 3)
  const rate = (divisor === 1 ? rates.first : rates.later)[layer - 1]?.[third >> 4]
  const sampling = samplings[(third >> 2) & 3]
  if (!divisor || !rate || !sampling) return undefined
  const length = lengthOf(layer, divisor === 1, (rate * 1_000 * divisor) / sampling, (third >> 1) & 1)
  return { length, kind: `${layer} ${sampling / divisor}` }
}

/** By the bits for each sample. */
function lengthOf(layer: number, isFirst: boolean, bits: number, padding: number): number {
  if (layer === 1) return (Math.floor(12 * bits) + padding) * 4
  const halfFrame = layer === 3 && !isFirst
  return Math.floor((halfFrame ? 72 : 144) * bits) + padding
}
