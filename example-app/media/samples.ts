import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile } from '../library/replace-file'
import { bareSamples } from './samples/bare'
import { richSamples } from './samples/rich'
import type { Sample, SampleMaker } from './samples/sample'

export { bareSamples } from './samples/bare'

/** Something of everything that the tasks look for. */
export const allSamples: readonly Sample[] = [...bareSamples, ...richSamples]

/** Lies in the media folder until all samples are made. */
const UNFINISHED = '.making-samples'

/**
 * Makes sample media in a folder that is empty, and goes on where a process was killed that had begun to. Resolves with whether it
 * made any. A folder that holds anything else is left alone.
 */
export async function makeSamples(folder: string, maker: SampleMaker, samples = allSamples): Promise<boolean> {
  const names = await readdir(folder)
  if (names.length > 0 && !names.includes(UNFINISHED)) return false
  await writeFile(join(folder, UNFINISHED), '')
  for (const [index, sample] of samples.entries()) {
    const target = join(folder, sample.path)
    if (await isThere(target)) continue
    maker.signal.throwIfAborted()
    maker.say(`making sample media ${index + 1}/${samples.length}: ${sample.path}`)
    await mkdir(dirname(target), { recursive: true })
    await replaceFile(target, (temporary) => sample.make(temporary, maker))
  }
  await rm(join(folder, UNFINISHED))
  return true
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
