import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Folders } from './folders'

/** How much must be free on the disk before something is made, in bytes. */
const RESERVE = 16 * 1024 * 1024

/**
 * Lends a task an empty folder for what is not finished. It goes however the work ends; what a killed process left there is gone
 * before the next work begins. It lies beside the bundles, so that what is finished gets into them by a rename.
 */
export async function atWorkbench<Result>(
  { metadata }: Folders,
  task: string,
  work: (bench: string) => Promise<Result>,
): Promise<Result> {
  const bench = join(metadata, `${task}.part`)
  await rm(bench, { recursive: true, force: true })
  await mkdir(bench)
  try {
    return await work(bench)
  } finally {
    await rm(bench, { recursive: true, force: true })
  }
}

/** Rejects when the disk of a folder is about to be full, as the system would a little later. */
export async function expectRoom(folder: string, freeBytes: (folder: string) => Promise<number>): Promise<void> {
  const free = await freeBytes(folder)
  if (free >= RESERVE) return
  const message = `The disk of ${folder} is full: ${free} bytes are left, and ${RESERVE} are needed. What was made before stays.`
  throw Object.assign(new Error(message), { code: 'ENOSPC' })
}
