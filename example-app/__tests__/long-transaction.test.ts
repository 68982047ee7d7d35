import { spawnSync } from 'node:child_process'
import { programOf } from '../library/long-statement'
import { runLongTransaction, type Step } from '../library/long-transaction'
import { isBeingWritten } from './helpers/being-written'
import { descendantsOf, pidsWith } from './helpers/processes'
import { aLibrary, cleanUp } from './helpers/test-library'
import { until } from './helpers/until'

afterEach(cleanUp)

const { signal } = new AbortController()
const add = (bundle: string): Step => ['INSERT INTO departure (bundle, left_at) VALUES (?, 1)', bundle]
const endless: Step = [
  `DELETE FROM departure WHERE left_at =
     (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n)`,
]

async function aDatabase() {
  const { database } = await aLibrary()
  const bundles = () =>
    database.all<{ bundle: string }>('SELECT bundle FROM departure ORDER BY rowid').map(({ bundle }) => bundle)
  const run = (steps: Iterable<Step>, stop = signal) => runLongTransaction(stop, database.file, steps)
  return { database, bundles, run }
}

test('does all its steps, whatever is in their values', async () => {
  const { bundles, run } = await aDatabase()
  const names = ['one', 'two\nlines', 'a line\u2028and a paragraph\u2029', '"commit"', '🎸', 'x'.repeat(300_000)]
  await run(names.map(add))
  expect(bundles()).toEqual(names)
})

test('takes many steps as it comes to them', async () => {
  const { bundles, run } = await aDatabase()
  function* many() {
    for (let count = 0; count < 5_000; count += 1) yield add(String(count))
  }
  await run(many())
  expect(bundles()).toHaveLength(5_000)
})

test('does nothing of it when a step fails, and says what SQLite said', async () => {
  const { bundles, run } = await aDatabase()
  await expect(run([add('one'), add('one')])).rejects.toThrow('UNIQUE constraint failed: departure.bundle')
  expect(bundles()).toEqual([])
})

test('does nothing of it when the steps cannot all be made', async () => {
  const { bundles, run } = await aDatabase()
  function* half() {
    yield add('one')
    throw new Error('there is no second')
  }
  await expect(run(half())).rejects.toThrow('there is no second')
  expect(bundles()).toEqual([])
  expect(descendantsOf(process.pid)).toEqual([])
})

test('the event loop turns while a step takes for ever, and a stop ends it as if nothing had been', async () => {
  const { database, bundles, run } = await aDatabase()
  const stop = new AbortController()
  const running = run([add('one'), endless], stop.signal)
  await until(() => isBeingWritten(database), running)
  stop.abort(new Error('stop'))
  await expect(running).rejects.toThrow('stop')
  expect(bundles()).toEqual([])
  await run([add('two')])
  expect(bundles()).toEqual(['two'])
})

test('a process that is killed in the middle leaves the database as it was', async () => {
  const { database, bundles, run } = await aDatabase()
  const running = run([add('one'), endless])
  await until(() => isBeingWritten(database), running)
  for (const pid of pidsWith(database.file)) process.kill(pid, 'SIGKILL')
  await expect(running).rejects.toThrow('was ended by SIGKILL')
  expect(bundles()).toEqual([])
})

test('a process that loses the server before the last line changes nothing', async () => {
  const { database, bundles } = await aDatabase()
  const input = `${JSON.stringify(add('one'))}\n`
  const { status, stderr } = spawnSync(process.execPath, [programOf('transaction-process'), database.file], { input })
  expect(status).toBe(1)
  expect(String(stderr)).toContain('nothing was changed')
  expect(bundles()).toEqual([])
})

test('others who write wait their turn meanwhile', async () => {
  const { database, bundles, run } = await aDatabase()
  const steps = function* () {
    for (let count = 0; count < 3_000; count += 1) yield add(String(count))
  }
  const running = run(steps())
  await until(() => isBeingWritten(database), running)
  await database.write(signal, (write) => write(...add('another')))
  await running
  expect(bundles()).toHaveLength(3_001)
})
