import { readFile, rm, writeFile } from 'node:fs/promises'
import { replaceFile } from '../library/replace-file'
import type { Published } from './registry'

/** What a registry said when it was asked last. */
export interface LastAnswer extends Published {
  /** Without credentials. */
  registry: string
  name: string
}

/** `null`: there is none about this package from this registry, or none that can be read. */
export async function readLastAnswer(file: string, registry: string, name: string): Promise<LastAnswer | null> {
  try {
    const last = JSON.parse(await readFile(file, 'utf8')) as LastAnswer
    const isTheirs = last.registry === registry && last.name === name && typeof last.tags === 'object'
    return isTheirs ? { ...last, tags: { ...last.tags } } : null
  } catch {
    return null
  }
}

export async function keepLastAnswer(file: string, answer: LastAnswer): Promise<void> {
  await replaceFile(file, (temporary) => writeFile(temporary, `${JSON.stringify(answer, null, 2)}\n`))
}

export async function forgetLastAnswer(file: string): Promise<void> {
  await rm(file, { force: true })
}
