import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskFunction } from 'express-butler'
import type { Library } from '../library/library'
import { forgetStaleTags, saveTags } from '../library/photo-tags'
import { atWorkbench } from '../library/workbench'
import { MOST_PIXELS, UNKNOWN_FORMAT } from '../media/photo'
import type { PhotoTag } from '../media/photo-tags'
import { inputOf } from '../media/probe'
import { ProgramFailed } from '../programs/failure'
import { runProgram } from '../programs/program'
import { oncePerFile } from './once-per-file'
import { conclude } from './work-list'

export const photoTagging = { task: 'GenerateAutoTags', version: 3 }

/**
 * Tags photos by what their EXIF data say (camera, lens, date, season, country) and by what can be measured (colours, light, shape).
 * Nothing is recognised, and nobody is asked.
 */
export function generateAutoTags(library: Library): TaskFunction {
  return async (context) => {
    const { database, folders } = library
    const report = await atWorkbench(folders, photoTagging.task, (bench) =>
      oncePerFile<{ tags: number }>(library, context, {
        ...photoTagging,
        kinds: ['photo'],
        async find({ id }, file, signal) {
          const tags = await tagsOf(library, file, join(bench, 'copy.png'), signal)
          await saveTags(database, signal, id, tags)
          return { tags: tags.length }
        },
      }),
    )
    const forgotten = await forgetStaleTags(database, context.signal, photoTagging)
    const changed = report.changed + forgotten
    const counts = `${report.changed} tagged, ${forgotten} no longer`
    const summary = `${changed} changed (${counts}), ${report.unchanged} unchanged, ${report.failed} failed`
    return conclude(context, summary, { ...report, changed, tagged: report.changed, forgotten })
  }
}

/** Longest work on one photo, in milliseconds. */
const LONGEST = 60_000

/** What the library for pictures does not know, such as BMP, ffmpeg may. What neither does tells what its camera wrote. */
async function tagsOf(library: Library, file: string, copy: string, signal: AbortSignal): Promise<PhotoTag[]> {
  const { workers, now } = library
  const look = (picture: string | null) =>
    workers.run('tagPhoto', { file, picture, now: now() }, signal, { longestMs: LONGEST })
  try {
    return await look(file)
  } catch (error) {
    signal.throwIfAborted()
    const { message } = error as Error
    if (!message.startsWith(UNKNOWN_FORMAT)) throw error
    const isCopied = await copyByFfmpeg(library, file, copy, signal)
    return await look(isCopied ? copy : null).catch((cause: unknown) => {
      signal.throwIfAborted()
      throw isCopied ? cause : new Error(`${message}, nor by ffmpeg`, { cause })
    })
  }
}

/** Makes a small copy in a format that is known. Resolves with whether ffmpeg knew better. */
async function copyByFfmpeg({ tools }: Library, file: string, copy: string, signal: AbortSignal): Promise<boolean> {
  const limits = ['-max_pixels', String(MOST_PIXELS)]
  const small = ['-frames:v', '1', '-vf', 'scale=256:256:force_original_aspect_ratio=decrease', '-c:v', 'png', copy]
  const args = ['-v', 'error', '-nostdin', ...limits, ...inputOf(file, 'photo'), ...small]
  try {
    await rm(copy, { force: true })
    await runProgram(tools.ffmpeg, args, { signal, timeoutMs: LONGEST })
    return true
  } catch (error) {
    if (error instanceof ProgramFailed && error.code === undefined) return false
    throw error
  }
}
