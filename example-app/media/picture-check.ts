import sharp from 'sharp'
import { damaged } from './damage'

const extensions: Record<string, string> = { jpeg: 'jpg', png: 'png', webp: 'webp', gif: 'gif' }

/** Whether some bytes are a whole picture, and the extension it goes by. A job for a thread. Throws with what is wrong with it. */
export async function checkPicture(content: Uint8Array): Promise<{ extension: string; width: number; height: number }> {
  if (content.length === 0) throw new Error('an empty file')
  const { format, width, height } = await sharp(content).metadata()
  const extension = extensions[format]
  if (!extension) throw new Error(`a picture of the format ${format}; expected ${Object.values(extensions).join(', ')}`)
  // Goes through all of it: a picture that is cut off is found out.
  const small = sharp(content, { failOn: 'truncated' }).resize(8, 8, { fit: 'fill' }).raw()
  await small.toBuffer().catch((cause: Error) => {
    throw new Error(damaged(cause.message), { cause })
  })
  return { extension, width, height }
}
