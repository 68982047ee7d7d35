import { createHash } from 'node:crypto'
import { mkdir, opendir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Folders } from './folders'
import { replaceFile } from './replace-file'

const bundleName = /^[0-9a-f]{40}\.bundle$/

/** The bundle of an item: a folder for what was found out about it. The name depends on the item's path alone. */
export function bundleOf(path: string): string {
  return `${createHash('sha1').update(path).digest('hex')}.bundle`
}

/** `name` may lie in a folder of the bundle, such as `local/poster.jpg`. */
export async function writeInBundle(
  folders: Folders,
  bundle: string,
  name: string,
  content: string | Uint8Array,
): Promise<void> {
  const file = join(folders.metadata, bundle, name)
  await mkdir(dirname(file), { recursive: true })
  await replaceFile(file, (temporary) => writeFile(temporary, content))
}

/** How many names are read at once. */
const NAMES = 500

/** The bundles in a folder, some at a time: the server answers in between. What is not called like one is none of ours. */
export async function* bundlesIn(folder: string): AsyncGenerator<string> {
  for await (const entry of await opendir(folder, { bufferSize: NAMES })) {
    if (entry.isDirectory() && bundleName.test(entry.name)) yield entry.name
  }
}

export async function quarantineBundle({ metadata, quarantine }: Folders, bundle: string): Promise<void> {
  await rm(join(quarantine, bundle), { recursive: true, force: true })
  await rename(join(metadata, bundle), join(quarantine, bundle))
}

/** Takes a bundle back whose item has returned; if that has a new one by now, the old one is of no use. */
export async function reclaimBundle({ metadata, quarantine }: Folders, bundle: string): Promise<void> {
  const old = join(quarantine, bundle)
  try {
    await rename(old, join(metadata, bundle))
  } catch {
    await rm(old, { recursive: true, force: true })
  }
}

export async function deleteQuarantined({ quarantine }: Folders, bundle: string): Promise<void> {
  await rm(join(quarantine, bundle), { recursive: true, force: true })
}
