import type { Kind } from './kind'
import { inputOf } from './probe'
import { runProgram } from './program'
import type { MediaTools } from './tools'

/** Longest look at one file, in milliseconds. */
const LONGEST_LOOK = 60_000

/** Copies the first picture that is embedded in a film or a piece of music, as it is. Resolves with whether there was one. */
export async function copyAttachedPicture(
  { ffmpeg, ffprobe }: MediaTools,
  file: string,
  kind: Kind,
  target: string,
  signal: AbortSignal,
): Promise<boolean> {
  const options = { signal, timeoutMs: LONGEST_LOOK }
  const asked = ['-show_entries', 'stream=index:stream_disposition=attached_pic', '-of', 'json']
  const report = await runProgram(ffprobe, ['-v', 'error', ...asked, ...inputOf(file, kind)], options)
  const { streams = [] } = JSON.parse(report) as {
    streams?: { index: number; disposition?: { attached_pic?: number } }[]
  }
  const picture = streams.find(({ disposition }) => disposition?.attached_pic === 1)
  if (!picture) return false
  // As a stream of pictures, because ffmpeg takes a `%` in the name of a picture for a numbered series.
  const copied = ['-map', `0:${picture.index}`, '-c', 'copy', '-frames:v', '1', '-f', 'image2pipe']
  await runProgram(ffmpeg, ['-v', 'error', '-nostdin', '-y', ...inputOf(file, kind), ...copied, target], options)
  return true
}
