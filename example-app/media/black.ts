import sharp from 'sharp'

/** As ffmpeg's own search for black stretches has it: so dark, of 255, is black, and so much of a picture. */
const BLACK = 25
const BLACK_SHARE = 0.98

/** Whether next to nothing can be seen in a picture. A job for a thread. */
export async function isBlack(picture: Uint8Array): Promise<boolean> {
  const pixels = await sharp(picture).greyscale().raw().toBuffer()
  const black = pixels.reduce((count, light) => (light <= BLACK ? count + 1 : count), 0)
  return black >= pixels.length * BLACK_SHARE
}
