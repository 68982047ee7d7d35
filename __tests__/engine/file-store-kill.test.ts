import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readMemory } from '../../lib/engine/memory'
import { talker } from '../helpers/processes'
import { tempFolder } from '../helpers/temp-folder'
import { program } from '../helpers/transpiled'

const KILLS = 300
/** Two cores, and each life spends most of its time starting. */
const LANES = 3
/** Characters in the log of each run: the file grows to a few kilobytes, to 200 kB, to a megabyte. */
const LOGS = [0, 5_000, 20_000]

const storeProcess = program('store-process')

/** Chance that is the same in every run of the tests (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The ids of the runs that the file remembers; fails when it cannot be read. */
function rememberedIn(file: string): string[] {
  const reading = readMemory(readFileSync(file, 'utf8'))
  if (reading.kind !== 'memory') throw new Error(`The file is ${JSON.stringify(reading)}`)
  return reading.memory.tasks.T?.runs.map(({ id }) => id) ?? []
}

/** One process that writes for a while and is killed. Returns how many of its saves it had been told of. */
async function live(file: string, chance: () => number, before: string[]): Promise<number> {
  const log = LOGS[Math.floor(chance() * LOGS.length)]
  const writer = talker(process.execPath, storeProcess(), file, 'write', String(log))
  const { open } = await writer.next('open')
  expect(open).toEqual(before.slice(-20))
  await writer.next('saved')
  await new Promise((resolve) => setTimeout(resolve, 1 + chance() * 39))
  await writer.kill()
  await writer.ended
  const saved = writer.told.filter((fact) => 'saved' in fact).map((fact) => fact.saved as string)
  const remembered = rememberedIn(file)
  expect(saved.filter((id) => !remembered.includes(id))).toEqual([])
  return saved.length
}

test(`a process killed at ${KILLS} random moments never leaves a file that cannot be read, nor loses what it was told is saved`, async () => {
  const folder = tempFolder()
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const file = join(folder, `butler-${lane}.json`)
    const chance = seeded(lane + 1)
    let saves = await live(file, chance, [])
    for (let kills = 1; kills < KILLS / LANES; kills += 1) saves += await live(file, chance, rememberedIn(file))
    return saves
  })
  const saves = await Promise.all(lanes)
  const left = readdirSync(folder).filter((name) => name.includes('.lock-'))
  expect(left).toHaveLength(LANES) // Of those killed last: each life cleared away what the one before it left.
  expect(saves.reduce((sum, each) => sum + each)).toBeGreaterThan(KILLS)
}, 180_000)
