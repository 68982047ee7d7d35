import type { Library } from '../../library/library'
import { findMediaTools, type MediaTools } from '../../media/tools'
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

/** A library's tools, but its ffprobe takes a minute, as `sleep 60`, over files that are called like this. */
export async function slowlyProbing({ tools }: Library, name: string): Promise<MediaTools> {
  const script = `case "$*" in *${name}*) sleep 60 ;; esac\n"${tools.ffprobe}" "$@"`
  return { ...tools, ffprobe: await aScript(await aFolder(), 'ffprobe', script) }
}
