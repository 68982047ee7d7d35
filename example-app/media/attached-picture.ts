import { runProgram } from '../programs/program'
import type { Kind } from './kind'
import { inputOf } from './probe'
import type { MediaTools } from './tools'

/** Longest look at one file, in milliseconds. */
const LONGEST_LOOK = 60_000

/** Largest picture that is taken, in bytes. */
export const LARGEST_PICTURE = 50_000_000

/** The first picture that is embedded in a film or a piece of music, as it is. `null`: there is none. Rejects when it is too large. */
export async function attachedPicture(
  { ffmpeg, ffprobe }: MediaTools,
  file: string,
  kind: Kind,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const options = { signal, timeoutMs: LONGEST_LOOK }
  const asked = ['-show_entries', 'stream=index:stream_disposition=attached_pic', '-of', 'json']
  const report = await runProgram(ffprobe, ['-v', 'error', ...asked, ...inputOf(file, kind)], options)
  const { streams = [] } = JSON.parse(report) as {
    streams?: { index: number; disposition?: { attached_pic?: number } }[]
  }
  const picture = streams.find(({ disposition }) => disposition?.attached_pic === 1)
  if (!picture) return null
  // As a stream of pictures, because ffmpeg takes a `%` in the name of a picture for a numbered series.
  const chunks: Buffer[] = []
  let bytes = 0
  const onData = async (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > LARGEST_PICTURE) throw new Error(`the picture in it is larger than ${LARGEST_PICTURE} bytes`)
    chunks.push(chunk)
  }
  const copied = ['-map', `0:${picture.index}`, '-c', 'copy', '-frames:v', '1', '-f', 'image2pipe', '-']
  await runProgram(ffmpeg, ['-v', 'error', '-nostdin', ...inputOf(file, kind), ...copied], { ...options, onData })
  return Buffer.concat(chunks)
}
