import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { newOwner } from '../../lib/engine/lock-owner'
import { type Talker, talker } from '../helpers/processes'
import { tempFolder } from '../helpers/temp-folder'
import { program } from '../helpers/transpiled'

// Starting twenty processes takes its time on a small machine.
jest.setTimeout(120_000)

const storeProcess = program('store-process')

let file: string

beforeEach(() => {
  file = join(tempFolder(), 'butler.json')
})

/** A process that is ready to open the test's file. */
async function candidate(): Promise<Talker> {
  const ready = talker(process.execPath, storeProcess(), file, 'hold')
  await ready.next('ready')
  return ready
}

/** A process that has the test's file open. */
async function owner(): Promise<Talker> {
  const opening = await candidate()
  opening.say('open')
  expect(await opening.next('answer')).toEqual({ answer: 'open' })
  return opening
}

/** Tells a process to open the test's file. */
async function answerOf(opening: Talker) {
  opening.say('open')
  return (await opening.next('answer')) as { answer: string; message?: string }
}

const lockFiles = () => readdirSync(join(file, '..')).filter((name) => name.includes('.lock-'))

/** A lock as a process leaves it that was killed. */
function deadLockLies(generation: number): void {
  writeFileSync(`${file}.lock-${generation}`, JSON.stringify({ ...newOwner(0), incarnation: 'earlier' }))
}

test('a second process is refused with the name of the first, until that closes', async () => {
  const first = await owner()
  const refused = await answerOf(await candidate())
  expect(refused.answer).toBe('BUTLER_STORE_LOCKED')
  expect(refused.message).toContain(`"${file}" is in use by process ${first.pid} on host "${hostname()}" since 20`)
  expect(refused.message).toContain('bullmqQueue')
  first.say('close')
  await first.next('closed')
  expect(lockFiles()).toEqual([])
  await owner()
})

test('a second process takes over at once from one that was killed', async () => {
  const first = await owner()
  await first.kill()
  expect(lockFiles()).toEqual(['butler.json.lock-1'])
  await owner()
  expect(lockFiles()).toEqual(['butler.json.lock-2'])
})

test('a process that stands still keeps what it has', async () => {
  const first = await owner()
  process.kill(first.pid, 'SIGSTOP')
  expect(await answerOf(await candidate())).toMatchObject({ answer: 'BUTLER_STORE_LOCKED' })
  process.kill(first.pid, 'SIGCONT')
  first.say('close')
  await first.next('closed')
})

test.each([
  ['none lies there', []],
  ['a dead lock lies there', [1]],
  ['several dead locks lie there', [1, 2, 9]],
])(
  'of twenty processes that start at once exactly one is the owner: %s',
  async (_what, dead) => {
    const candidates = await Promise.all(Array.from({ length: 20 }, candidate))
    for (const generation of dead) deadLockLies(generation)
    const answers = await Promise.all(candidates.map(answerOf))
    expect(answers.filter(({ answer }) => answer === 'open')).toHaveLength(1)
    expect(answers.filter(({ answer }) => answer === 'BUTLER_STORE_LOCKED')).toHaveLength(19)
    expect(lockFiles()).toEqual([`butler.json.lock-${Math.max(0, ...dead) + 1}`])
  },
  60_000,
)

test('processes that open and close all the time are never two at once, and all get their turn', async () => {
  const contenders = Array.from({ length: 3 }, () => talker(process.execPath, storeProcess(), file, 'contend', '10'))
  for (const contender of contenders) expect(await contender.next('refused')).toEqual({ refused: expect.any(Number) })
  expect(lockFiles()).toEqual([])
})

test('a disk that is full fails the save, says why, keeps what was there, and is forgotten when there is room', async () => {
  // A limit on the size of files stands for the disk: unlike rights, it holds for root too. 16 blocks are 8 or 16 kB.
  const command = `ulimit -f 16; exec "${process.execPath}" "${storeProcess()}" "${file}" fill`
  const filler = talker('sh', '-c', command)
  const failed = await filler.next('failed')
  expect(failed).toMatchObject({
    failed: 'BUTLER_STORE_FAILED',
    cause: 'EFBIG',
    message: expect.stringContaining('ulimit -f'),
  })
  const saved = filler.told.filter((fact) => 'saved' in fact).length
  expect(saved).toBeGreaterThan(10)
  expect(JSON.parse(readFileSync(file, 'utf8')).tasks.T.runs).toHaveLength(saved)
  filler.say('empty')
  await filler.next('closed')
  expect(JSON.parse(readFileSync(file, 'utf8')).tasks).toEqual({})
})
