import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Run } from '../lib/engine/run'
import { talker } from './helpers/processes'
import { tempFolder } from './helpers/temp-folder'
import { transpiled } from './helpers/transpiled'

type Told = Pick<Run, 'id' | 'task' | 'outcome'>

const KILLS = 60
const LANES = 2

let build: string
let program: string

beforeAll(() => {
  build = mkdtempSync(join(tmpdir(), 'express-butler-build-'))
  program = transpiled('butler-process', build)
})

afterAll(() => rmSync(build, { recursive: true, force: true }))

const start = (file: string, act: string) => talker(process.execPath, program, file, act)

/** What the memory holds, as the next Butler finds it. */
async function historyIn(file: string): Promise<Told[]> {
  const reader = start(file, 'tell')
  await reader.next('closed')
  await reader.ended
  return reader.told.flatMap(({ history }) => (history as Told[] | undefined) ?? [])
}

/** Lets a Butler live until `starts` more runs have started, kills it, and looks at what the next one finds. */
async function liveAndDie(file: string, starts: number): Promise<void> {
  const butler = start(file, 'live')
  await butler.next('open')
  await butler.next('ended')
  for (let more = 0; more < starts; more += 1) await butler.next('started')
  await butler.kill()
  await butler.ended
  const remembered = new Map((await historyIn(file)).map((run) => [run.id, run.outcome]))
  expect([...remembered.values()]).not.toContain(null)
  const ended = butler.told.flatMap((fact) => (fact.ended as Told | undefined) ?? [])
  for (const { id, outcome } of ended.slice(-20)) expect(remembered.get(id)).toBe(outcome)
  const endedIds = new Set(ended.map(({ id }) => id))
  const cut = butler.told
    .flatMap((fact) => (fact.started as Told | undefined) ?? [])
    .filter(({ id }) => !endedIds.has(id))
  for (const { id, task } of cut) {
    // A run that was stored as completed just before the kill had no time to tell.
    expect(remembered.get(id)).toMatch(task === 'Endless' ? /^interrupted$/ : /^(interrupted|completed)$/)
  }
  expect(cut.map(({ task }) => task)).toContain('Endless')
}

test('after each kill -9, every run that had started is remembered, those that had ended as they ended, those that were cut as interrupted', async () => {
  const folder = tempFolder()
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    for (let kill = 0; kill < KILLS / LANES; kill += 1) await liveAndDie(join(folder, `butler-${lane}.json`), kill % 7)
  })
  await Promise.all(lanes)
  expect(readdirSync(folder)).toEqual(['butler-0.json', 'butler-1.json'])
}, 120_000)

test('what a task throws outside its promise ends the process, as Node has it, and the run is interrupted', async () => {
  const file = join(tempFolder(), 'butler.json')
  const quietly = 'exec "$0" "$@" 2>/dev/null' // What Node has to say about it is no news here.
  const butler = talker('sh', '-c', quietly, process.execPath, program, file, 'Stray')
  await butler.ended
  expect(await historyIn(file)).toMatchObject([{ task: 'Stray', outcome: 'interrupted' }])
})

test('a process with nothing else to do lives until its Butler has closed, and leaves no lock behind', async () => {
  const folder = tempFolder()
  const butler = start(join(folder, 'butler.json'), 'leave')
  expect(await butler.next('closed')).toEqual({ closed: { left: ['Deaf'] } })
  await butler.ended
  expect(readdirSync(folder)).toEqual(['butler.json'])
})

test('a task that blocks the event loop for three seconds completes, and the Butler goes on', async () => {
  const butler = start(join(tempFolder(), 'butler.json'), 'Block')
  expect(await butler.next('ended')).toMatchObject({ ended: { task: 'Block', outcome: 'completed' } })
  await butler.ended
})
