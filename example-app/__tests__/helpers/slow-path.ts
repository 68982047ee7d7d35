import { findMediaTools } from '../../media/tools'
import { aScript } from './processes'
import { aFolder } from './test-library'

/** A PATH on which the ffmpeg takes a minute for the loudness of a file, and else is the real one. */
export async function aSlowPath(): Promise<string> {
  const { ffmpeg, ffprobe } = findMediaTools()
  const folder = await aFolder()
  await aScript(folder, 'ffprobe', `exec "${ffprobe}" "$@"`)
  await aScript(folder, 'ffmpeg', `case "$*" in *ebur128*) set -- -stream_loop 20 -re "$@" ;; esac\n"${ffmpeg}" "$@"`)
  return `${folder}:${process.env.PATH}`
}
